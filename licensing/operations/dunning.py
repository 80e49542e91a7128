"""Payment past due: who says so and who settles it, and the task that moves a licence on through the stages."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import InvalidInput
from kernel.trail import Trail
from licensing.models import License
from licensing.operations.license_steps import instant, locked_license, record_step, require, stated
from licensing.queries.license_facts import dunning_of
from licensing.rules.dunning import DunningStage, stage_at
from licensing.rules.facts import LicenseStatus
from licensing.rules.life import Step


class PastDueInFuture(InvalidInput):
    """Payment that is due later is not past due."""

    code = "LICENSE_PAST_DUE_IN_FUTURE"


def mark_past_due(*, license_id: UUID, reason: str, since: datetime | None, trail: Trail) -> License:
    """Begins the stages of dunning: `since` (aware; None: now) is when payment was due.

    Raises LicenseStatusConflict, LicenseReasonRequired and PastDueInFuture.
    """
    reason = stated(reason)
    row = locked_license(license_id=license_id)
    now = trail.clock.now()
    require(Step.MARK_PAST_DUE, row, at=now)
    if since is not None and since > now:
        raise PastDueInFuture(_("This moment is still to come."), pointer="/since")
    row.past_due_since, row.past_due_by, row.past_due_reason = since or now, str(trail.actor.pseudonym), reason
    row.dunning_stage = DunningStage.WARNED.value
    row.save(update_fields=["past_due_since", "past_due_by", "past_due_reason", "dunning_stage"])
    record_step(
        kind="license.past_due", row=row, reason=reason, trail=trail, details={"since": instant(row.past_due_since)}
    )
    return row


def settle_payment(*, license_id: UUID, reason: str, trail: Trail) -> License:
    """Ends the dunning of a licence; one that was suspended for it is active again.

    Raises LicenseStatusConflict when nothing is past due, and LicenseReasonRequired.
    """
    reason = stated(reason)
    row = locked_license(license_id=license_id)
    require(Step.SETTLE, row, at=trail.clock.now())
    if row.dunning_stage == DunningStage.SUSPENDED and row.status == LicenseStatus.SUSPENDED:
        row.status, row.suspended_at = LicenseStatus.ACTIVE.value, None
        row.suspended_by = row.suspended_reason = ""
    row.past_due_since = None
    row.past_due_by = row.past_due_reason = row.dunning_stage = ""
    row.save(
        update_fields=[
            "status", "suspended_at", "suspended_by", "suspended_reason",
            "past_due_since", "past_due_by", "past_due_reason", "dunning_stage",
        ]
    )  # fmt: skip
    record_step(kind="license.settled", row=row, reason=reason, trail=trail)
    return row


def past_due(*, at: datetime) -> Sequence[UUID]:
    """The licences of the open organisation whose next stage of dunning has come."""
    rows = License.objects.filter(past_due_since__isnull=False, paused_at__isnull=True, status="active")
    found = rows.select_related("license_type").order_by("past_due_since")
    return [row.id for row in found if _stage(row, at) != row.dunning_stage]


def advance_dunning(*, license_id: UUID, trail: Trail) -> bool:
    """Moves a licence past due to the stage that has come, and says whether it moved; a second call changes nothing.

    The features end at their moment by themselves (licensing.queries.license_facts); here that is put on record.
    """
    row = locked_license(license_id=license_id)
    now = trail.clock.now()
    if row.past_due_since is None or row.paused_at is not None or row.status != LicenseStatus.ACTIVE:
        return False
    stage = _stage(row, now)
    if stage == row.dunning_stage:
        return False
    row.dunning_stage = stage
    if stage == DunningStage.SUSPENDED:
        row.status, row.suspended_at = LicenseStatus.SUSPENDED.value, now
        row.suspended_by, row.suspended_reason = str(trail.actor.pseudonym), row.past_due_reason
    row.save(update_fields=["dunning_stage", "status", "suspended_at", "suspended_by", "suspended_reason"])
    trail.record(
        "license.dunned",
        subject=row,
        details={"number": row.number, "status": row.status, "stage": stage, "since": instant(row.past_due_since)},
    )
    return True


def _stage(row: License, at: datetime) -> str:
    since = row.past_due_since or at
    return stage_at(since=since, terms=dunning_of(row.license_type), at=at).value
