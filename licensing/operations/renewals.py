"""Renewals: a further term is recorded, and confirmed or withdrawn; a confirmed one is the licence's term.

A term is renewed from the end of the term before, not from the end of its grace, unless its type says otherwise.
Until a recorded renewal is confirmed the licence keeps what it has until its grace ends.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from kernel.errors import Conflict
from kernel.trail import Trail
from licensing.models import License, LicenseRenewal
from licensing.operations.license_steps import (
    LicenseStatusConflict,
    instant,
    locked_license,
    record_step,
    require,
    stated,
)
from licensing.operations.licenses import grace_of
from licensing.queries.license_facts import life_of
from licensing.rules.life import Step, may
from licensing.rules.renewal import NextTerm, RenewalBasis, anchor_after, next_term

LEAD = timedelta(hours=1)
"""Licences that renew by themselves do so an hour before their end, so that none is without rights in between."""
MOST_TERMS = 1_200
"""Terms that one run catches up with for one licence; the next run goes on."""


class RenewalExists(Conflict):
    """This term has been renewed, or a renewal of the licence waits for its confirmation."""

    code = "LICENSE_RENEWAL_EXISTS"


class RenewalDecided(Conflict):
    """The renewal was confirmed or withdrawn before."""

    code = "LICENSE_RENEWAL_DECIDED"


class RenewalShortens(Conflict):
    """A renewal from today would end before the present term does."""

    code = "LICENSE_RENEWAL_SHORTENS"


def record_renewal(*, license_id: UUID, reason: str, trail: Trail) -> LicenseRenewal:
    """Records the next term of a licence; it takes effect when it is confirmed.

    Raises LicenseStatusConflict, LicenseReasonRequired, RenewalExists and RenewalShortens.
    """
    reason = stated(reason)
    row = locked_license(license_id=license_id)
    now = trail.clock.now()
    require(Step.RENEW, row, at=now)
    term = _next(row, RenewalBasis(row.license_type.renewal_basis), now)
    renewal = _stored(row, term, trail, now)
    record_step(kind="license.renewal_recorded", row=row, reason=reason, trail=trail, details=_terms(renewal))
    return renewal


def renew_license(*, license_id: UUID, reason: str, trail: Trail) -> License:
    """Adds the next term at once; a renewal that waits for its confirmation is confirmed instead.

    Raises LicenseStatusConflict, LicenseReasonRequired, RenewalExists and RenewalShortens.
    """
    reason = stated(reason)
    row = locked_license(license_id=license_id)
    now = trail.clock.now()
    require(Step.RENEW, row, at=now)
    waiting = LicenseRenewal.objects.filter(license=row, confirmed_at__isnull=True, withdrawn_at__isnull=True).first()
    if waiting is None:
        waiting = _stored(row, _next(row, RenewalBasis(row.license_type.renewal_basis), now), trail, now)
    _confirm(row, waiting, trail, now)
    record_step(kind="license.renewed", row=row, reason=reason, trail=trail, details=_terms(waiting))
    return row


def confirm_renewal(*, renewal_id: UUID, reason: str, trail: Trail) -> LicenseRenewal:
    """Makes a recorded renewal the licence's term, also after its grace has ended.

    Raises LicenseRenewal.DoesNotExist, LicenseStatusConflict, LicenseReasonRequired and RenewalDecided.
    """
    reason = stated(reason)
    row, renewal = _open_renewal(renewal_id)
    now = trail.clock.now()
    require(Step.RENEW, row, at=now)
    _confirm(row, renewal, trail, now)
    record_step(kind="license.renewed", row=row, reason=reason, trail=trail, details=_terms(renewal))
    return renewal


def withdraw_renewal(*, renewal_id: UUID, reason: str, trail: Trail) -> LicenseRenewal:
    """Takes back a renewal that was not confirmed; the licence ends as it would have without it.

    Raises LicenseRenewal.DoesNotExist, LicenseReasonRequired and RenewalDecided.
    """
    reason = stated(reason)
    row, renewal = _open_renewal(renewal_id)
    renewal.withdrawn_at, renewal.withdrawn_by = trail.clock.now(), str(trail.actor.pseudonym)
    renewal.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record_step(kind="license.renewal_withdrawn", row=row, reason=reason, trail=trail, details=_terms(renewal))
    return renewal


def due_for_renewal(*, at: datetime) -> Sequence[UUID]:
    """The licences of the open organisation that renew by themselves and whose end is near or past, oldest first."""
    waiting = LicenseRenewal.objects.filter(
        license=OuterRef("id"), confirmed_at__isnull=True, withdrawn_at__isnull=True
    )
    due = License.objects.filter(
        ~Exists(waiting),
        license_type__auto_renews=True,
        status="active",
        paused_at__isnull=True,
        cancel_at__isnull=True,
        past_due_since__isnull=True,
        expires_at__lte=at + LEAD,
    )
    return list(due.order_by("expires_at").values_list("id", flat=True))


def renew_by_itself(*, license_id: UUID, trail: Trail) -> int:
    """Adds the terms that a licence which renews by itself lacks, each from the end of the one before: after days
    without a task there is no gap, and a second call adds none. Returns how many terms there are more.

    What has changed since it was found due (paused, cancelled, past due, renewed by hand) is left alone.
    """
    row = locked_license(license_id=license_id)
    now, added = trail.clock.now(), 0
    kind = row.license_type
    while added < MOST_TERMS and kind.auto_renews and _is_due(row, now):
        renewal = _stored(row, _next(row, RenewalBasis.FROM_EXPIRY, now), trail, now, is_automatic=True)
        _confirm(row, renewal, trail, now)
        trail.record(
            "license.renewed",
            subject=row,
            details={"number": row.number, "status": row.status, "automatic": True, **_terms(renewal)},
        )
        added += 1
    return added


def _is_due(row: License, now: datetime) -> bool:
    ends = row.expires_at
    return ends is not None and ends <= now + LEAD and row.past_due_since is None and _may_renew(row, now)


def _may_renew(row: License, now: datetime) -> bool:
    waits = LicenseRenewal.objects.filter(license=row, confirmed_at__isnull=True, withdrawn_at__isnull=True)
    return may(Step.RENEW, life_of(row, at=now)) and not waits.exists()


def _next(row: License, basis: RenewalBasis, now: datetime) -> NextTerm:
    term = row.license_type.duration
    if row.expires_at is None or term is None:
        raise LicenseStatusConflict(_("This licence type has no term by which it could be renewed."))
    found = next_term(anchor=row.term_anchor, expires_at=row.expires_at, term=term, basis=basis, at=now)
    if found.ends_at <= row.expires_at:
        raise RenewalShortens(_("A term from today would end before the present one does."))
    return found


def _stored(row: License, term: NextTerm, trail: Trail, now: datetime, *, is_automatic: bool = False) -> LicenseRenewal:
    renewal = LicenseRenewal(
        organization_id=trail.organization_id,
        license=row,
        starts_at=term.starts_at,
        ends_at=term.ends_at,
        grace_until=grace_of(ends=term.ends_at, kind=row.license_type),
        is_automatic=is_automatic,
        recorded_at=now,
        recorded_by=str(trail.actor.pseudonym),
    )
    try:
        with transaction.atomic():
            renewal.save(force_insert=True)
    except IntegrityError as error:
        raise RenewalExists(_("This term was renewed before, or a renewal waits for its confirmation.")) from error
    return renewal


def _confirm(row: License, renewal: LicenseRenewal, trail: Trail, now: datetime) -> None:
    """The licence's ends become those of the renewal; its terms count from the old anchor while they follow on it."""
    row.term_anchor = anchor_after(
        anchor=row.term_anchor,
        expires_at=row.expires_at,
        term=row.license_type.duration,
        starts_at=renewal.starts_at,
    )
    row.expires_at, row.grace_until = renewal.ends_at, renewal.grace_until
    row.save(update_fields=["term_anchor", "expires_at", "grace_until"])
    renewal.confirmed_at, renewal.confirmed_by = now, str(trail.actor.pseudonym)
    renewal.save(update_fields=["confirmed_at", "confirmed_by"])


def _open_renewal(renewal_id: UUID) -> tuple[License, LicenseRenewal]:
    """The licence under its lock, which covers its renewals, and the renewal as it stands now."""
    row = locked_license(license_id=LicenseRenewal.objects.get(id=renewal_id).license_id)
    renewal = LicenseRenewal.objects.get(id=renewal_id)
    if renewal.confirmed_at is not None or renewal.withdrawn_at is not None:
        raise RenewalDecided(_("This renewal was confirmed or withdrawn before."))
    return row, renewal


def _terms(renewal: LicenseRenewal) -> dict[str, str | None]:
    return {
        "renewal": str(renewal.id),
        "starts_at": instant(renewal.starts_at),
        "expires_at": instant(renewal.ends_at),
    }
