"""Rows of the tables that say at which instants a code is found."""

from datetime import datetime
from typing import NamedTuple, TypedDict

from licensing.rules.codes import Code
from licensing.rules.facts import LicenseFacts, ValidationScope
from tests.licensing.cases import A_MICROSECOND, FAR_AWAY, LONG_AGO, NOW


class When(TypedDict):
    """The instants of a Boundary."""

    found: tuple[datetime, ...]
    absent: tuple[datetime, ...]


class Boundary(NamedTuple):
    """`code` is found at each instant of `found` and not at those of `absent`."""

    code: Code
    facts: LicenseFacts
    scope: ValidationScope
    found: tuple[datetime, ...]
    absent: tuple[datetime, ...]


def from_on(moment: datetime) -> When:
    """Found at the moment and after it, not one microsecond before."""
    return {"found": (moment, moment + A_MICROSECOND), "absent": (moment - A_MICROSECOND,)}


def up_to(moment: datetime) -> When:
    """Found up to one microsecond before the moment, not at it."""
    return {"found": (moment - A_MICROSECOND,), "absent": (moment, moment + A_MICROSECOND)}


ALWAYS_FOUND: When = {"found": (LONG_AGO, NOW, FAR_AWAY - A_MICROSECOND), "absent": ()}
NEVER_FOUND: When = {"found": (), "absent": (LONG_AGO, NOW, FAR_AWAY - A_MICROSECOND)}
