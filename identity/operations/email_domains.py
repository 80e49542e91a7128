"""E-mail domains of an organisation, proved by a TXT record in the DNS."""

import secrets
from collections.abc import Callable, Collection, Iterable, Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from identity.models import CredentialRoute, ProvedDomain, SamlLink
from identity.queries.credentials import credential_digest
from identity.rules.domain_proofs import ASKED_EVERY
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
    """The DNS says that the record is not there."""

    code = "EMAIL_DOMAIN_NOT_PROVED"


class DomainNotAnswered(Conflict):
    """No name server said whether the record is there."""

    code = "EMAIL_DOMAIN_NOT_ANSWERED"


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


def asked(*, domain: ProvedDomain, resolve: Resolve) -> Sequence[str] | None:
    """What stands in the DNS at the domain's record; None where nobody answered. Takes seconds: call it outside a
    transaction."""
    try:
        return list(resolve(record_name(domain)))
    except OSError:
        return None


def prove_domain(*, domain: ProvedDomain, texts: Collection[str] | None, trail: Trail) -> None:
    """Compares what stands in the DNS with what should; that a record is back which was missed counts at once. Raises
    DomainNotAnswered, DomainNotProved and DomainTaken.

    The caller has asked the DNS before, outside the transaction. A domain is proved by one organisation at a time.
    """
    row = ProvedDomain.objects.select_for_update(no_key=True).get(id=domain.id)
    if row.proved_at is not None and row.missing_since is None:
        return
    if texts is None:
        raise DomainNotAnswered(_("No name server answered, so nothing is changed. Check again in a few minutes."))
    if row.token not in texts:
        raise DomainNotProved(
            _("There is no such TXT record at %(name)s yet. New records take up to a day to be seen everywhere.")
            % {"name": record_name(row)}
        )
    if row.proved_at is not None:
        note_return(domain=row, trail=trail)
        return
    try:
        with transaction.atomic():
            CredentialRoute.objects.create(
                kind=ROUTE, digest=credential_digest(row.domain), organization_id=trail.organization_id
            )
    except IntegrityError as error:
        raise DomainTaken(_("Another organisation has proved this domain.")) from error
    row.proved_at = row.checked_at = trail.clock.now()
    row.check_at = row.proved_at + ASKED_EVERY
    row.save(update_fields=["proved_at", "checked_at", "check_at"])
    trail.record("email_domain.proved", subject=row, details={"domain": row.domain})


def note_return(*, domain: ProvedDomain, trail: Trail) -> None:
    """The record that was missed is there again: what was counted is forgotten. The caller has locked the domain."""
    domain.checked_at, domain.missing_since, domain.missed_answers = trail.clock.now(), None, 0
    domain.check_at = domain.checked_at + ASKED_EVERY
    domain.save(update_fields=["checked_at", "check_at", "missing_since", "missed_answers"])
    trail.record("email_domain.record_back", subject=domain, details={"domain": domain.domain})


def give_up_domain(*, domain: ProvedDomain, trail: Trail) -> int:
    """The domain is no longer the organisation's: no address of it opens anything by itself any more.

    Links that were made on its strength alone end with it and with the sessions that they opened, whichever connection
    made them; each of these people confirms the link once more. Returns how many links ended.
    """
    # Locked: a sign-in that makes a link by this domain right now holds the row too (saml_accounts.py).
    row = ProvedDomain.objects.select_for_update(no_key=True).get(id=domain.id)
    ended = end_what_hangs_on(domain=row, trail=trail)
    trail.record("email_domain.given_up", subject=row, details={"domain": row.domain, "links_ended": ended})
    row.delete()
    return ended


def end_what_hangs_on(*, domain: ProvedDomain, trail: Trail) -> int:
    """The route by which addresses find the organisation, and the links made by the domain alone; returns how many
    links. The caller has locked the row and records why."""
    if domain.proved_at is not None:
        CredentialRoute.objects.filter(
            kind=ROUTE, digest=credential_digest(domain.domain), organization_id=trail.organization_id
        ).delete()
    links = SamlLink.objects.filter(domain=domain.domain)
    ended = links.count()
    links.delete()
    return ended


def record_name(domain: ProvedDomain) -> str:
    return f"{RECORD}.{domain.domain}"
