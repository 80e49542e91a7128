"""Floating seats as shipped software takes them: the live views, their signed answers and their refusals."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from identity.operations import deactivate_person
from kernel.clock import SystemClock
from licensing.operations import suspend_license
from licensing.signing import TokenKind
from seats.models import LeaseDenial
from seats.rules.leases import Holding
from tests.factories import identity
from tests.factories.tenants import tenant
from tests.licensing.vendors import ask, verified
from tests.seats.books import kinds
from tests.seats.leasing import Floating, floating, returning

pytestmark = pytest.mark.django_db


@pytest.fixture
def two() -> Floating:
    tenant("platform", slug="platform")
    return floating(seats=2)


def past() -> datetime:
    return SystemClock().now() - timedelta(seconds=1)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.requirement("REQ-156")
def test_the_one_more_waits_and_is_served_in_order(two: Floating) -> None:
    """Of two seats the third and fourth wait as 1 and 2; a seat that comes back is the third's, who takes it up."""
    first, _second, third, fourth = (two.take(name) for name in ("anna", "ben", "cleo", "dan"))
    assert [one["state"] for one in (first, third, fourth)] == ["active", "waiting", "waiting"]
    assert (third["position"], fourth["position"], two.used()) == (1, 2, 2)
    assert two.ask("checkin", lease=first["id"]).json()["lease"]["state"] == "released"
    states = {row.user: row.state for row in two.rows()}
    assert (states["cleo"], states["dan"], two.used()) == ("offered", "waiting", 2)
    assert two.take("dan")["position"] == 1
    assert two.take("cleo")["state"] == "active"
    assert two.take("cleo")["id"] == third["id"]


@pytest.mark.requirement("REQ-156")
def test_a_crashed_session_gives_its_seat_back_by_time_alone(two: Floating) -> None:
    """Ten minutes and one missed beat after the last sign the seat is somebody else's, without any task; the heartbeat
    that comes late is told so, and the lease stays lost."""
    crashed = two.take("anna")
    two.take("ben")
    [row, _other] = two.rows()
    assert row.expires_at - row.seen_at == timedelta(seconds=800)
    two.late(crashed["id"], expires_at=past())
    assert two.take("cleo")["state"] == "active"
    assert two.used() == 2
    assert code(two.ask("heartbeat", lease=crashed["id"])) == (410, "LEASE_LOST")
    assert two.rows()[0].state == "expired"


def test_a_late_heartbeat_revives_nothing_even_before_anybody_asked(two: Floating) -> None:
    """The end of a lease is its time, not the moment at which somebody noticed."""
    lease = two.take()
    two.late(lease["id"], expires_at=past())
    assert code(two.ask("heartbeat", lease=lease["id"])) == (410, "LEASE_LOST")


def test_a_heartbeat_prolongs_and_leaves_no_entry(two: Floating) -> None:
    """One UPDATE: the end moves on, the ledger does not."""
    lease = two.take()
    before = kinds(two.vendor.house, "")
    two.late(lease["id"], expires_at=SystemClock().now() + timedelta(seconds=5))
    answer = two.ask("heartbeat", lease=lease["id"])
    assert (answer.status_code, answer.json()["lease"]["state"]) == (200, "active")
    assert kinds(two.vendor.house, "") == before
    assert two.rows()[0].expires_at > SystemClock().now() + timedelta(seconds=700)


def test_the_same_holder_takes_no_second_seat(two: Floating) -> None:
    """A client that lost its network gets the lease that it has; another machine of the user is another session."""
    lease = two.take("anna", machine="a")
    assert two.take("anna", machine="a")["id"] == lease["id"]
    assert two.take("anna", machine="b")["id"] != lease["id"]
    assert two.used() == 2


def test_a_pool_by_user_counts_each_user_once(two: Floating) -> None:
    """All sessions of a user share one seat where the pool says so."""
    two.terms(holding=Holding.USER)
    assert two.take("anna", machine="a")["id"] == two.take("Anna", machine="b")["id"]
    assert two.used() == 1
    refused = two.ask("checkout", holder={"machine": "c"})
    assert code(refused) == (400, "LEASE_HOLDER_UNCLEAR")


