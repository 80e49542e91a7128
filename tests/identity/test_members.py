"""Memberships as operations: granted, changed and ended, with every refusal; and what the database refuses itself."""

import json

import pytest
from django.db import IntegrityError, transaction

from audit.queries import events
from identity.models import Membership
from identity.operations import change_roles, end_membership, grant_membership, link_person
from identity.operations.accounts import MembershipExists, RoleUnknown
from identity.operations.granting import (
    CustomerNeedsParty,
    CustomerStandsAlone,
    HeadOnly,
    LastOwner,
    OwnRoles,
    RoleNotHere,
)
from identity.operations.memberships import MembershipOver, PersonTaken, RolesReasonRequired
from identity.rules.roles import ROLES
from identity.wording import AREAS, ROLE_NAMES
from kernel.principal import Principal
from tests.architecture.documented import permissions
from tests.constraints import constraints_of, refused_by
from tests.factories import identity, licensing
from tests.factories.tenants import Tenant, member, tenant

pytestmark = pytest.mark.django_db


def row_of(one: Tenant, actor: Principal) -> Membership:
    with one.reading():
        return Membership.objects.select_related("account").get(account__pseudonym=actor.pseudonym)


def bodies(one: Tenant, kind: str) -> list[dict]:
    with one.reading():
        return [json.loads(event.body) for event in events().filter(kind=kind)]


def test_every_role_has_a_name_and_every_area_of_permissions_too():
    """Nothing on the page of roles is shown by its code alone."""
    assert set(ROLE_NAMES) == set(ROLES)
    assert {name.partition(".")[0] for name in permissions()} == set(AREAS)
    assert len(ROLES) >= 15


def test_roles_change_with_a_reason_and_an_entry():
    """Both sets stand in the ledger, the reason as a commitment; the same roles again leave nothing."""
    one = tenant()
    _account, owner = member(one, "owner")
    _account, kim = member(one, "viewer")
    row = row_of(one, kim)
    for _ in range(2):
        with one.writing(owner) as opened:
            changed = change_roles(membership=row, roles=["finance", "viewer"], reason="New job", trail=opened)
    assert changed.roles == ["finance", "viewer"]
    [body] = bodies(one, "membership.roles_changed")
    assert (body["details"]["before"], body["details"]["after"]) == (["viewer"], ["finance", "viewer"])
    assert "New job" not in json.dumps(body)
    assert set(body["personal"]) == {"reason"}


@pytest.mark.parametrize(
    ("roles", "reason", "refusal"),
    [
        ([], "x", RoleUnknown),
        (["emperor"], "x", RoleUnknown),
        (["finance"], "  ", RolesReasonRequired),
        (["platform_operator"], "x", RoleNotHere),
        (["customer"], "x", CustomerNeedsParty),
    ],
)
def test_roles_that_cannot_be_given(roles, reason, refusal):
    """Unknown roles, no reason, operators outside the platform, customers of nobody: nothing changes."""
    one = tenant()
    _account, owner = member(one, "owner")
    _account, kim = member(one, "viewer")
    with pytest.raises(refusal), one.writing(owner) as opened:
        change_roles(membership=row_of_open(kim), roles=roles, reason=reason, trail=opened)
    assert row_of(one, kim).roles == ["viewer"]


def test_the_last_owner_can_neither_go_nor_lose_the_role():
    """Nor by the own hand; a second owner opens both ways. An inactive account is no second owner."""
    one = tenant()
    _account, first = member(one, "owner")
    other, second = member(one, "owner")
    other.is_active = False
    other.save()
    for attempt in (
        lambda opened: end_membership(membership=row_of_open(first), trail=opened),
        lambda opened: change_roles(membership=row_of_open(first), roles=["viewer"], reason="x", trail=opened),
    ):
        with pytest.raises(LastOwner), one.writing(first) as opened:
            attempt(opened)
    other.is_active = True
    other.save()
    with one.writing(second) as opened:
        end_membership(membership=row_of_open(first), trail=opened, reason="Left the board")
    assert row_of(one, first).ended_at is not None


def row_of_open(actor: Principal) -> Membership:
    return Membership.objects.get(account__pseudonym=actor.pseudonym)


