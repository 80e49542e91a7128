"""Coming in by the company: somebody linked, a proved domain, a whole sign-in, and what follows from it."""

from typing import Any

from identity.models import Account, Membership, ProvedDomain, SamlConnection
from identity.operations import change_roles
from identity.operations.email_domains import claim_domain, prove_domain
from identity.operations.saml_accounts import confirm_link
from tests.factories.tenants import Tenant, member
from tests.identity.saml.forge import Trial, signed, trial

OWN = "/api/v1/organizations/"
NAME = "subject-1"


def linked(one: Tenant, connection: SamlConnection, *roles: str) -> Account:
    account, _principal = member(one, *(roles or ("viewer",)))
    with one.writing() as trail:
        confirm_link(connection=connection, name_id=NAME, account=account, trail=trail)
    return account


def proved(one: Tenant, domain: str) -> ProvedDomain:
    with one.writing() as trail:
        row = claim_domain(domain=domain, trail=trail)
        prove_domain(domain=row, texts=["something else", row.token], trail=trail)
    return row


def come(one: Tenant, connection: SamlConnection, **said: Any) -> tuple[Any, Trial]:
    """A whole sign-in in a browser of its own, with what the provider says about somebody."""
    attempt = trial(one, connection)
    return attempt.post(signed(attempt.said(**said))), attempt


def roles_of(one: Tenant, account: Account) -> tuple[list[str], list[str]]:
    with one.reading():
        row = Membership.objects.get(account=account, ended_at__isnull=True)
        return row.roles, row.group_roles


def works(attempt: Trial) -> bool:
    return bool(attempt.browser.get(OWN).status_code == 200)


def by_hand(one: Tenant, account: Account, *roles: str) -> None:
    with one.writing() as trail:
        row = Membership.objects.get(account=account, ended_at__isnull=True)
        change_roles(membership=row, roles=roles, reason="decided", trail=trail)
