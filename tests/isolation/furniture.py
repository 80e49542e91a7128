"""Rows of tables that neither the other factories make nor the columns alone allow, for both houses alike."""

from datetime import timedelta

from identity.models import (
    AccessReview,
    AccessReviewItem,
    Account,
    AccountSession,
    ApiClient,
    GroupConflict,
    Invitation,
    Membership,
    Organization,
    Person,
    WithheldRole,
)
from identity.models.api_clients import CLIENT_CREDENTIALS, CONFIDENTIAL
from identity.operations.merging import merge_people
from identity.operations.saml_connections import create_connection
from kernel.trail import Trail
from licensing.models import LastUse, Product, SigningKey
from licensing.operations import store_bought_key
from tests.factories import compliance, identity, licensing, provisioning, seats
from tests.factories.moments import NOW
from tests.factories.tenants import Tenant

LATER = NOW + timedelta(days=3650)
"""Beyond every run: what is open in the house stays open."""


def furnish(one: Tenant, trail: Trail) -> None:
    """In an open trail of the house, which has people, members and a product already."""
    licensing.release(Product.objects.earliest("id"))
    license = licensing.license(licensing.license_type(Product.objects.earliest("id")))
    licensing.add_on(license)
    licensing.usage_event(license)
    licensing.validation_event(license)
    licensing.usage_daily(license)
    licensing.bundle_item(licensing.product(one.organization), licensing.product(one.organization))
    licensing.use_right(licensing.entitlement(one.organization))
    # Two rows of each tree: no row may be chosen as what stands above itself.
    for _ in range(2):
        identity.unit(one.organization)
        licensing.party(one.organization)
    pool = seats.pool(one.organization, product=license.product)
    seats.reservation(pool)
    seats.eligibility(pool)
    # It waits, so that it counts nowhere, and for longer than any run.
    seats.lease(pool, license=license, state="waiting", ticket=1, acquired_at=None, expires_at=LATER)
    _review(one)
    _certificate(one)
    _bought(one, trail)
    _people(one, trail)
    _programs(one)
    _by_the_company(one, trail)
    _lives()
    seats.departure(one.organization)
    seats.claim(pool)
    _unused(one)


def account_session(organization: Organization, account: Account) -> AccountSession:
    """A browser in which somebody of the house is signed in."""
    return AccountSession.objects.create(
        digest=organization.id.hex, account=account, organization=organization, started_at=NOW, last_seen_at=NOW
    )


def _certificate(one: Tenant) -> None:
    """A certificate that is out: who returned one says so, which columns alone do not tell."""
    issued = licensing.license(licensing.license_type(Product.objects.earliest("id")))
    key = SigningKey.objects.order_by("created_at").first() or licensing.signing_key(one.organization)
    licensing.certificate(issued, signing_key=key, holder=one.organization.id.bytes * 2, expires_at=LATER)


def _bought(one: Tenant, trail: Trail) -> None:
    """A key that was bought elsewhere, sealed as it should be: it belongs to a right and not to a licence."""
    right = licensing.entitlement(one.organization)
    store_bought_key(entitlement_id=right.id, key=f"BOUGHT-{one.organization.id}", trail=trail)


def _review(one: Tenant) -> None:
    """A review of access with an open question."""
    house = one.organization
    first, second = (identity.membership(house, identity.account()) for _ in range(2))
    review = AccessReview.objects.create(
        organization=house, name="Review", reviewer_rule="named", due_at=LATER, started_at=NOW, started_by="somebody"
    )
    AccessReviewItem.objects.create(organization=house, review=review, membership=first, reviewer=second)


def _by_the_company(one: Tenant, trail: Trail) -> None:
    """A connection whose groups say what cannot hold, and a role that no group gives back."""
    house = one.organization
    connection = create_connection(name="Company", trail=trail)
    member = identity.membership(house, identity.account())
    GroupConflict.objects.create(
        organization=house, connection=connection, membership=member, kept=["owner"], noticed_at=NOW
    )
    WithheldRole.objects.create(
        organization=house, membership=member, role="finance", withheld_at=NOW, withheld_by="somebody"
    )


def _lives() -> None:
    """A licence with a renewal that waits, and a change that waits for a second person."""
    license = licensing.license(licensing.license_type(Product.objects.earliest("id")))
    licensing.license_renewal(license)
    compliance.change_request(license, due_at=LATER)


def _unused(one: Tenant) -> None:
    """A seat that its holder wants to keep, an exemption, and what a list said of somebody's last use."""
    house = one.organization
    seat = seats.assignment(seats.pool(house))
    waiting = {"state": "awaiting_approval", "outcome": "keep_wanted", "asked_at": NOW, "due_at": LATER}
    seats.removal_candidate(seat, **waiting)
    seats.exemption(house, ends_at=LATER)
    LastUse.objects.create(
        organization=house,
        product=Product.objects.earliest("id"),
        person=identity.person(house),
        source="list",
        last_used_at=NOW,
        recorded_at=NOW,
    )


def _people(one: Tenant, trail: Trail) -> None:
    """Two people who became one, and an invitation that is open."""
    house = one.organization
    merge_people(kept=Person.objects.earliest("id"), merged=identity.person(house), reason="twice", trail=trail)
    address = f"invited{Membership.objects.count()}{Person.objects.count()}@example.org"
    Invitation.objects.create(
        organization=house,
        email=address,
        email_lower=address,
        roles=["viewer"],
        digest=house.id.bytes * 2,
        invited_at=NOW,
        invited_by="somebody",
        expires_at=LATER,
    )


def _programs(one: Tenant) -> None:
    """A program and a token of a directory service."""
    house = one.organization
    ApiClient.objects.create(
        organization=house,
        name="Program",
        client_id=f"program-{house.slug}",
        client_secret="a digest",  # nobody can sign in with it
        client_type=CONFIDENTIAL,
        authorization_grant_type=CLIENT_CREDENTIALS,
        scopes=["people:read"],
        roles=["viewer"],
        created_at=NOW,
        secret_drawn_at=NOW,
    )
    provisioning.scim_token(house, expires_at=LATER)
