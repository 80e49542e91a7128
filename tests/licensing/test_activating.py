"""Rules of places on machines: limits with overage, scopes, transfers, silence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.rules.activating import (
    EndedPlace,
    admits_machines,
    place_taken_over,
    scope_key,
    with_finding,
    year_start,
)
from licensing.rules.allowances import Overage, OverageKind
from licensing.rules.amounts import ceiling
from licensing.rules.codes import Code, severity
from licensing.rules.decision import decide
from licensing.rules.digests import Pepper
from licensing.rules.facts import ExpiryStrategy, ValidationScope
from licensing.rules.heartbeats import is_lost, is_silent, lost_at, silent_at
from licensing.rules.machines import HeartbeatRule, LiveActivation, MachineTerms, Resurrection, UniquenessScope
from licensing.rules.outcome import Finding
from licensing.rules.statements import StatedMachine, machine_digests
from tests.licensing.cases import A_MICROSECOND, ANYTHING, ENDS_NOW, NOW, PERPETUAL, SUBSCRIPTION, WITH_GRACE

OVERAGES = st.builds(
    Overage,
    kind=st.sampled_from(OverageKind),
    amount=st.integers(1, 300),
    until=st.sampled_from([None, NOW - A_MICROSECOND, NOW, NOW + A_MICROSECOND]),
)


@pytest.mark.parametrize(
    ("limit", "overage", "most"),
    [
        (None, Overage(kind=OverageKind.ABSOLUTE, amount=5), None),
        (0, Overage(), 0),
        (0, Overage(kind=OverageKind.PERCENT, amount=300), 0),
        (0, Overage(kind=OverageKind.ABSOLUTE, amount=1), 0),
        (10, Overage(kind=OverageKind.ABSOLUTE, amount=3), 13),
        (10, Overage(kind=OverageKind.PERCENT, amount=19), 11),
        (10, Overage(kind=OverageKind.PERCENT, amount=20), 12),
        (3, Overage(kind=OverageKind.PERCENT, amount=33), 3),
        (10, Overage(kind=OverageKind.ABSOLUTE, amount=3, until=NOW), 10),
        (10, Overage(kind=OverageKind.ABSOLUTE, amount=3, until=NOW + A_MICROSECOND), 13),
    ],
)
def test_how_many_may_exist(limit: int | None, overage: Overage, most: int | None) -> None:
    """Percentages are rounded down; an overage holds strictly before its end; no limit stays none, 0 admits none."""
    assert ceiling(limit=limit, overage=overage, at=NOW) == most


@given(st.integers(0, 10**9), OVERAGES, st.integers(0, 10**9))
def test_an_overage_only_adds(limit: int, overage: Overage, used: int) -> None:
    """Never below the limit, whatever is taken, and the limit itself once the overage has ended."""
    most = ceiling(limit=limit, overage=overage, at=NOW)
    assert most is not None
    assert most >= limit
    if overage.until is not None and overage.until <= NOW:
        assert most == limit


@pytest.mark.parametrize(
    ("scope", "key"),
    [
        (UniquenessScope.LICENSE, "license:l"),
        (UniquenessScope.TYPE, "type:cad-pro"),
        (UniquenessScope.PRODUCT, "product:p"),
        (UniquenessScope.ORGANIZATION, "organization"),
    ],
)
def test_the_scope_of_uniqueness_is_a_text(scope: UniquenessScope, key: str) -> None:
    """A licence type is meant in all its versions: its code, not the row."""
    assert scope_key(scope=scope, license_id="l", type_code="cad-pro", product_id="p") == key


@pytest.mark.parametrize(
    ("at", "start"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
        (datetime.fromisoformat("2027-01-01T13:59:00+14:00"), datetime(2026, 1, 1, tzinfo=UTC)),
        (datetime.fromisoformat("2026-12-31T13:00:00-12:00"), datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_the_year_of_transfers_is_that_of_utc(at: datetime, start: datetime) -> None:
    """Wherever the clock stands, the calendar of UTC counts."""
    assert year_start(at) == start


def ended(fingerprint: str, day: int) -> EndedPlace:
    return EndedPlace(id=UUID(int=day), fingerprint=fingerprint, ended_at=NOW + timedelta(days=day))


@pytest.mark.parametrize(
    ("machine", "given_up", "taken"),
    [
        (["c"], [], None),
        (["c"], [ended("b", 2), ended("a", 1)], 1),
        (["b"], [ended("a", 1), ended("b", 2)], 2),
        (["new", "old"], [ended("a", 1), ended("old", 3)], 3),
        (["b"], [ended("b", 4), ended("b", 3)], 3),
    ],
)
def test_the_own_place_first_then_the_oldest(machine: list[str], given_up: list[EndedPlace], taken: int | None) -> None:
    """A machine returns to what it gave up itself, under whatever pepper; another one takes the oldest."""
    found = place_taken_over(fingerprints=machine, given_up=given_up)
    assert (None if found is None else found.id.int) == taken


def test_only_allow_takes_machines_after_the_end() -> None:
    """Before the end and in grace all do; at the very end only the strategy `allow`."""
    assert admits_machines(SUBSCRIPTION, NOW)
    assert admits_machines(WITH_GRACE, NOW)
    assert admits_machines(ENDS_NOW, NOW - A_MICROSECOND)
    admitting = [one for one in ExpiryStrategy if admits_machines(replace(ENDS_NOW, expiry_strategy=one), NOW)]
    assert admitting == [ExpiryStrategy.ALLOW]


@given(st.lists(st.sampled_from([code for code in Code if code is not Code.VALID]), max_size=6))
def test_an_added_finding_keeps_the_order_and_is_there_once(codes: list[Code]) -> None:
    """However many are added: invalid, most severe first, no code twice, no obligations."""
    decision = decide(PERPETUAL, ANYTHING, NOW)
    for code in codes:
        decision = with_finding(decision, Finding(code, "fact"))
    assert [one.code for one in decision.findings] == sorted(set(codes), key=severity)
    assert decision.valid == (not codes)
    assert decision.code is (min(codes, key=severity) if codes else Code.VALID)


ACTIVE = LiveActivation(fingerprint="f", created_at=NOW)
PINGED = replace(ACTIVE, first_ping_at=NOW + timedelta(minutes=1), last_ping_at=NOW + timedelta(minutes=5))
TEN = timedelta(minutes=10)


@pytest.mark.parametrize(
    ("heartbeat", "activation", "silent"),
    [
        (HeartbeatRule.OFF, PINGED, None),
        (HeartbeatRule.FROM_CREATION, ACTIVE, NOW + TEN),
        (HeartbeatRule.FROM_CREATION, PINGED, NOW + timedelta(minutes=15)),
        (HeartbeatRule.FROM_FIRST_PING, ACTIVE, None),
        (HeartbeatRule.FROM_FIRST_PING, PINGED, NOW + timedelta(minutes=15)),
    ],
)
def test_when_a_heartbeat_runs_out(
    heartbeat: HeartbeatRule, activation: LiveActivation, silent: datetime | None
) -> None:
    """From the activation or the last ping on; alive a microsecond before, silent at the very instant."""
    terms = MachineTerms(heartbeat=heartbeat)
    assert silent_at(terms, activation) == silent
    if silent is not None:
        assert not is_silent(terms, activation, silent - A_MICROSECOND)
        assert is_silent(terms, activation, silent)


@pytest.mark.parametrize(
    ("resurrection", "minutes"),
    [
        (Resurrection.NEVER, 0),
        (Resurrection.MINUTE, 1),
        (Resurrection.TWO_MINUTES, 2),
        (Resurrection.FIVE_MINUTES, 5),
        (Resurrection.TEN_MINUTES, 10),
        (Resurrection.FIFTEEN_MINUTES, 15),
        (Resurrection.ALWAYS, None),
    ],
)
def test_until_when_a_silent_machine_comes_back(resurrection: Resurrection, minutes: int | None) -> None:
    """Each strategy at its boundary; `always` is never lost."""
    terms = MachineTerms(heartbeat=HeartbeatRule.FROM_CREATION, resurrection=resurrection)
    expected = None if minutes is None else NOW + TEN + timedelta(minutes=minutes)
    assert lost_at(terms, ACTIVE) == expected
    if expected is not None:
        assert not is_lost(terms, ACTIVE, expected - A_MICROSECOND)
        assert is_lost(terms, ACTIVE, expected)
    assert not is_lost(MachineTerms(resurrection=resurrection), ACTIVE, NOW + timedelta(days=9_999))


def test_a_machine_is_compared_under_the_pepper_of_its_row() -> None:
    """All fingerprints are asked for; components are those of one pepper, the newest for a row of a retired one."""
    peppers = [Pepper(1, bytes(32)), Pepper(2, b"\1" * 32)]
    machine = StatedMachine(
        spellings=machine_digests(fingerprint="f", components={"cpu": "x"}, peppers=peppers), country="NO"
    )
    assert [one.pepper_version for one in machine.spellings] == [2, 1]
    old, new = (machine.asked(ValidationScope(), pepper_version=version) for version in (1, 2))
    assert old.fingerprints == new.fingerprints == machine.fingerprints
    assert old.components != new.components
    assert machine.asked(ValidationScope(), pepper_version=9).components == new.components
    assert machine.asked(ValidationScope(country="SE")).country == "NO"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50)), max_size=8), st.sampled_from("abcd"))
def test_a_place_that_is_taken_over_was_given_up(places: list[tuple[str, int]], machine: str) -> None:
    """One of those that are there, and never another's while the machine has one of its own."""
    given_up = [EndedPlace(id=uuid4(), fingerprint=f, ended_at=NOW + timedelta(days=day)) for f, day in places]
    taken = place_taken_over(fingerprints=[machine], given_up=given_up)
    assert (taken is None) == (not given_up)
    if taken is not None:
        assert taken in given_up
        assert taken.fingerprint == machine or machine not in {one.fingerprint for one in given_up}
