"""E-mail domains of an organisation, proved by a TXT record in the DNS."""

import secrets
from collections.abc import Callable, Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from identity.models import CredentialRoute, ProvedDomain, SamlLink
from identity.queries.credentials import credential_digest
from identity.rules.single_sign_on import is_domain
from kernel.errors import Conflict, InvalidInput
from kernel.trail import Trail

ROUTE = "email_domain"
RECORD = "_seatledger"
"""The label in front of the domain at which the record stands."""
Resolve = Callable[[str], Iterable[str]]
"""The texts of all TXT records at a name; raises OSError when no name server can be asked."""


class DomainInvalid(InvalidInput):
    """This is no name of a domain."""

    code = "EMAIL_DOMAIN_INVALID"


class DomainTaken(Conflict):
    """The organisation has the domain already, or another organisation has proved it."""

    code = "EMAIL_DOMAIN_TAKEN"


class DomainNotProved(Conflict):
    """The record is not there, or nobody could be asked."""

    code = "EMAIL_DOMAIN_NOT_PROVED"


def claim_domain(*, domain: str, trail: Trail) -> ProvedDomain:
    """Notes a domain with the text that shall stand in its DNS. Raises DomainInvalid and DomainTaken."""
    domain = domain.strip().lower().removeprefix("@")
    if not is_domain(domain):
        raise DomainInvalid(_("Write a domain such as example.com."), pointer="/domain")
    try:
        with transaction.atomic():
            row = ProvedDomain.objects.create(
                organization_id=trail.organization_id,
                domain=domain,
                token=f"seatledger-domain={secrets.token_hex(16)}",
                created_at=trail.clock.now(),
            )
    except IntegrityError as error:
        raise DomainTaken(_("Your organisation has this domain already."), pointer="/domain") from error
    trail.record("email_domain.claimed", subject=row, details={"domain": domain})
    return row


def prove_domain(*, domain: ProvedDomain, texts: Iterable[str], trail: Trail) -> None:
    """Compares what stands in the DNS with what should. Raises DomainNotProved and DomainTaken.

    The caller has asked the DNS before, outside the transaction. A domain is proved by one organisation at a time.
    """
    row = ProvedDomain.objects.select_for_update(no_key=True).get(id=domain.id)
    if row.proved_at is not None:
        return
    if row.token not in set(texts):
        raise DomainNotProved(
            _("There is no such TXT record at %(name)s yet. New records take up to a day to be seen everywhere.")
            % {"name": record_name(row)}
        )
    try:
        with transaction.atomic():
            CredentialRoute.objects.create(
                kind=ROUTE, digest=credential_digest(row.domain), organization_id=trail.organization_id
            )
    except IntegrityError as error:
        raise DomainTaken(_("Another organisation has proved this domain.")) from error
    row.proved_at = row.checked_at = trail.clock.now()
    row.save(update_fields=["proved_at", "checked_at"])
    trail.record("email_domain.proved", subject=row, details={"domain": row.domain})


def give_up_domain(*, domain: ProvedDomain, trail: Trail) -> int:
    """The domain is no longer the organisation's: no address of it opens anything by itself any more.

    Links that were made on its strength alone end with it and with the sessions that they opened, whichever connection
    made them; each of these people confirms the link once more. Returns how many links ended.
    """
    # Locked: a sign-in that makes a link by this domain right now holds the row too (saml_accounts.py).
    row = ProvedDomain.objects.select_for_update(no_key=True).get(id=domain.id)
    if row.proved_at is not None:
        CredentialRoute.objects.filter(
            kind=ROUTE, digest=credential_digest(row.domain), organization_id=trail.organization_id
        ).delete()
    links = SamlLink.objects.filter(domain=row.domain)
    ended = links.count()
    links.delete()
    trail.record("email_domain.given_up", subject=row, details={"domain": row.domain, "links_ended": ended})
    row.delete()
    return ended


def record_name(domain: ProvedDomain) -> str:
    return f"{RECORD}.{domain.domain}"
