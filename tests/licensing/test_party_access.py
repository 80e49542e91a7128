"""What a person of a customer sees: granted, ended, and kept apart by the program and by the database alike."""

from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from identity.models import Membership
from identity.operations import create_account, grant_membership
from identity.queries import LiveMembership, principal_for
from identity.queries.api_clients import principal_of_client
from kernel.clock import DatabaseClock
from kernel.principal import Principal
from kernel.scope import scope_of
from licensing.models import (
    Agreement,
    Certificate,
    Entitlement,
    License,
    LicenseKey,
    Party,
    PartyAccess,
    SigningKey,
    VendorContact,
)
from licensing.operations.party_access import NotACustomer, PartyAccessExists, end_party_access, grant_party_access
from tests.factories import identity, licensing, oauth
from tests.factories.tenants import PASSWORD, Tenant, member, signed_in, tenant
from tests.isolation.customers import of_partners
from tests.licensing.vendors import Vendor, vendor

pytestmark = pytest.mark.django_db
NOT_FENCED = {
    "identity.Membership": "who works here; the sign-in reads it before anybody is known",
    "identity.Invitation": "who may join; read by its link before anybody is known",
}
"""Table that names a partner → why no policy of partners stands on it."""


@pytest.fixture
def lumen() -> Vendor:
    return vendor()


def customer(house: Tenant, party: Party) -> tuple[Membership, Principal]:
    account = create_account(
        email=f"{party.id}@example.org", password=PASSWORD, display_name="Kim Customer", clock=DatabaseClock()
    )
    with house.writing() as trail:
        row = grant_membership(account=account, roles=["customer"], party_id=party.id, trail=trail)
    return row, seen_by(row)


def seen_by(row: Membership) -> Principal:
    return principal_for(row.account, LiveMembership(row.id, row.organization_id, None, tuple(row.roles)))


def furnished(lumen: Vendor, *, parent: Party | None = None) -> Party:
    """A customer with a row in every table of customers."""
    house = lumen.house.organization
    with lumen.house.writing():
        party = licensing.party(house, kind="licensee", parent=parent)
        licensing.agreement(house, licensee=party)
        licensing.entitlement(house, product=lumen.product, licensee=party)
        row = licensing.license(licensing.license_type(lumen.product), licensee=party)
        licensing.license_key(row)
        licensing.certificate(row, signing_key=lumen_key(lumen))
    return party


def lumen_key(lumen: Vendor) -> Any:
    return SigningKey.objects.earliest("pk")


def visible() -> dict[str, set[UUID]]:
    """Table → the partners whose rows the open scope shows through the program."""
    return {
        "party": set(Party.objects.values_list("id", flat=True)),
        "agreement": set(Agreement.objects.values_list("licensee_id", flat=True)),
        "entitlement": set(Entitlement.objects.values_list("licensee_id", flat=True)),
        "license": set(License.objects.values_list("licensee_id", flat=True)),
    }


def test_a_customer_sees_the_own_partner_and_what_was_granted(lumen: Vendor) -> None:
    """The own partner without a grant; another one, with its children at any depth or without, once it is granted;
    not after the grant has ended. Staff see all."""
    own, group = furnished(lumen), furnished(lumen)
    firm = furnished(lumen, parent=group)
    branch = furnished(lumen, parent=firm)
    row, principal = customer(lumen.house, own)
    assert principal.parties == frozenset({own.id})
    with lumen.house.writing() as trail:
        first = grant_party_access(membership=row, party=firm, trail=trail)
    assert seen_by(row).parties == frozenset({own.id, firm.id})
    with lumen.house.writing() as trail:
        grant_party_access(membership=row, party=group, with_children=True, trail=trail)
        end_party_access(access_id=first.id, trail=trail)
        end_party_access(access_id=first.id, trail=trail)
    assert seen_by(row).parties == frozenset({own.id, group.id, firm.id, branch.id})
    _account, operator = member(lumen.house, "vendor_ops")
    assert operator.parties is None


def test_access_is_for_customers_and_granted_once(lumen: Vendor) -> None:
    """Neither for staff, nor for the own partner, nor twice."""
    own, other = furnished(lumen), furnished(lumen)
    row, _principal = customer(lumen.house, own)
    with lumen.house.reading():
        staff = identity.membership(lumen.house.organization, identity.account(), roles=["support"])
    with pytest.raises(NotACustomer), lumen.house.writing() as trail:
        grant_party_access(membership=staff, party=other, trail=trail)
    with pytest.raises(PartyAccessExists), lumen.house.writing() as trail:
        grant_party_access(membership=row, party=own, trail=trail)
    with lumen.house.writing() as trail:
        grant_party_access(membership=row, party=other, trail=trail)
    with pytest.raises(PartyAccessExists), lumen.house.writing() as trail:
        grant_party_access(membership=row, party=other, trail=trail)


def test_the_program_shows_a_customer_no_other_partner(lumen: Vendor) -> None:
    """On both databases: whatever is asked in the scope of a customer, without any filter of its own."""
    own, other = furnished(lumen), furnished(lumen)
    _row, principal = customer(lumen.house, own)
    with scope_of(principal):
        assert all(found == {own.id} for found in visible().values()), visible()
        assert not License.objects.filter(licensee_id=other.id).exists()
    with lumen.house.reading():
        assert all(found >= {own.id, other.id} for found in visible().values())


def test_who_sees_no_partner_sees_nothing(lumen: Vendor) -> None:
    """A program with the role of a customer belongs to none."""
    furnished(lumen)
    client = oauth.own_client(lumen.house, roles=("customer",)).row
    with scope_of(principal_of_client(client, scopes=())):
        assert not any(visible().values())