def test_without_a_queue_a_full_pool_refuses_as_everywhere(two: Floating) -> None:
    """409 CAPACITY_EXCEEDED with capacity, use and the next expiry; the denial is counted."""
    two.terms(queues=False)
    two.take("anna"), two.take("ben")
    refused = two.ask("checkout", holder={"user": "cleo", "department": "Design"})
    assert code(refused) == (409, "CAPACITY_EXCEEDED")
    body = refused.json()
    assert (body["capacity"], body["used"], body["free"], body["requested"]) == (2, 2, 0, 1)
    assert body["next_free_at"] is not None
    with two.vendor.house.reading():
        [denial] = LeaseDenial.objects.all()
    assert (denial.user, denial.department, denial.used) == ("cleo", "Design", 2)


def test_a_priority_goes_before_the_ticket(two: Floating) -> None:
    """Who belongs to a department with priority 1 is offered before those who waited longer."""
    two.priority("design", 1)
    first = two.take("anna")
    two.take("ben"), two.take("cleo")
    urgent = two.take("dan", department="Design")
    assert urgent["position"] == 1
    two.ask("checkin", lease=first["id"])
    assert {row.user: row.state for row in two.rows()}["dan"] == "offered"


def test_an_offer_that_nobody_takes_goes_to_the_next(two: Floating) -> None:
    """After thirty seconds the offer is void, and its seat the next one's."""
    first = two.take("anna")
    two.take("ben")
    third = two.take("cleo")
    two.take("dan")
    two.ask("checkin", lease=first["id"])
    offered = next(row for row in two.rows() if row.user == "cleo")
    assert offered.expires_at - (offered.offered_at or past()) == timedelta(seconds=30)
    two.late(third["id"], expires_at=past())
    assert two.take("dan")["state"] == "active"
    assert two.used() == 2


def test_whoever_stops_asking_leaves_the_queue(two: Floating) -> None:
    """A place in the queue that nobody asks after for a minute is nobody's."""
    two.take("anna"), two.take("ben")
    waiting = two.take("cleo")
    two.late(waiting["id"], expires_at=past())
    assert two.take("dan")["position"] == 1


@pytest.mark.requirement("REQ-170")
def test_a_suspended_licence_is_told_at_the_next_heartbeat(two: Floating) -> None:
    """The lease runs out: it is not taken away, and not prolonged."""
    lease = two.take()
    with two.vendor.house.writing() as trail:
        suspend_license(license_id=two.license.id, reason="unpaid", trail=trail)
    end = two.rows()[0].expires_at
    told = two.ask("heartbeat", lease=lease["id"]).json()
    assert (told["valid"], told["code"], told["refusal"]) == (False, "SUSPENDED", "LICENSE_NOT_VALID")
    assert two.rows()[0].expires_at == end
    assert two.ask("checkout", holder={"user": "ben"}).json()["lease"] is None


def test_validation_asks_for_the_lease(two: Floating) -> None:
    """Without a lease CHECKOUT_REQUIRED; with its signed token valid; with that of another licence not."""
    assert ask(two.key).json()["code"] == "CHECKOUT_REQUIRED"
    told = two.ask("checkout", holder={"user": "anna"}).json()
    token = told["lease_token"]
    assert verified(token, kind=TokenKind.LEASE, slug="lumen").claims["jti"] == told["lease"]["id"]
    assert ask(two.key, scope={"lease": token}).json()["code"] == "VALID"
    assert ask(two.key, scope={"lease": token[:-8] + "AAAAAAAA"}).json()["code"] == "CHECKOUT_REQUIRED"


def test_answers_are_signed_and_say_what_was_asked(two: Floating) -> None:
    """The token carries the nonce and the step, for known and unknown keys alike."""
    told = two.ask("checkout", holder={"user": "anna"}).json()
    claims = verified(told["token"], kind=TokenKind.DECISION, slug="lumen", nonce="bm9uY2U").claims
    assert (claims["asked"], claims["lease"]["state"]) == ("checkout", "active")
    unknown = two.ask("checkout", key="0" * 26, holder={"user": "anna"}).json()
    assert (unknown["valid"], unknown["code"], unknown["lease"]) == (False, "NOT_FOUND", None)


