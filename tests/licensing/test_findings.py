"""Every code that a validation can find, to the microsecond at which it begins or ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from licensing.rules.codes import Code
from licensing.rules.decision import decide
from licensing.rules.facts import ExpiryStrategy, LicenseModel, LicenseStatus, ValidationScope
from licensing.rules.findings import FINDING_RULES
from licensing.rules.terms import Term
from tests.licensing.boundaries import ALWAYS_FOUND, NEVER_FOUND, Boundary, from_on, up_to
from tests.licensing.boundaries_of_amounts import AMOUNTS
from tests.licensing.boundaries_of_clients import CLIENTS
from tests.licensing.cases import (
    A_MICROSECOND,
    ANYTHING,
    CREATED,
    EDITOR,
    ENDS_NOW,
    FAR_AWAY,
    FIRST_ACTIVATION,
    FIRST_USE,
    FLOATING,
    FOR_KIM,
    IN_NORWAY,
    LONG_AGO,
    MAINTAINED,
    NOW,
    PERPETUAL,
    RANGED,
    RENDER,
    TRIAL,
    V24,
    WITH_GRACE,
    codes,
)


def utc(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


BOUNDARIES: dict[str, Boundary] = {
    "licence revoked": Boundary(
        Code.REVOKED, replace(PERPETUAL, status=LicenseStatus.REVOKED), ANYTHING, **ALWAYS_FOUND
    ),
    "key revoked": Boundary(Code.REVOKED, replace(PERPETUAL, key_revoked_at=NOW), ANYTHING, **from_on(NOW)),
    "party barred": Boundary(Code.BANNED, replace(PERPETUAL, party_barred_at=NOW), ANYTHING, **from_on(NOW)),
    "suspended": Boundary(Code.SUSPENDED, replace(PERPETUAL, status=LicenseStatus.SUSPENDED), ANYTHING, **ALWAYS_FOUND),
    "not suspended": Boundary(Code.SUSPENDED, PERPETUAL, ANYTHING, **NEVER_FOUND),
    "draft": Boundary(Code.NOT_YET_EFFECTIVE, replace(PERPETUAL, status=LicenseStatus.DRAFT), ANYTHING, **ALWAYS_FOUND),
    "first day": Boundary(Code.NOT_YET_EFFECTIVE, replace(PERPETUAL, valid_from=NOW), ANYTHING, **up_to(NOW)),
    "subscription": Boundary(Code.EXPIRED, ENDS_NOW, ANYTHING, **from_on(NOW)),
    "subscription, access revoked": Boundary(
        Code.EXPIRED, replace(ENDS_NOW, expiry_strategy=ExpiryStrategy.REVOKE), ANYTHING, **from_on(NOW)
    ),
    "subscription, maintained": Boundary(
        Code.EXPIRED, replace(ENDS_NOW, expiry_strategy=ExpiryStrategy.MAINTAIN), ANYTHING, **NEVER_FOUND
    ),
    "subscription, allowed": Boundary(
        Code.EXPIRED, replace(ENDS_NOW, expiry_strategy=ExpiryStrategy.ALLOW), ANYTHING, **NEVER_FOUND
    ),
    "after grace": Boundary(Code.EXPIRED, WITH_GRACE, ANYTHING, **from_on(NOW + timedelta(days=7))),
    "grace that ended before the term": Boundary(
        Code.EXPIRED, replace(ENDS_NOW, grace_until=NOW - timedelta(days=7)), ANYTHING, **from_on(NOW)
    ),
    "grace of no length": Boundary(Code.EXPIRED, replace(ENDS_NOW, grace_until=NOW), ANYTHING, **from_on(NOW)),
    "perpetual": Boundary(Code.EXPIRED, replace(PERPETUAL, expires_at=NOW), ANYTHING, **NEVER_FOUND),
    "trial from creation": Boundary(Code.EXPIRED, TRIAL, ANYTHING, **from_on(CREATED + timedelta(days=30))),
    "trial of a month": Boundary(
        Code.EXPIRED,
        replace(TRIAL, created_at=datetime(2025, 1, 31, tzinfo=UTC), duration=Term(months=1)),
        ANYTHING,
        **from_on(datetime(2025, 2, 28, tzinfo=UTC)),
    ),
    "trial, stored end wins": Boundary(Code.EXPIRED, replace(TRIAL, expires_at=NOW), ANYTHING, **from_on(NOW)),
    "trial never validated": Boundary(Code.EXPIRED, FIRST_USE, ANYTHING, **NEVER_FOUND),
    "trial from first validation": Boundary(
        Code.EXPIRED, replace(FIRST_USE, first_validated_at=NOW), ANYTHING, **from_on(NOW + timedelta(days=30))
    ),
    "trial never activated": Boundary(Code.EXPIRED, FIRST_ACTIVATION, ANYTHING, **NEVER_FOUND),
    "trial from first activation": Boundary(
        Code.EXPIRED, replace(FIRST_ACTIVATION, first_activated_at=NOW), ANYTHING, **from_on(NOW + timedelta(days=30))
    ),
    "another product": Boundary(Code.PRODUCT_MISMATCH, PERPETUAL, ValidationScope(product="PDM"), **ALWAYS_FOUND),
    "the product by code": Boundary(Code.PRODUCT_MISMATCH, PERPETUAL, ValidationScope(product="CAD"), **NEVER_FOUND),
    "the product by id": Boundary(Code.PRODUCT_MISMATCH, PERPETUAL, ValidationScope(product="7f3a"), **NEVER_FOUND),
    "no product stated": Boundary(Code.PRODUCT_MISMATCH, PERPETUAL, ANYTHING, **NEVER_FOUND),
    "country outside": Boundary(Code.COUNTRY_DENIED, IN_NORWAY, ValidationScope(country="DE"), **ALWAYS_FOUND),
    "country inside": Boundary(Code.COUNTRY_DENIED, IN_NORWAY, ValidationScope(country="no"), **NEVER_FOUND),
    "country unknown": Boundary(Code.COUNTRY_DENIED, IN_NORWAY, ANYTHING, **NEVER_FOUND),
    "sold everywhere": Boundary(Code.COUNTRY_DENIED, PERPETUAL, ValidationScope(country="DE"), **NEVER_FOUND),
    "sold nowhere": Boundary(
        Code.COUNTRY_DENIED, replace(PERPETUAL, territories=frozenset()), ValidationScope(country="NO"), **ALWAYS_FOUND
    ),
    "feature not carried": Boundary(
        Code.FEATURE_MISSING, EDITOR, ValidationScope(features=frozenset({"editor", "render"})), **ALWAYS_FOUND
    ),
    "feature carried": Boundary(
        Code.FEATURE_MISSING, EDITOR, ValidationScope(features=frozenset({"editor"})), **NEVER_FOUND
    ),
    "feature ends": Boundary(
        Code.FEATURE_MISSING, RENDER, ValidationScope(features=frozenset({"render"})), **from_on(NOW)
    ),
    "feature begins": Boundary(
        Code.FEATURE_MISSING, RENDER, ValidationScope(features=frozenset({"render"})), **up_to(CREATED)
    ),
    "version outside": Boundary(Code.VERSION_OUT_OF_RANGE, RANGED, ValidationScope(version="3.0.0"), **ALWAYS_FOUND),
    "version unreadable": Boundary(
        Code.VERSION_OUT_OF_RANGE, RANGED, ValidationScope(version="latest"), **ALWAYS_FOUND
    ),
    "version inside": Boundary(Code.VERSION_OUT_OF_RANGE, RANGED, V24, **NEVER_FOUND),
    "version not stated": Boundary(Code.VERSION_OUT_OF_RANGE, RANGED, ANYTHING, **NEVER_FOUND),
    "no range": Boundary(Code.VERSION_OUT_OF_RANGE, PERPETUAL, ValidationScope(version="latest"), **NEVER_FOUND),
    "published at the last instant": Boundary(
        Code.MAINTENANCE_LAPSED, replace(MAINTAINED, released_at=NOW), V24, **NEVER_FOUND
    ),
    "published after maintenance": Boundary(
        Code.MAINTENANCE_LAPSED, replace(MAINTAINED, released_at=NOW + A_MICROSECOND), V24, **ALWAYS_FOUND
    ),
    "publication unknown": Boundary(Code.MAINTENANCE_LAPSED, MAINTAINED, V24, **NEVER_FOUND),
    "no maintenance limit": Boundary(
        Code.MAINTENANCE_LAPSED, replace(PERPETUAL, released_at=FAR_AWAY), V24, **NEVER_FOUND
    ),
    "published after an end that is outlived": Boundary(
        Code.MAINTENANCE_LAPSED,
        replace(ENDS_NOW, expiry_strategy=ExpiryStrategy.MAINTAIN, released_at=NOW + A_MICROSECOND),
        V24,
        **from_on(NOW),
    ),
    "published before an end that is outlived": Boundary(
        Code.MAINTENANCE_LAPSED,
        replace(ENDS_NOW, expiry_strategy=ExpiryStrategy.MAINTAIN, released_at=NOW - A_MICROSECOND),
        V24,
        **NEVER_FOUND,
    ),
    "every release allowed for ever": Boundary(
        Code.MAINTENANCE_LAPSED,
        replace(ENDS_NOW, expiry_strategy=ExpiryStrategy.ALLOW, released_at=FAR_AWAY),
        V24,
        **NEVER_FOUND,
    ),
    "paused": Boundary(Code.PAUSED, replace(PERPETUAL, paused_at=NOW), ANYTHING, **from_on(NOW)),
    "paused before its end": Boundary(
        Code.PAUSED,
        replace(ENDS_NOW, paused_at=NOW - A_MICROSECOND),
        ANYTHING,
        found=(NOW - A_MICROSECOND, NOW, FAR_AWAY),
        absent=(NOW - 2 * A_MICROSECOND,),
    ),
    "yanked": Boundary(Code.RELEASE_YANKED, replace(PERPETUAL, release_yanked_at=NOW), V24, **from_on(NOW)),
    "yanked, version not stated": Boundary(
        Code.RELEASE_YANKED, replace(PERPETUAL, release_yanked_at=LONG_AGO), ANYTHING, **NEVER_FOUND
    ),
    "no lease": Boundary(Code.CHECKOUT_REQUIRED, FLOATING, ANYTHING, **ALWAYS_FOUND),
    "a lease that holds no seat": Boundary(
        Code.CHECKOUT_REQUIRED, FLOATING, ValidationScope(lease="l-1"), **ALWAYS_FOUND
    ),
    "a live lease": Boundary(
        Code.CHECKOUT_REQUIRED, replace(FLOATING, lease_live=True), ValidationScope(lease="l-1"), **NEVER_FOUND
    ),
    "another user": Boundary(Code.USER_MISMATCH, FOR_KIM, ValidationScope(user="lee"), **ALWAYS_FOUND),
    "the user": Boundary(Code.USER_MISMATCH, FOR_KIM, ValidationScope(user="kim"), **NEVER_FOUND),
    "the user under an older pepper": Boundary(
        Code.USER_MISMATCH, FOR_KIM, ValidationScope(user="new", older={"new": frozenset({"kim"})}), **NEVER_FOUND
    ),
    "user not stated": Boundary(Code.USER_MISMATCH, FOR_KIM, ANYTHING, **NEVER_FOUND),
    "for anybody": Boundary(Code.USER_MISMATCH, PERPETUAL, ValidationScope(user="lee"), **NEVER_FOUND),
    "for nobody": Boundary(
        Code.USER_MISMATCH, replace(PERPETUAL, users=frozenset()), ValidationScope(user="kim"), **ALWAYS_FOUND
    ),
    **CLIENTS,
    **AMOUNTS,
}


@pytest.mark.parametrize("name", BOUNDARIES)
def test_each_code_at_its_exact_boundary(name: str) -> None:
    """The code is the only finding at every instant where it belongs, and nothing is found where it does not."""
    row = BOUNDARIES[name]
    for at in row.found:
        decision = decide(row.facts, row.scope, at)
        assert (decision.valid, decision.code, codes(row.facts, row.scope, at)) == (False, row.code, [row.code]), at
    for at in row.absent:
        decision = decide(row.facts, row.scope, at)
        assert (decision.valid, decision.code, decision.findings) == (True, Code.VALID, ()), at


def test_every_code_has_a_row() -> None:
    """No code can be added without a row that shows it found and a row in which it is not."""
    judged = set(Code) - {Code.NOT_FOUND, Code.VALID}
    assert {row.code for row in BOUNDARIES.values() if row.found} == judged
    assert {row.code for row in BOUNDARIES.values() if row.absent} == judged


def test_every_code_has_the_rule_of_its_name() -> None:
    """Each rule finds one code and is called like it, so that an explanation can name the rule."""
    assert [rule.__name__.upper() for rule in FINDING_RULES] == list(Code)[1:-1]


CALENDAR: dict[str, tuple[datetime, Term, datetime]] = {
    "month end, common year": (utc(2025, 1, 31), Term(months=1), utc(2025, 2, 28)),
    "month end, leap year": (utc(2024, 1, 31), Term(months=1), utc(2024, 2, 29)),
    "thirty days after thirty-one": (utc(2025, 3, 31), Term(months=1), utc(2025, 4, 30)),
    "a year from 29 February": (utc(2024, 2, 29), Term(months=12), utc(2025, 2, 28)),
    "four years from 29 February": (utc(2024, 2, 29), Term(months=48), utc(2028, 2, 29)),
    # Berlin changes to summer time on 30 March 2025: a day is 24 hours, whatever the clocks on the wall show.
    "a day over the change to summer time": (
        datetime(2025, 3, 29, 12, tzinfo=ZoneInfo("Europe/Berlin")), Term(days=1), utc(2025, 3, 30, 11)
    ),
    "a day over the change to winter time": (
        datetime(2025, 10, 25, 12, tzinfo=ZoneInfo("Europe/Berlin")), Term(days=1), utc(2025, 10, 26, 10)
    ),
    # 1 March on Kiritimati is still 28 February in UTC, in which months are counted.
    "UTC+14": (
        datetime(2025, 3, 1, 8, tzinfo=timezone(timedelta(hours=14))), Term(months=1), utc(2025, 3, 28, 18)
    ),
    "UTC-12": (
        datetime(2025, 1, 30, 20, tzinfo=timezone(timedelta(hours=-12))), Term(months=1), utc(2025, 2, 28, 8)
    ),
}  # fmt: skip


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=14)), ZoneInfo("Europe/Berlin")], ids=str)
@pytest.mark.parametrize("name", CALENDAR)
def test_the_calendar_decides_to_the_microsecond(name: str, zone: tzinfo) -> None:
    """A term ends at its instant, in whichever zone it began and whichever zone the question's time is in."""
    start, term, end = CALENDAR[name]
    facts = replace(TRIAL, created_at=start, duration=term)
    found = [codes(facts, ANYTHING, (end + step * A_MICROSECOND).astimezone(zone)) for step in (-1, 0, 1)]
    assert found == [[], [Code.EXPIRED], [Code.EXPIRED]]


