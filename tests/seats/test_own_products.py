"""A licence owner gives and takes back seats of the own products alone, on every surface."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from identity.models import Account, Membership
from identity.queries import actor_of
from licensing.models import ImportBatch, ImportRow
from licensing.operations.imports import commit, examine
from licensing.operations.ownership import end_product_ownership, name_product_owner
from licensing.queries.ownership import product_owners
from seats.models import Assignment, SeatPool
from tests.factories import identity
from tests.factories.tenants import PASSWORD, Tenant, member, tenant
from tests.graphs import ask
from tests.seats.books import REASON, fed_pool, fill, used

pytestmark = pytest.mark.django_db


class Shelf:
    """Two pools; Kim answers for the product of the first one."""

    def __init__(self) -> None:
        self.house: Tenant = tenant()
        self.account, self.kim = member(self.house, "licence_owner")
        with self.house.writing() as opened:
            self.own, self.other = fed_pool(self.house), fed_pool(self.house)
            self.person = identity.person(self.house.organization)
            row = Membership.objects.select_related("account").get(account_id=self.account.id)
            name_product_owner(product=self.own.product, membership=row, trail=opened)
        fill(self.house, self.own, 1)
        fill(self.house, self.other, 1)
        self.browser = Client(HTTP_HOST="127.0.0.1")
        self.browser.post("/accounts/sign-in/", {"username": self.account.email, "password": PASSWORD})

    def seat_of(self, pool: SeatPool) -> Assignment:
        with self.house.reading():
            return Assignment.objects.filter(pool=pool, released_at__isnull=True).order_by("id")[0]

    def used(self, pool: SeatPool) -> int:
        return used(self.house, pool)

    def api(self, path: str, **body):
        return self.browser.post(f"/api/v1/{path}", body, content_type="application/json")


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.mark.requirement("REQ-192")
def test_rest_lets_act_on_own_products_alone(shelf):
    """Assigning one, assigning many, their preview, and releasing: done on the own pool, 403 on the other."""
    for pool, status in ((shelf.own, 201), (shelf.other, 403)):
        answer = shelf.api(f"pools/{pool.id}/assign/", person=str(shelf.person.id), reason=REASON)
        assert answer.status_code == status
        for preview in (True, False):
            many = {"people": [str(shelf.person.id)], "reason": REASON, "preview": preview}
            assert (
                shelf.api(f"pools/{pool.id}/assign-many/", **many).status_code == min(status, 200)
                if status == 201
                else 403
            )
        released = shelf.api(f"assignments/{shelf.seat_of(pool).id}/release/", reason="Gone")
        assert released.status_code == (200 if status == 201 else 403)
    assert answer.json()["code"] == "PRODUCT_NOT_OWNED"
    assert (shelf.used(shelf.own), shelf.used(shelf.other)) == (1, 1)


@pytest.mark.requirement("REQ-192")
def test_pages_let_act_on_own_products_alone(shelf):
    """The form appears on the own pool; on the other one there is none, and its addresses refuse."""
    for pool, allowed in ((shelf.own, True), (shelf.other, False)):
        page = shelf.browser.get(f"/it/seats/{pool.id}/").content.decode()
        assert ("Assign the seat" in page) is allowed
        given = {"holder": f"person:{shelf.person.id}", "quantity": "1", "reason": REASON}
        status = 302 if allowed else 403
        assert shelf.browser.post(f"/it/seats/{pool.id}/assign/", given).status_code == status
        assert shelf.browser.get(f"/it/seats/{pool.id}/candidates/").status_code == (200 if allowed else 403)
        release = f"/it/seats/assignments/{shelf.seat_of(pool).id}/release/"
        assert shelf.browser.get(release).status_code == (200 if allowed else 403)
        assert shelf.browser.post(release, {"reason": "Gone"}).status_code == status
    assert (shelf.used(shelf.own), shelf.used(shelf.other)) == (1, 1)


@pytest.mark.requirement("REQ-192")
def test_the_admin_lets_act_on_own_products_alone(shelf):
    """The step, the action on several pools and the action that releases: nothing of a foreign product moves."""
    given = {"person": str(shelf.person.id), "quantity": "1", "reason": REASON}
    for pool, status in ((shelf.own, 302), (shelf.other, 403)):
        assert shelf.browser.post(f"/admin/seats/seatpool/{pool.id}/assign/", given).status_code == status
    both = {"_selected_action": [str(shelf.own.id), str(shelf.other.id)], "apply": "1", "action": "assign_in_each"}
    shelf.browser.post("/admin/seats/seatpool/", {**both, "person": str(shelf.person.id), "reason": REASON})
    seat = str(shelf.seat_of(shelf.other).id)
    releasing = {"_selected_action": [seat], "apply": "1", "action": "release_seats", "reason": "Gone"}
    shelf.browser.post("/admin/seats/assignment/", releasing)
    assert (shelf.used(shelf.own), shelf.used(shelf.other)) == (2, 1)
    mine = str(shelf.seat_of(shelf.own).id)
    shelf.browser.post("/admin/seats/assignment/", {**releasing, "_selected_action": [mine]})
    assert shelf.used(shelf.own) == 1


@pytest.mark.parametrize("address", ["/admin/seats/seatpool/{}/change/", "/it/seats/{}/"])
def test_pages_offer_seats_of_own_products_alone(shelf, address):
    """The form to give a seat is on the page of the own pool, and not on that of a pool of a colleague's product."""
    for pool, offered in ((shelf.own, True), (shelf.other, False)):
        answer = shelf.browser.get(address.format(pool.id))
        assert answer.status_code == 200
        assert (f"{pool.id}/assign/" in answer.content.decode()) is offered


