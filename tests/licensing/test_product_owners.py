"""Who answers for which product: named, released, and what both refuse; the page and REST of it."""

from dataclasses import replace
from uuid import UUID

import pytest
from django.test import Client

from identity.models import Membership
from kernel.clock import DatabaseClock
from licensing.models import ProductOwner
from licensing.operations.ownership import (
    ProductOwnerExists,
    ProductOwnerRole,
    end_product_ownership,
    name_product_owner,
)
from licensing.queries.ownership import reach_of
from licensing.rules.reach import reach_with
from tests.constraints import constraints_of, refused_by
from tests.factories import licensing
from tests.factories.moments import days
from tests.factories.tenants import Tenant, member, signed_in, tenant

pytestmark = pytest.mark.django_db
PAGE = "/it/product-owners/"
A, B = UUID(int=1), UUID(int=2)


def membership(one: Tenant, *roles: str) -> Membership:
    account, _principal = member(one, *roles)
    with one.reading():
        return Membership.objects.select_related("account").get(account_id=account.id)


def product(one: Tenant):
    with one.writing():
        return licensing.product(one.organization)


@pytest.mark.parametrize(
    ("permissions", "covered"),
    [({"all"}, {A, B}), ({"all", "own"}, {A, B}), ({"own"}, {A}), ({"else"}, set()), (set(), set())],
)
def test_the_rule_of_reach(permissions, covered):
    """Everything with the general permission, the own products with the special one, nothing without."""
    reach = reach_with(permissions, all_of="all", own="own", owned=[A])
    assert {one for one in (A, B) if reach.covers(one)} == covered


def test_an_owner_is_named_once_and_released():
    """With the role alone; each step leaves one entry."""
    one = tenant()
    row, other, thing = membership(one, "licence_owner"), membership(one, "viewer"), product(one)
    with one.writing() as opened:
        made = name_product_owner(product=thing, membership=row, trail=opened)
    with pytest.raises(ProductOwnerExists), one.writing() as opened:
        name_product_owner(product=thing, membership=row, trail=opened)
    with pytest.raises(ProductOwnerRole), one.writing() as opened:
        name_product_owner(product=thing, membership=other, trail=opened)
    for _ in range(2):
        with one.writing() as opened:
            assert end_product_ownership(owner_id=made.id, trail=opened).ended_at is not None


def test_constraints():
    """Once at a time, and in order."""
    one = tenant()
    row, thing = membership(one, "licence_owner"), product(one)
    found = constraints_of("licensing")
    with one.reading():
        values = {"organization": one.organization, "product": thing, "membership": row, "since": days(0)}
        ProductOwner.objects.create(**values)
        with refused_by(found["licensing_product_owner_once"]):
            ProductOwner.objects.create(**values)
        with refused_by(found["licensing_product_owner_in_order"]):
            ProductOwner.objects.create(**values, ended_at=days(-1))


def test_the_page_names_and_releases():
    """The form offers licence owners; a colleague without the permission reads, other organisations see nothing."""
    one = tenant()
    row, thing = membership(one, "licence_owner"), product(one)
    browser = signed_in(one, "it_admin")
    assert "Nobody answers for a product yet" in browser.get(PAGE).content.decode()
    assert browser.post(PAGE, {"product": str(thing.id), "membership": str(row.id)}).status_code == 302
    assert thing.name in browser.get(PAGE).content.decode()
    assert browser.post(PAGE, {"product": str(thing.id), "membership": str(row.id)}).status_code == 409
    assert browser.post(PAGE, {"product": "x"}).status_code == 422
    with one.reading():
        made = ProductOwner.objects.get()
    assert signed_in(one, "finance").get(PAGE).status_code == 200
    assert signed_in(one, "finance").post(f"{PAGE}{made.id}/end/").status_code == 403
    assert signed_in(tenant(), "it_admin").post(f"{PAGE}{made.id}/end/").status_code == 404
    assert Client(HTTP_HOST="127.0.0.1").get(PAGE).status_code == 302
    assert browser.post(f"{PAGE}{made.id}/end/").status_code == 302


def test_rest_names_reads_and_releases():
    """201, the row, 204; strangers and wrong roles are refused."""
    one = tenant()
    row, thing = membership(one, "licence_owner"), product(one)
    browser, path = signed_in(one, "it_admin"), "/api/v1/product-owners/"
    body = {"product": str(thing.id), "membership": str(row.id)}
    made = browser.post(path, body, content_type="application/json")
    assert made.status_code == 201
    assert browser.get(f"{path}{made.json()['id']}/").json() == made.json()
    assert browser.post(path, {"product": str(A)}, content_type="application/json").status_code == 400
    assert signed_in(one, "finance").post(path, body, content_type="application/json").status_code == 403
    assert Client(HTTP_HOST="127.0.0.1").get(path).status_code == 401
    assert signed_in(tenant(), "it_admin").delete(f"{path}{made.json()['id']}/").status_code == 404
    assert browser.delete(f"{path}{made.json()['id']}/").status_code == 204


def test_a_worker_reaches_as_far_as_the_account_that_asked():
    """Now, not when it asked: a licence owner's own product, nothing for a viewer or somebody who left, although a
    colleague may act on everything; the system's own task reaches everything."""
    one = tenant()
    row, viewer, admin = membership(one, "licence_owner"), membership(one, "viewer"), membership(one, "it_admin")
    thing = product(one)
    with one.writing() as opened:
        name_product_owner(product=thing, membership=row, trail=opened)

    def reached(account_id: UUID | None) -> frozenset[UUID] | None:
        actor = replace(one.actor, account_id=account_id)
        with one.reading():
            return reach_of(actor, all_of="seats.assignment.manage", own="seats.assignment.manage_own").products

    assert reached(None) is None
    assert reached(admin.account_id) is None
    assert reached(row.account_id) == frozenset({thing.id})
    assert reached(viewer.account_id) == frozenset()
    with one.writing():
        Membership.objects.filter(id=admin.id).update(ended_at=DatabaseClock().now())
    assert reached(admin.account_id) == frozenset()
