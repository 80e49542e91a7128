"""My software: what one holds, giving it back, asking for a seat, and the own data."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.queries import events
from compliance.models import ChangeRequest
from compliance.operations import approve_change
from identity.models import Membership, Person
from licensing.operations.ownership import name_product_owner
from seats.models import Assignment, SeatPool
from seats.operations import CapacityExceeded, assign, release
from tests.factories import identity, seats
from tests.factories.tenants import PASSWORD, Tenant, member, signed_in, tenant
from tests.seats.books import REASON, fed_pool, fill, used

pytestmark = pytest.mark.django_db


class House:
    """A colleague with a seat of one pool, and somebody who may approve."""

    def __init__(self, bought: int = 5) -> None:
        self.one: Tenant = tenant()
        account, self.principal = member(self.one, "member")
        self.approver = member(self.one, "approver")[1]
        with self.one.writing() as trail:
            self.pool: SeatPool = fed_pool(self.one, bought=bought)
            self.wanted: SeatPool = fed_pool(self.one, bought=1)
            self.person: Person = identity.person(self.one.organization, user_name="kim")
            Membership.objects.filter(account=account).update(person=self.person)
            self.seat = assign(pool=self.pool, person=self.person, reason=REASON, trail=trail)
        self.browser = Client(HTTP_HOST="127.0.0.1")
        self.browser.post("/accounts/sign-in/", {"username": account.email, "password": PASSWORD})

    def ask(self, pool: SeatPool, reason: str = "For the harbour project"):
        return self.browser.post("/my/", {"pool": str(pool.id), "reason": reason})

    def request(self) -> ChangeRequest:
        with self.one.reading():
            return ChangeRequest.objects.select_related("pool").get()


@pytest.fixture
def house() -> House:
    return House()


def test_the_page_shows_what_one_holds_and_waits_for(house: House):
    """The seat, and the place in the queue behind somebody else."""
    with house.one.writing():
        seats.claim(house.wanted)
        seats.claim(house.wanted, person=house.person, priority=500)
    page = house.browser.get("/my/").content.decode()
    assert house.pool.name in page
    assert "Place in the queue" in page
    assert ">2</td>" in page


def test_a_seat_is_given_back(house: House):
    """Free at once, with a reason on record; a second time it is no longer there."""
    path = f"/my/seats/{house.seat.id}/give-back/"
    assert house.browser.post(path).status_code == 302
    assert used(house.one, house.pool) == 0
    with house.one.reading():
        assert Assignment.objects.get(id=house.seat.id).end_reason == "given back by the holder"
    assert house.browser.post(path).status_code == 404


def test_the_seat_of_somebody_else_does_not_exist(house: House):
    """Neither that of a colleague nor that of another house."""
    [other] = fill(house.one, house.pool, 1)
    assert house.browser.post(f"/my/seats/{other.id}/give-back/").status_code == 404
    stranger = House()
    assert stranger.browser.post(f"/my/seats/{house.seat.id}/give-back/").status_code == 404
    assert used(house.one, house.pool) == 2


@pytest.mark.requirement("REQ-061")
def test_a_seat_that_was_asked_for_and_approved_names_its_request(house: House):
    """Asked on the page, approved by somebody else: the seat is no direct grant and carries the request."""
    assert house.ask(house.wanted).status_code == 302
    assert house.ask(house.wanted).status_code == 409
    row = house.request()
    assert (row.kind, row.state, row.about) == ("seat.assign", "open", house.wanted.name)
    assert house.wanted.name in house.browser.get("/my/").content.decode()
    with house.one.writing(house.approver) as trail:
        approve_change(request_id=row.id, reason="", trail=trail)
    with house.one.reading():
        seat = Assignment.objects.live().get(pool=house.wanted)
        assert (seat.person_id, seat.source, seat.request_id) == (house.person.id, "request", row.id)


def test_a_request_for_a_full_pool_stays_open(house: House):
    """Approving is refused with the figures; when a seat is free, the same request is approved."""
    [taken] = fill(house.one, house.wanted, 1)
    house.ask(house.wanted)
    row = house.request()
    with pytest.raises(CapacityExceeded), house.one.writing(house.approver) as trail:
        approve_change(request_id=row.id, reason="", trail=trail)
    assert house.request().state == "open"
    with house.one.writing() as trail:
        release(assignment=taken, reason="Done", trail=trail)
    with house.one.writing(house.approver) as trail:
        approve_change(request_id=row.id, reason="", trail=trail)
    assert used(house.one, house.wanted) == 1


def test_the_pages_of_change_requests_show_seats(house: House):
    """The list and the page name the pool and the person; approving there carries it out."""
    house.ask(house.wanted)
    row, browser = house.request(), signed_in(house.one, "approver")
    assert house.wanted.name in browser.get("/changes/").content.decode()
    page = browser.get(f"/changes/{row.id}/").content.decode()
    assert house.wanted.name in page
    assert str(house.person) in page
    assert browser.post(f"/changes/{row.id}/", {"approve": "1", "reason": ""}).status_code == 302
    assert used(house.one, house.wanted) == 1
    assert browser.get(f"/api/v1/change-requests/{row.id}/").json()["pool"] == str(house.wanted.id)


def test_a_request_is_taken_back_by_whoever_asked(house: House):
    """And by nobody else."""
    house.ask(house.wanted)
    path = f"/my/requests/{house.request().id}/withdraw/"
    assert signed_in(house.one, "it_admin").post(path).status_code == 404
    assert house.browser.post(path).status_code == 302
    assert house.request().state == "withdrawn"


def test_asking_needs_a_reason_and_a_pool_of_the_house(house: House):
    """Mistakes stand on the form, and nothing is asked for."""
    stranger = House()
    assert house.ask(house.wanted, reason=" ").status_code == 422
    assert house.ask(stranger.wanted).status_code == 422
    with house.one.reading():
        assert not ChangeRequest.objects.exists()


def test_the_own_data_are_a_file(house: House):
    """Record, seats and requests of whoever asks, and nothing of anybody else."""
    fill(house.one, house.pool, 1)
    house.ask(house.wanted, reason="Drawing bridges")
    answer = house.browser.get("/my/data/")
    assert "my-data.json" in answer["Content-Disposition"]
    told = json.loads(answer.content)
    assert told["person"]["user_name"] == "kim"
    assert [row["pool"] for row in told["person"]["seats"]] == [house.pool.name]
    assert [row["reason"] for row in told["requests"]] == ["Drawing bridges"]


def test_without_a_person_the_page_says_so():
    """An account that is linked to nobody holds nothing, and still sees what is stored about it."""
    browser = signed_in(tenant(), "member")
    assert "linked to nobody" in browser.get("/my/").content.decode()
    assert browser.get("/my/data/").json()["person"] is None


def test_visitors_and_customers_have_no_page():
    """The first sign in, the others have their portal."""
    assert Client(HTTP_HOST="127.0.0.1").get("/my/").status_code == 302


def test_the_page_costs_the_same_for_one_seat_and_many(house: House):
    """No query per seat."""

    def count() -> int:
        house.browser.get("/my/")
        with CaptureQueriesContext(connection) as queries:
            assert house.browser.get("/my/").status_code == 200
        return len(queries)

    few = count()
    with house.one.writing() as trail:
        for _ in range(8):
            assign(pool=fed_pool(house.one), person=house.person, reason=REASON, trail=trail)
    assert count() == few


@pytest.mark.requirement("REQ-162")
def test_owners_act_on_their_own_products_alone(house: House):
    """The page lists the pools of the own products; a seat is given and taken back there, each with its entry, and on
    the pool of another product both are refused."""
    account, _principal = member(house.one, "licence_owner")
    with house.one.writing() as trail:
        row = Membership.objects.select_related("account").get(account=account)
        name_product_owner(product=house.pool.product, membership=row, trail=trail)
    browser = Client(HTTP_HOST="127.0.0.1")
    browser.post("/accounts/sign-in/", {"username": account.email, "password": PASSWORD})
    page = browser.get("/my/products/").content.decode()
    assert (house.pool.name in page, house.wanted.name in page) == (True, False)
    [foreign] = fill(house.one, house.wanted, 1)
    with house.one.writing():
        colleague = identity.person(house.one.organization)
    before = _kinds(house)
    for pool, seat, status in ((house.pool, house.seat, 302), (house.wanted, foreign, 403)):
        given = {"holder": f"person:{colleague.id}", "quantity": "1", "reason": REASON}
        assert browser.post(f"/it/seats/{pool.id}/assign/", given).status_code == status
        assert browser.post(f"/it/seats/assignments/{seat.id}/release/", {"reason": "Left"}).status_code == status
    assert _kinds(house)[len(before) :] == ["seat.assigned", "seat.released"]


def test_who_answers_for_nothing_sees_an_empty_page(house: House):
    """With a word on how that changes; whoever may act on everything sees every pool."""
    page = signed_in(house.one, "licence_owner").get("/my/products/").content.decode()
    assert "You answer for no product yet" in page
    assert house.pool.name in signed_in(house.one, "it_admin").get("/my/products/").content.decode()
    assert signed_in(house.one, "member").get("/my/products/").status_code == 403


def _kinds(house: House) -> list[str]:
    with house.one.reading():
        return [one.kind for one in events().order_by("sequence") if one.kind.startswith("seat.")]
