"""The outbox: at least once, in order, with back-off, dead letters and leases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from jobs.models import OutboxMessage, OutboxState
from jobs.operations import enqueue, relay, retry_message
from jobs.operations.outbox import LEASE, _claim
from jobs.ports import DeliveryFailed, Payload, bindings
from jobs.rules.backoff import LONGEST, MOST_ATTEMPTS, delay
from kernel.clock import FixedClock
from tests.factories.tenants import Tenant, tenant

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def one() -> Tenant:
    return tenant()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


class Receiver:
    """A channel that notes what it got, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.fails: dict[str, Exception] = {}
        self.during: Callable[[], None] = lambda: None

    def __call__(self, payload: Payload) -> None:
        self.got.append(payload["name"])
        self.during()
        if payload["name"] in self.fails:
            raise self.fails[payload["name"]]


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    receiver = Receiver()
    monkeypatch.setattr(bindings, "channels", {"test": receiver})
    return receiver


def put(one: Tenant, clock: FixedClock, *names: str, order: str = "", channel: str = "test") -> None:
    with one.reading():
        for name in names:
            enqueue(
                organization_id=one.organization.id,
                channel=channel,
                payload={"name": name},
                dedupe_key=name,
                order_key=order or name,
                now=clock.now(),
            )
            clock.advance(timedelta(microseconds=1))


def carry(one: Tenant, clock: FixedClock) -> int:
    return relay(organization_id=one.organization.id, clock=clock)


def message(one: Tenant, name: str) -> OutboxMessage:
    with one.reading():
        return OutboxMessage.objects.get(dedupe_key=name)


@pytest.mark.django_db
def test_a_message_is_delivered_once(one: Tenant, clock: FixedClock, receiver: Receiver) -> None:
    """What was sent is marked with the time and not sent again."""
    put(one, clock, "a")
    assert (carry(one, clock), carry(one, clock)) == (1, 0)
    assert receiver.got == ["a"]
    row = message(one, "a")
    assert (row.state, row.sent_at, row.attempts, row.leased_until) == (OutboxState.SENT, clock.now(), 1, None)


@pytest.mark.django_db
def test_enqueueing_twice_is_one_message(one: Tenant, clock: FixedClock, receiver: Receiver) -> None:
    """The same dedupe key changes nothing, also after it was sent."""
    put(one, clock, "a", "a")
    carry(one, clock)
    put(one, clock, "a")
    carry(one, clock)
    assert receiver.got == ["a"]


@pytest.mark.django_db
def test_a_rollback_takes_the_message_with_it(one: Tenant, clock: FixedClock, receiver: Receiver) -> None:
    """An effect belongs to the transaction of its change: without the change there is no effect."""
    with pytest.raises(ZeroDivisionError), one.writing():
        enqueue(organization_id=one.organization.id, channel="test", payload={}, dedupe_key="a", order_key="a", now=NOW)
        raise ZeroDivisionError
    assert carry(one, clock) == 0


@pytest.mark.django_db
def test_order_is_kept_within_a_key(one: Tenant, clock: FixedClock, receiver: Receiver) -> None:
    """Messages of one destination leave in the order in which they came, all in one run of the relay."""
    put(one, clock, "a1", "a2", "a3", order="a")
    put(one, clock, "b1", order="b")
    assert carry(one, clock) == 4
    assert [name for name in receiver.got if name.startswith("a")] == ["a1", "a2", "a3"]


@pytest.mark.django_db
def test_a_failure_holds_back_its_own_destination_alone(one: Tenant, clock: FixedClock, receiver: Receiver) -> None:
    """While the first message of a destination waits for its next attempt, later ones wait too; others leave."""
    receiver.fails["a1"] = DeliveryFailed("receiver is down")
    put(one, clock, "a1", "a2", order="a")
    put(one, clock, "b1", order="b")
    assert carry(one, clock) == 1
    assert receiver.got == ["a1", "b1"]
    row = message(one, "a1")
    assert (row.state, row.attempts, row.leased_until) == (OutboxState.WAITING, 1, None)
    assert row.last_error == "DeliveryFailed: receiver is down"
    assert carry(one, clock) == 0
    receiver.fails.clear()
    clock.set(row.next_at)
    assert carry(one, clock) == 2
    assert receiver.got == ["a1", "b1", "a1", "a2"]


@pytest.mark.django_db
def test_it_is_given_up_after_the_last_attempt(one: Tenant, clock: FixedClock, receiver: Receiver) -> None:
    """After eight attempts a message is dead, is tried no more and no longer holds back what came after it."""
    receiver.fails["a1"] = OSError("unreachable")
    put(one, clock, "a1", "a2", order="a")
    for _ in range(MOST_ATTEMPTS + 2):
        carry(one, clock)
        clock.advance(LONGEST * 2)
    assert receiver.got == ["a1"] * MOST_ATTEMPTS + ["a2"]
    assert message(one, "a1").state == OutboxState.DEAD


