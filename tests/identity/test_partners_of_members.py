"""A membership names a business partner of its own organisation, or none: refused at each door, and by the database."""

import json
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from identity.models import Invitation, Membership
from identity.operations import change_roles, grant_membership
from identity.operations.granting import PartnerUnknown
from identity.operations.invitations import NewInvitation, invite_member
from tests.factories import identity, licensing
from tests.factories.tenants import Tenant, signed_in, tenant

pytestmark = pytest.mark.django_db
NOBODY = UUID("01900000-0000-7000-8000-000000000000")


def partner_of(one: Tenant) -> UUID:
    with one.reading():
        return licensing.party(one.organization, kind="licensee").id


def invitation(roles: list[str], party_id: UUID) -> NewInvitation:
    return NewInvitation(email="a@example.org", roles=roles, address="https://x.example/join", party_id=party_id)


@pytest.fixture
def strangers() -> dict[str, UUID]:
    """A partner of another organisation, and one of nobody."""
    return {"another's": partner_of(tenant("vendor")), "nobody's": NOBODY}


def memberships(one: Tenant) -> list[tuple[list[str], UUID | None]]:
    with one.reading():
        return list(Membership.objects.order_by("id").values_list("roles", "party_id"))


def test_operations_refuse_a_partner_of_another_organisation(strangers: dict[str, UUID]) -> None:
    """Granting, changing and inviting answer the same for another's partner as for one that does not exist, and leave
    nothing behind."""
    one = tenant("vendor")
    with one.writing() as opened:
        row = grant_membership(account=identity.account(), roles=["support"], trail=opened)
    before = memberships(one)
    for party_id in strangers.values():
        with pytest.raises(PartnerUnknown) as refusal, one.writing() as opened:
            grant_membership(account=identity.account(), roles=["support"], party_id=party_id, trail=opened)
        assert [error.pointer for error in refusal.value.errors] == ["/party"]
        with pytest.raises(PartnerUnknown), one.writing() as opened:
            change_roles(membership=row, roles=["vendor_ops"], party_id=party_id, reason="x", trail=opened)
        with pytest.raises(PartnerUnknown), one.writing() as opened:
            invite_member(invitation=invitation(["support"], party_id), trail=opened)
    assert memberships(one) == before
    with one.reading():
        assert not Invitation.objects.exists()


def _sent(browser: Client, method: str, path: str, **body: object) -> tuple[int, str]:
    url = f"/api/v1/{path}"
    answer = browser.generic(method, url, json.dumps(body, default=str), content_type="application/json")
    return answer.status_code, answer.json()["code"]


def test_rest_refuses_a_partner_of_another_organisation(strangers: dict[str, UUID]) -> None:
    """400 PARTNER_UNKNOWN, by POST and PATCH, for memberships and invitations; the own partner is taken."""
    one = tenant("vendor")
    browser = signed_in(one, "owner")
    with one.reading():
        row = identity.membership(one.organization, identity.account(), roles=["support"])
        gone = identity.membership(one.organization, identity.account(), ended_at=row.started_at)
    change, again = f"memberships/{row.id}/", "memberships/"
    for party_id in strangers.values():
        for method, path, body in (
            ("PATCH", change, {"roles": ["support"], "reason": "x"}),
            ("POST", again, {"account": gone.account_id, "roles": ["support"]}),
            ("POST", "invitations/", {"email": "a@example.org", "roles": ["support"]}),
        ):
            assert _sent(browser, method, path, **body, party=party_id) == (400, "PARTNER_UNKNOWN"), path
    own = partner_of(one)
    body = {"roles": ["customer"], "reason": "x", "party": str(own)}
    assert browser.patch(f"/api/v1/{change}", body, content_type="application/json").json()["party"] == str(own)


def test_pages_offer_the_own_partners_alone(strangers: dict[str, UUID]) -> None:
    """Another's partner is no choice of the form: 422 beside the field, for a member and for an invitation."""
    one = tenant("vendor")
    own = partner_of(one)
    browser = signed_in(one, "owner")
    with one.reading():
        row = identity.membership(one.organization, identity.account(), roles=["support"])
    member, newcomer = f"/organization/members/{row.id}/", "/organization/members/invite/"
    for url in (member, newcomer):
        page = browser.get(url).content.decode()
        assert str(own) in page
        for party_id in strangers.values():
            assert str(party_id) not in page
            given = {"email": "a@example.org", "roles": ["support"], "party": str(party_id), "reason": "x"}
            answer = browser.post(url, given)
            assert answer.status_code == 422
            assert "not one of the available choices" in answer.content.decode()
    assert (["support"], None) in memberships(one)


@pytest.mark.postgres
def test_the_database_refuses_a_partner_of_another_organisation(strangers: dict[str, UUID]) -> None:
    """Whatever wrote the row: neither a membership nor an invitation names another's partner or nobody's."""
    one = tenant("vendor")
    own = partner_of(one)
    with one.reading():
        row = identity.membership(one.organization, identity.account(), roles=["customer"], party_id=own)
        for party_id in strangers.values():
            with pytest.raises(IntegrityError, match="identity_membership_party_org_fk"), transaction.atomic():
                Membership.objects.filter(id=row.id).update(party_id=party_id)
    with one.writing() as opened:
        invite_member(invitation=invitation(["customer"], own), trail=opened)
        for party_id in strangers.values():
            with pytest.raises(IntegrityError, match="identity_invitation_party_org_fk"), transaction.atomic():
                Invitation.objects.update(party_id=party_id)