@pytest.mark.requirement("REQ-192")
def test_graphql_lets_act_on_own_products_alone(shelf):
    """Both mutations: done on the own pool, refused on the other with the code that REST has."""
    assigning = "mutation M($input: AssignSeatInput!) { assignSeat(input: $input) { id } }"
    releasing = "mutation M($input: ReleaseSeatInput!) { releaseSeat(input: $input) { id } }"
    given = {"person": str(shelf.person.id), "reason": REASON}
    for pool, allowed in ((shelf.own, True), (shelf.other, False)):
        seat = {"id": str(shelf.seat_of(pool).id), "reason": "Gone"}
        for body in (ask(shelf.browser, assigning, input={**given, "pool": str(pool.id)}),
                     ask(shelf.browser, releasing, input=seat)):  # fmt: skip
            found = [error["extensions"]["code"] for error in body.get("errors", ())]
            assert found == ([] if allowed else ["PRODUCT_NOT_OWNED"])
    assert (shelf.used(shelf.own), shelf.used(shelf.other)) == (1, 1)


def sheet(shelf: Shelf) -> bytes:
    lines = [f"{pool.product.name},{shelf.person.user_name}" for pool in (shelf.own, shelf.other)]
    return "\n".join(["Product,User name", *lines]).encode()


@pytest.mark.requirement("REQ-192")
def test_an_import_lets_act_on_own_products_alone(shelf):
    """The dry run names the line of the foreign product, and the worker that commits gives no seat for it."""
    with shelf.house.writing(shelf.kim) as opened:
        batch = examine(kind_name="assignments", file_name="a.csv", data=sheet(shelf), source="", trail=opened)
    with shelf.house.reading():
        found = [
            [one["code"] for one in row.findings] for row in ImportRow.objects.filter(batch=batch).order_by("line")
        ]
    assert "PRODUCT_NOT_OWNED" not in found[0]
    assert "PRODUCT_NOT_OWNED" in found[1]
    actor = actor_of(shelf.account.id, organization_id=shelf.house.organization.id, task="import")
    commit(batch_id=batch.id, actor=actor, progress=lambda *_given: None)
    assert (shelf.used(shelf.own), shelf.used(shelf.other)) == (2, 1)


def test_entitlements_are_not_imported_by_a_licence_owner(shelf):
    """The page does not offer the kind, and REST refuses it."""
    file = SimpleUploadedFile("e.csv", b"Product\nX\n", content_type="text/csv")
    answer = shelf.browser.post("/api/v1/imports/", {"kind": "entitlements", "file": file})
    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")
    assert shelf.browser.post("/it/imports/", {"kind": "entitlements", "file": file}).status_code == 422
    with shelf.house.reading():
        assert not ImportBatch.objects.exists()


def test_what_is_no_longer_owned_is_out_of_reach_at_once(shelf):
    """Released as an owner, the next request is refused; an ended membership reaches nothing as a worker either."""
    with shelf.house.writing() as opened:
        end_product_ownership(owner_id=product_owners().get().id, trail=opened)
    answer = shelf.api(f"pools/{shelf.own.id}/assign/", person=str(shelf.person.id), reason=REASON)
    assert answer.status_code == 403
    assert Account.objects.filter(id=shelf.account.id).exists()