@pytest.mark.django_db
def test_retrying_a_dead_message(one: Tenant, clock: FixedClock, receiver: Receiver) -> None:
    """Somebody may put a dead message back: it is tried at once, with all attempts ahead of it, and the ledger says who
    did it. One that was sent stays sent."""
    receiver.fails["a"] = DeliveryFailed("no")
    put(one, clock, "a")
    with one.reading():
        OutboxMessage.objects.update(attempts=MOST_ATTEMPTS - 1)
    carry(one, clock)
    assert message(one, "a").state == OutboxState.DEAD
    receiver.fails.clear()
    dead = message(one, "a").id
    with one.writing() as opened:
        assert retry_message(message_id=dead, trail=opened)
    row = message(one, "a")
    assert (row.state, row.attempts) == (OutboxState.WAITING, 0)
    clock.set(row.next_at)
    assert carry(one, clock) == 1
    with one.writing() as opened:
        assert not retry_message(message_id=row.id, trail=opened)


@pytest.mark.django_db
def test_an_unknown_channel_is_a_failure(one: Tenant, clock: FixedClock, receiver: Receiver) -> None:
    """A message for a channel that this installation lacks waits and says so."""
    put(one, clock, "a", channel="pigeon")
    assert carry(one, clock) == 0
    assert message(one, "a").last_error == "no channel is called pigeon"


@pytest.mark.django_db
def test_an_unforeseen_error_costs_an_attempt_and_stops_nobody(
    one: Tenant, clock: FixedClock, receiver: Receiver
) -> None:
    """A message that breaks its channel is counted and put back; those after it are delivered in the same run, and the
    error still reaches the log."""
    receiver.fails["a"] = KeyError("to")
    put(one, clock, "a", "b", "c")
    with pytest.raises(KeyError):
        carry(one, clock)
    assert receiver.got == ["a", "b", "c"]
    row = message(one, "a")
    assert (row.state, row.attempts, row.leased_until) == (OutboxState.WAITING, 1, None)
    assert row.next_at > clock.now()
    assert {message(one, name).state for name in "bc"} == {OutboxState.SENT}


@pytest.mark.django_db
def test_a_lease_keeps_others_away_until_it_ends(one: Tenant, clock: FixedClock, receiver: Receiver) -> None:
    """A relay that died after it had claimed a message leaves a lease; when it has ended, another one delivers."""
    put(one, clock, "a1", "a2", order="a")
    with one.reading(), transaction.atomic():
        assert [row.dedupe_key for row in _claim(clock.now())] == ["a1"]
    assert carry(one, clock) == 0
    clock.advance(LEASE)
    assert carry(one, clock) == 2
    assert receiver.got == ["a1", "a2"]


@pytest.mark.django_db
def test_a_slow_relay_does_not_deliver_what_another_one_took(
    one: Tenant, clock: FixedClock, receiver: Receiver
) -> None:
    """When the delivery of one message takes so long that the leases behind it end, the relay that took those over
    delivers them, and the slow one leaves them alone."""

    def long_delivery() -> None:
        receiver.during = lambda: None
        clock.advance(LEASE + timedelta(seconds=1))
        assert carry(one, clock) == 2

    put(one, clock, "a", "b")
    receiver.during = long_delivery
    assert carry(one, clock) == 1
    assert sorted(receiver.got) == ["a", "a", "b"]
    assert {message(one, name).state for name in "ab"} == {OutboxState.SENT}


@pytest.mark.django_db
def test_each_delivery_begins_with_a_full_lease(one: Tenant, clock: FixedClock, receiver: Receiver) -> None:
    """Time that those ahead in the batch took does not shorten the lease of the later ones."""
    put(one, clock, "a", "b", "c")
    receiver.during = lambda: clock.advance(LEASE / 3)
    assert carry(one, clock) == 3
    assert receiver.got == ["a", "b", "c"]


@pytest.mark.django_db
def test_messages_of_another_organisation_stay(one: Tenant, clock: FixedClock, receiver: Receiver) -> None:
    """A relay works for one organisation."""
    other = tenant()
    put(other, clock, "theirs")
    assert carry(one, clock) == 0
    assert carry(other, clock) == 1


@given(st.integers(1, 5_000), st.integers(0, 2**128))
def test_back_off_grows_to_a_limit(attempts: int, seed: int) -> None:
    """Fifteen seconds, doubling, two hours at most; up to a quarter is jitter, so that what failed together does not
    come back together."""
    exact = min(15.0 * 2 ** min(attempts - 1, 20), LONGEST.total_seconds())
    assert exact <= delay(attempts, seed=seed).total_seconds() < exact * 1.25