def test_a_term_that_outlasts_the_calendar_has_no_end() -> None:
    """A first question late in the calendar is answered; the term ends after the year 9999, and so never."""
    facts = replace(FIRST_USE, duration=Term(months=12 * 9000))
    assert decide(facts, ANYTHING, NOW).valid
    assert decide(replace(TRIAL, duration=Term(days=10**9)), ANYTHING, NOW).valid


TERMED = (
    LicenseModel.SUBSCRIPTION,
    LicenseModel.TRIAL,
    LicenseModel.FLOATING,
    LicenseModel.NODE_LOCKED,
    LicenseModel.SITE,
)


@pytest.mark.parametrize("model", TERMED)
def test_a_model_with_an_end_ends_with_it_and_one_without_does_not(model: LicenseModel) -> None:
    """Of the six models only perpetual is without an end whatever is stored."""
    ends = replace(ENDS_NOW, model=model)
    assert (codes(ends, ANYTHING, NOW - A_MICROSECOND), codes(ends, ANYTHING, NOW)) == ([], [Code.EXPIRED])
    counted = replace(ends, expires_at=None, duration=Term(days=1), created_at=NOW - timedelta(days=1))
    assert (codes(counted, ANYTHING, NOW - A_MICROSECOND), codes(counted, ANYTHING, NOW)) == ([], [Code.EXPIRED])
    assert codes(replace(ends, expires_at=None), ANYTHING, FAR_AWAY) == []


def test_the_table_fires_every_rule() -> None:
    """No rule can be added without a row that shows it fire."""
    fired = {
        rule
        for rule in FINDING_RULES
        for row in BOUNDARIES.values()
        for at in row.found
        if rule(row.facts, row.scope, at) is not None
    }
    assert fired == set(FINDING_RULES)
