"""Whole tenants, made by the operations as in production, and browsers signed in to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from django.test import Client

from audit.operations import trail
from identity.models import Account, Organization
from identity.operations import create_account, create_organization, grant_membership
from identity.queries import LiveMembership, principal_for
from identity.rules.roles import ROLES
from identity.rules.second_factor import ALWAYS
from kernel.clock import Clock, DatabaseClock
from kernel.principal import Principal, system
from kernel.scope import scope
from kernel.trail import Trail
from tests.factories.second_factors import enrolled

PASSWORD = "a long enough pass phrase"
ALL_ROLES = sorted(set(ROLES) - {"platform_operator", "customer"})
"""Every role that a member of an ordinary organisation may have."""
_next = count(1)


@dataclass(frozen=True)
class Tenant:
    """An organisation with its chain and audit key."""

    organization: Organization

    @property
    def actor(self) -> Principal:
        """A task of the system in this organisation."""
        return system(self.organization.id, "test")

    @contextmanager
    def writing(self, actor: Principal | None = None) -> Iterator[Trail]:
        with trail(organization_id=self.organization.id, actor=actor or self.actor) as opened:
            yield opened

    @contextmanager
    def reading(self) -> Iterator[None]:
        with scope(self.organization.id):
            yield


def tenant(kind: str = "buyer", slug: str = "", name: str = "", clock: Clock | None = None) -> Tenant:
    n = next(_next)
    return Tenant(
        create_organization(
            slug=slug or f"tenant-{n}", name=name or f"Tenant {n}", kind=kind, clock=clock or DatabaseClock()
        )
    )


def member(tenant: Tenant, *roles: str, email: str = "") -> tuple[Account, Principal]:
    """An account that works in the tenant with these roles, and its principal."""
    account = create_account(
        email=email or f"member-{next(_next)}@example.org",
        password=PASSWORD,
        display_name="Kim Member",
        clock=DatabaseClock(),
    )
    with tenant.writing() as opened:
        row = grant_membership(account=account, roles=roles, trail=opened)
    return account, principal_for(account, LiveMembership(row.id, row.organization_id, None, tuple(row.roles)))


def signed_in(tenant: Tenant, *roles: str) -> Client:
    """A browser in which a new member with these roles has signed in through the pages, with a second factor where the
    roles need one."""
    account, _principal = member(tenant, *roles)
    browser = Client(HTTP_HOST="127.0.0.1")
    if ALWAYS & set(roles):
        with tenant.writing() as opened:
            recovery = enrolled(account, opened).recovery
        browser.post("/accounts/sign-in/", {"username": account.email, "password": PASSWORD})
        answer = browser.post("/accounts/second-factor/", {"code": recovery[0]})
    else:
        answer = browser.post("/accounts/sign-in/", {"username": account.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    return browser
