"""A pause stops a licence's clock, and an end at the end of the term is asked for; both can be taken back."""

from datetime import datetime, timedelta
from uuid import UUID

from kernel.trail import Trail
from licensing.models import License, LicenseRenewal
from licensing.operations.license_steps import instant, locked_license, record_step, require, stated
from licensing.rules.life import Step

ENDS = ["term_anchor", "expires_at", "grace_until", "cancel_at", "past_due_since"]


def pause_license(*, license_id: UUID, reason: str, trail: Trail) -> License:
    """Lets validation refuse a licence while its term, its grace and its dunning stand still.

    Raises LicenseStatusConflict for one that is not active, is paused or is over, and LicenseReasonRequired.
    """
    reason = stated(reason)
    row = locked_license(license_id=license_id)
    now = trail.clock.now()
    require(Step.PAUSE, row, at=now)
    row.paused_at, row.paused_by, row.paused_reason = now, str(trail.actor.pseudonym), reason
    row.save(update_fields=["paused_at", "paused_by", "paused_reason"])
    record_step(kind="license.paused", row=row, reason=reason, trail=trail)
    return row


def resume_license(*, license_id: UUID, reason: str, trail: Trail) -> License:
    """Ends a pause: what was to end later ends later by exactly the length of the pause.

    Raises LicenseStatusConflict for a licence that is not paused, and LicenseReasonRequired.
    """
    reason = stated(reason)
    row = locked_license(license_id=license_id)
    now = trail.clock.now()
    require(Step.RESUME, row, at=now)
    length = now - (row.paused_at or now)
    for name in ENDS:
        setattr(row, name, _later(getattr(row, name), length))
    row.paused_at, row.paused_by, row.paused_reason = None, "", ""
    row.save(update_fields=[*ENDS, "paused_at", "paused_by", "paused_reason"])
    _postpone_recorded(row, length)
    record_step(
        kind="license.resumed",
        row=row,
        reason=reason,
        trail=trail,
        details={"paused_seconds": int(length.total_seconds()), "expires_at": instant(row.expires_at)},
    )
    return row


def cancel_license(*, license_id: UUID, reason: str, trail: Trail) -> License:
    """Asks for the end of a licence with its term: no renewal and no grace. Until then it can be taken back.

    Raises LicenseStatusConflict for a licence without a known end, one that is over or cancelled, and
    LicenseReasonRequired.
    """
    reason = stated(reason)
    row = locked_license(license_id=license_id)
    require(Step.CANCEL, row, at=trail.clock.now())
    row.cancel_at, row.cancelled_by, row.cancelled_reason = row.expires_at, str(trail.actor.pseudonym), reason
    row.save(update_fields=["cancel_at", "cancelled_by", "cancelled_reason"])
    record_step(
        kind="license.cancelled", row=row, reason=reason, trail=trail, details={"cancel_at": instant(row.cancel_at)}
    )
    return row


def keep_license(*, license_id: UUID, reason: str, trail: Trail) -> License:
    """Takes a cancellation back before its moment has come; the licence is as if it had never been cancelled.

    Raises LicenseStatusConflict, and LicenseReasonRequired.
    """
    reason = stated(reason)
    row = locked_license(license_id=license_id)
    require(Step.KEEP, row, at=trail.clock.now())
    row.cancel_at, row.cancelled_by, row.cancelled_reason = None, "", ""
    row.save(update_fields=["cancel_at", "cancelled_by", "cancelled_reason"])
    record_step(
        kind="license.kept", row=row, reason=reason, trail=trail, details={"expires_at": instant(row.expires_at)}
    )
    return row


def _later(at: datetime | None, by: timedelta) -> datetime | None:
    return None if at is None else at + by


def _postpone_recorded(row: License, by: timedelta) -> None:
    """A renewal that waits for its confirmation follows the end that it continues."""
    for renewal in LicenseRenewal.objects.filter(license=row, confirmed_at__isnull=True, withdrawn_at__isnull=True):
        renewal.starts_at += by
        renewal.ends_at += by
        renewal.grace_until = _later(renewal.grace_until, by)
        renewal.save(update_fields=["starts_at", "ends_at", "grace_until"])
