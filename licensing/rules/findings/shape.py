"""What every finding rule is: a function of facts, scope and time that finds one code, or nothing."""

from collections.abc import Callable
from datetime import datetime

from licensing.rules.facts import LicenseFacts, ValidationScope
from licensing.rules.outcome import Finding

FindingRule = Callable[[LicenseFacts, ValidationScope, datetime], Finding | None]


def has_come(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment <= at
