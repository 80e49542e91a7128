"""The fate of a leaver's seats: hold before stop before grace, and the usual safety limit."""

from datetime import timedelta

import pytest

from seats.rules.leaving import Fate, LeavingFacts, Verdict, fate_of, safety_limit
from tests.factories.moments import NOW


def facts(**given) -> LeavingFacts:
    values = {"left_at": NOW, "legal_hold": False, "grace_days": 0, "leavers": 1, "people": 100, **given}
    return LeavingFacts(**values)


@pytest.mark.parametrize(
    ("people", "limit"), [(0, 10), (99, 10), (100, 10), (109, 10), (110, 11), (200, 20), (500, 50), (2400, 50)]
)
def test_the_usual_limit_is_the_smaller_of_50_and_a_tenth_but_at_least_10(people, limit):
    """The default of the design, at its edges."""
    assert safety_limit(people=people) == limit


def test_what_the_organisation_set_counts_instead():
    """Higher or lower than the usual one."""
    assert (safety_limit(people=10, fixed=3), safety_limit(people=10, fixed=500)) == (3, 500)


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ({}, Verdict(Fate.RELEASED)),
        ({"leavers": 10}, Verdict(Fate.RELEASED)),
        ({"leavers": 11}, Verdict(Fate.STOPPED)),
        ({"leavers": 11, "fixed_limit": 11}, Verdict(Fate.RELEASED)),
        ({"leavers": 11, "confirmed": True}, Verdict(Fate.RELEASED)),
        ({"leavers": 11, "legal_hold": True}, Verdict(Fate.HELD)),
        ({"grace_days": 7}, Verdict(Fate.GRACE, NOW + timedelta(days=7))),
        ({"grace_days": 7, "left_at": NOW - timedelta(days=7)}, Verdict(Fate.RELEASED)),
        ({"grace_days": 7, "leavers": 11}, Verdict(Fate.STOPPED)),
        ({"grace_days": 7, "legal_hold": True}, Verdict(Fate.HELD)),
    ],
)
def test_hold_comes_before_stop_and_stop_before_grace(given, verdict):
    """Each combination has one fate."""
    assert fate_of(facts(**given), at=NOW) == verdict