def test_an_idempotency_key_answers_once(two: Floating) -> None:
    """The same key and body: the same answer, without the proof; another body is refused."""
    headers = {"Idempotency-Key": "k-1"}
    first = two.ask("checkout", holder={"user": "anna"}, headers=headers).json()
    again = two.ask("checkout", holder={"user": "anna"}, headers=headers).json()
    assert (again["lease"], again["lease_token"]) == (first["lease"], None)
    other = two.ask("checkout", holder={"user": "ben"}, headers=headers)
    assert code(other) == (422, "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.parametrize(
    ("step", "body", "pointer"),
    [
        ("checkout", {"holder": {"user": 7}}, "/holder/user"),
        ("checkout", {"quantity": 0, "holder": {"user": "a"}}, "/quantity"),
        ("checkout", {"holder": {"user": "a", "shoe": "b"}}, "/holder/shoe"),
        ("heartbeat", {"lease": "x"}, "/lease"),
        ("checkin", {}, "/lease"),
        ("borrow", {"lease": "0" * 32, "ttl": -1}, "/ttl"),
    ],
)
def test_what_is_no_question_is_refused(two: Floating, step: str, body: dict[str, Any], pointer: str) -> None:
    """400 with a pointer to the mistake."""
    refused = two.ask(step, **body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, pointer)


def test_a_lease_of_another_licence_is_not_found(two: Floating) -> None:
    """A key reaches the leases of its own licence alone."""
    other = floating("other", seats=1)
    lease = other.take()
    for step in ("heartbeat", "checkin", "borrow"):
        assert code(two.ask(step, lease=lease["id"])) == (410, "LEASE_LOST")


def test_who_has_left_gets_no_seat(two: Floating) -> None:
    """A user who is somebody of the directory, by the address: the departure ends the lease, and gives none again."""
    with two.vendor.house.writing():
        eve = identity.person(two.vendor.house.organization, user_name="eve@lumen.example")
    lease = two.take("eve@lumen.example")
    with two.vendor.house.writing() as trail:
        deactivate_person(person=eve, trail=trail)
    assert code(two.ask("heartbeat", lease=lease["id"])) == (410, "LEASE_LOST")
    assert (two.rows()[0].state, two.used()) == ("reclaimed", 0)
    refused = two.ask("checkout", holder={"user": "eve@lumen.example"})
    assert code(refused) == (409, "PERSON_INACTIVE")


def test_another_quantity_is_refused(two: Floating) -> None:
    """A holder who has one seat gives it back before asking for two."""
    two.take("anna")
    refused = two.ask("checkout", holder={"user": "anna"}, quantity=2)
    assert code(refused) == (409, "LEASE_QUANTITY_DIFFERS")


# --- Borrowing ----------------------------------------------------------------------------------------------------


def test_nothing_is_lent_unless_the_pool_says_so(two: Floating) -> None:
    """Borrowing is off by default."""
    lease = two.take()
    assert code(two.ask("borrow", lease=lease["id"])) == (409, "BORROWING_REFUSED")


def test_a_borrowed_seat_counts_until_it_comes_back_with_its_certificate() -> None:
    """Up to seven days; the certificate validates; a check-in does not end it, its token does, once; afterwards it
    proves nothing."""
    five = floating("lumen", seats=5)
    five.terms(borrow_days=7)
    lease = five.take()
    assert code(five.ask("borrow", lease=lease["id"], ttl=8 * 86_400)) == (409, "BORROWING_REFUSED")
    told = five.ask("borrow", lease=lease["id"], ttl=2 * 86_400).json()
    token = told["certificate"]
    assert verified(token, kind=TokenKind.LEASE, slug="lumen").claims["lse"] == lease["id"]
    [row] = five.rows()
    assert row.borrowed_until == row.expires_at
    assert row.expires_at > SystemClock().now() + timedelta(days=1, hours=23)
    assert ask(five.key, scope={"lease": token}).json()["code"] == "VALID"
    assert code(five.ask("checkin", lease=lease["id"])) == (409, "LEASE_BORROWED")
    returned = returning(token)
    assert (returned.status_code, five.used()) == (200, 0)
    assert ask(five.key, scope={"lease": token}).json()["code"] == "CHECKOUT_REQUIRED"
    assert code(returning(token)) == (409, "CERTIFICATE_NOT_OUT")
    assert code(returning("x.y.z")) == (400, "TOKEN_MALFORMED")


def test_a_fifth_of_the_pool_is_never_lent() -> None:
    """Of five seats four may be out at once."""
    five = floating("lumen", seats=5)
    five.terms(borrow_days=1)
    leases = [five.take(f"u{number}") for number in range(5)]
    answers = [five.ask("borrow", lease=one["id"]) for one in leases]
    assert [one.status_code for one in answers] == [200] * 4 + [409]
    assert code(answers[4]) == (409, "BORROWING_LOW_WATER")