@pytest.mark.postgres
def test_the_database_shows_a_customer_no_other_partner(lumen: Vendor) -> None:
    """Raw SQL without any filter, on every table of customers: the policy alone keeps the other's rows away, also from
    being changed or added."""
    own, other = furnished(lumen), furnished(lumen)
    _row, principal = customer(lumen.house, own)
    counts = {
        "licensing_party": 1, "licensing_agreement": 1, "licensing_entitlement": 1, "licensing_license": 1,
        "licensing_license_key": 1, "licensing_certificate": 1, "licensing_purchase": 0, "licensing_purchase_line": 0,
    }  # fmt: skip
    with lumen.house.writing():
        licensing.purchase_line(licensing.purchase(lumen.house.organization, supplier=own))
    with scope_of(principal), connection.cursor() as cursor:
        for table, count in counts.items():
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            assert (table, cursor.fetchone()[0]) == (table, count)
        cursor.execute("UPDATE licensing_license SET quantity = quantity WHERE licensee_id = %s", [other.id])
        assert cursor.rowcount == 0
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute("UPDATE licensing_license SET licensee_id = %s", [other.id])


@pytest.mark.postgres
def test_every_table_of_partners_has_a_policy_for_them() -> None:
    """A table whose keys lead to a partner is fenced by partner, or stands here with the reason why not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = 'party' AND permissive = 'RESTRICTIVE'")
        fenced = {name for (name,) in cursor.fetchall()}
    unfenced = {one._meta.label for one in of_partners() if one._meta.db_table not in fenced}
    assert unfenced == set(NOT_FENCED)


@pytest.mark.postgres
def test_a_scope_that_names_no_partners_shows_none(lumen: Vendor) -> None:
    """The setting that was forgotten is no open door: with the organisation alone no partner's row is seen."""
    furnished(lumen)
    with lumen.house.reading(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('sl.parties', '', true)")
        cursor.execute("SELECT count(*) FROM licensing_license")
        assert cursor.fetchone()[0] == 0
        cursor.execute("SELECT set_config('sl.parties', 'all', true)")


def post(browser: Client, path: str, **body: Any) -> Any:
    return browser.post(path, body, content_type="application/json")


def test_rest_grants_and_ends_access(lumen: Vendor) -> None:
    """For owners, who decide who sees what; 401, 403, 404 and bad input as everywhere."""
    own, other = furnished(lumen), furnished(lumen)
    row, _principal = customer(lumen.house, own)
    owner, path = signed_in(lumen.house, "owner"), "/api/v1/party-accesses/"
    given = {"membership": str(row.id), "party": str(other.id), "with_children": True}
    made = post(owner, path, **given)
    assert made.status_code == 201, made.content
    assert seen_by(row).parties == frozenset({own.id, other.id})
    again = post(owner, path, **given)
    assert (again.status_code, again.json()["code"]) == (409, "PARTY_ACCESS_EXISTS")
    here = f"{path}{made.json()['id']}/"
    assert Client(HTTP_HOST="127.0.0.1").get(here).status_code == 401
    assert post(signed_in(lumen.house, "vendor_ops"), path, **given).status_code == 403
    strangers = signed_in(tenant("vendor"), "owner")
    assert strangers.get(here).status_code == 404
    assert post(strangers, path, **given).status_code == 400
    assert post(strangers, f"{here}end/").status_code == 404
    assert post(owner, f"{here}end/").json()["ended_at"]
    assert seen_by(row).parties == frozenset({own.id})
    with lumen.house.reading():
        assert PartyAccess.objects.count() == 1
        assert {LicenseKey.objects.count(), Certificate.objects.count()} == {2}


def test_the_admin_grants_and_ends_access(lumen: Vendor) -> None:
    """A form offers customers alone, an action ends what was granted; vendor_ops may do neither."""
    own, other = furnished(lumen), furnished(lumen)
    row, _principal = customer(lumen.house, own)
    owner, path = signed_in(lumen.house, "owner"), "/admin/licensing/partyaccess/"
    form = {"membership": str(row.id), "party": str(other.id), "with_children": ""}
    assert row.account.email in owner.get(f"{path}add/").content.decode()
    assert owner.post(f"{path}add/", form).status_code == 302
    assert seen_by(row).parties == frozenset({own.id, other.id})
    assert "already" in owner.post(f"{path}add/", form, follow=True).content.decode()
    with lumen.house.reading():
        granted = PartyAccess.objects.get()
    assert signed_in(lumen.house, "vendor_ops").get(path).status_code == 403
    owner.post(path, {"action": "end_access", "_selected_action": [str(granted.id)]})
    assert seen_by(row).parties == frozenset({own.id})


def test_the_admin_keeps_one_contact(lumen: Vendor) -> None:
    """Added and changed with an entry each; a second is refused with a sentence, and so is one without an address."""
    operator, path = signed_in(lumen.house, "vendor_ops"), "/admin/licensing/vendorcontact/"
    form = {"name": "Maja Vik", "email": "maja@example.org", "phone": "", "hours": ""}
    assert operator.post(f"{path}add/", {**form, "email": ""}).status_code == 200
    assert operator.post(f"{path}add/", form).status_code == 302
    assert operator.post(f"{path}add/", form).status_code == 200
    with lumen.house.reading():
        assert VendorContact.objects.get().email == "maja@example.org"
    assert signed_in(lumen.house, "support").post(f"{path}add/", form).status_code == 403
