"""Proved e-mail domains are looked at again each day: a proof does not outlive the DNS record that made it by long."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.models import ProvedDomain
from identity.operations.email_domains import Resolve, asked, end_what_hangs_on, note_return, record_name
from identity.queries.memberships import addresses_of_roles
from identity.rules.domain_proofs import ASKED_AGAIN, ASKED_EVERY, ENDS_AFTER, Standing, standing
from jobs.operations import enqueue
from kernel.clock import Clock
from kernel.principal import system
from kernel.scope import scope
from kernel.trail import Trail, open_trail

AT_ONCE = 2
"""Domains that one call asks for: each may take seconds, and other work of the organisation waits behind it."""
TOLD = ("owner", "it_admin")


def recheck_domains(*, organization_id: UUID, clock: Clock, resolve: Resolve) -> int:
    """Asks the DNS for proved domains whose time has come, each outside of any transaction, and notes the answers.
    Returns how many were asked for; called every minute, it mostly costs one read."""
    with scope(organization_id):
        due = list(_due(clock.now())[:AT_ONCE])
    for row in due:
        texts = asked(domain=row, resolve=resolve)
        with open_trail(actor=system(organization_id, "sign-in"), clock=clock) as trail:
            note_answer(domain_id=row.id, texts=texts, trail=trail)
    return len(due)


def note_answer(*, domain_id: UUID, texts: Collection[str] | None, trail: Trail) -> Standing | None:
    """What the DNS said of a proved domain, `texts` None where nobody answered, and what follows.

    Whoever can mend it is told by e-mail when the record is missed first, and when the proof ends. Returns None where
    nothing follows: nobody answered, or the domain was given up or asked for by another worker meanwhile.
    """
    now = trail.clock.now()
    row = ProvedDomain.objects.select_for_update(no_key=True).filter(_is_due(now), id=domain_id).first()
    if row is None:
        return None
    if texts is None:
        row.check_at = now + ASKED_AGAIN
        row.save(update_fields=["check_at"])
        return None
    found = standing(found=row.token in texts, missing_since=row.missing_since, missed=row.missed_answers, at=now)
    if found is Standing.RETURNED:
        note_return(domain=row, trail=trail)
    elif found is Standing.OVER:
        _end(row, trail)
    else:
        _go_on(row, found, trail)
    return found


def _is_due(at: datetime) -> Q:
    """Domains that an earlier release proved have no time yet and are due at once."""
    return Q(proved_at__isnull=False) & (Q(check_at__isnull=True) | Q(check_at__lte=at))


def _due(at: datetime) -> QuerySet[ProvedDomain]:
    return ProvedDomain.objects.filter(_is_due(at)).order_by(F("check_at").asc(nulls_first=True), "id")


def _go_on(row: ProvedDomain, found: Standing, trail: Trail) -> None:
    row.checked_at = trail.clock.now()
    row.check_at = row.checked_at + ASKED_EVERY
    if found is not Standing.HOLDS:
        row.missing_since, row.missed_answers = row.missing_since or row.checked_at, row.missed_answers + 1
    row.save(update_fields=["checked_at", "check_at", "missing_since", "missed_answers"])
    if found is Standing.FIRST_MISS:
        ends = row.checked_at + ENDS_AFTER
        trail.record(
            "email_domain.record_missed", subject=row, details={"domain": row.domain, "proof_ends": ends.isoformat()}
        )
        said = _(
            "The TXT record that proves that %(domain)s is yours is no longer at %(record)s. Put it back, with the "
            "text that the page shows. If it stays away, the proof ends on %(when)s UTC: accounts that were linked "
            "because of this domain alone are signed out and confirm the link once more, and addresses under it no "
            "longer find your sign-in."
        ) % {"domain": row.domain, "record": record_name(row), "when": date_format(ends, "DATETIME_FORMAT")}
        _tell(row, _("Seatledger: the record of an e-mail domain is missing"), said, trail)


def _end(row: ProvedDomain, trail: Trail) -> None:
    """What giving the domain up ends; the row stays as one that is named and not proved, with the same record."""
    ended = end_what_hangs_on(domain=row, trail=trail)
    row.proved_at = row.check_at = row.missing_since = None
    row.missed_answers, row.checked_at = 0, trail.clock.now()
    row.save(update_fields=["proved_at", "checked_at", "check_at", "missing_since", "missed_answers"])
    trail.record("email_domain.proof_ended", subject=row, details={"domain": row.domain, "links_ended": ended})
    said = _(
        "The TXT record that proved that %(domain)s is yours was away for seven days, so the domain no longer counts "
        "as yours. Accounts that were linked because of it alone were signed out and confirm the link once more. Put "
        "the record back and check it on the page to prove the domain again."
    ) % {"domain": row.domain}
    _tell(row, _("Seatledger: an e-mail domain is no longer proved"), said, trail)


def _tell(row: ProvedDomain, subject: str, said: str, trail: Trail) -> None:
    now = trail.clock.now()
    page = settings.BASE_URL.rstrip("/") + reverse("organization:sso")
    enqueue(
        organization_id=trail.organization_id,
        channel="email",
        payload={"to": addresses_of_roles(TOLD, at=now), "subject": subject, "text": f"{said}\n\n{page}"},
        dedupe_key=f"email-domain:{row.id}:{now.isoformat()}",
        order_key=f"email-domain:{row.id}",
        now=now,
    )