def test_only_owners_make_owners_and_nobody_raises_themselves():
    """Who may manage memberships and is no owner is refused both."""
    one = tenant()
    member(one, "owner")
    _account, kim = member(one, "it_admin")
    _account, lee = member(one, "viewer")
    with pytest.raises(HeadOnly), one.writing(kim) as opened:
        change_roles(membership=row_of_open(lee), roles=["owner"], reason="x", trail=opened)
    with pytest.raises(OwnRoles), one.writing(kim) as opened:
        change_roles(membership=row_of_open(kim), roles=["it_admin", "finance"], reason="x", trail=opened)
    with one.writing(kim) as opened:
        change_roles(membership=row_of_open(lee), roles=["finance"], reason="x", trail=opened)
    with pytest.raises(HeadOnly), one.writing(kim) as opened:
        grant_membership(account=identity.account(), roles=["owner"], trail=opened)


def test_a_customer_sees_one_partner():
    """With a partner of the house, and no other role beside it."""
    one = tenant("vendor")
    with one.writing():
        party = licensing.party(one.organization, kind="licensee")
    with one.writing() as opened:
        row = grant_membership(account=identity.account(), roles=["customer"], party_id=party.id, trail=opened)
    assert row.party_id == party.id
    with pytest.raises(CustomerStandsAlone), one.writing() as opened:
        grant_membership(account=identity.account(), roles=["customer", "support"], party_id=party.id, trail=opened)
    other = tenant("vendor")
    with pytest.raises(CustomerNeedsParty), other.writing() as opened:
        grant_membership(account=identity.account(), roles=["customer"], party_id=party.id, trail=opened)


def test_an_ended_membership_is_over():
    """It gets no roles any more, ending it twice leaves one entry, and the account may be let in again."""
    one = tenant()
    account, kim = member(one, "viewer")
    row = row_of(one, kim)
    for _ in range(2):
        with one.writing() as opened:
            end_membership(membership=row, trail=opened)
    assert len(bodies(one, "membership.ended")) == 1
    with pytest.raises(MembershipOver), one.writing() as opened:
        change_roles(membership=row, roles=["finance"], reason="x", trail=opened)
    with one.writing() as opened:
        grant_membership(account=account, roles=["viewer"], trail=opened)
    with pytest.raises(MembershipExists), one.writing() as opened:
        grant_membership(account=account, roles=["viewer"], trail=opened)


def test_an_account_belongs_to_one_person_and_a_person_to_one_account():
    """Linking is recorded; a second account of the same person is refused; the link can be taken away."""
    one = tenant()
    _account, kim = member(one, "viewer")
    _account, lee = member(one, "viewer")
    with one.writing():
        person = identity.person(one.organization)
    for _ in range(2):
        with one.writing() as opened:
            link_person(membership=row_of_open(kim), person=person, trail=opened)
    with pytest.raises(PersonTaken), one.writing() as opened:
        link_person(membership=row_of_open(lee), person=person, trail=opened)
    with one.writing() as opened:
        assert link_person(membership=row_of_open(kim), person=None, trail=opened).person is None
    linked = [body["details"]["person"] for body in bodies(one, "membership.person_linked")]
    assert linked == [str(person.pseudonym), None]


def test_the_database_keeps_operators_in_the_platform():
    """Whatever wrote the row: no membership outside the platform organisation holds that role."""
    one = tenant()
    with one.reading(), pytest.raises(IntegrityError, match="identity_membership_operator_place"), transaction.atomic():
        identity.membership(one.organization, identity.account(), roles=["platform_operator"])
    with one.reading():
        row = identity.membership(one.organization, identity.account())
        row.roles = ["viewer", "platform_operator"]
        with pytest.raises(IntegrityError, match="identity_membership_operator_place"), transaction.atomic():
            row.save()
    platform = tenant("platform")
    with platform.reading():
        identity.membership(platform.organization, identity.account(), roles=["platform_operator"])


def test_the_database_keeps_customers_with_a_partner():
    """A customer without one is refused by name."""
    one = tenant("vendor")
    with one.reading(), refused_by(constraints_of("identity")["identity_membership_customer_has_party"]):
        identity.membership(one.organization, identity.account(), roles=["customer"])
