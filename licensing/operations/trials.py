"""What becomes of a trial that is bought."""

from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import Conflict
from kernel.trail import Trail
from licensing.models import License, LicenseType
from licensing.operations.license_steps import instant, locked_license, record_step, require, stated
from licensing.operations.licenses import grace_of
from licensing.rules.life import Step
from licensing.rules.terms import end_of


class TrialNotForSale(Conflict):
    """The licence type of the trial names nothing that it becomes when it is bought."""

    code = "TRIAL_NOT_FOR_SALE"


def convert_trial(*, license_id: UUID, reason: str, trail: Trail) -> License:
    """Makes a trial the paid licence that its type names, in the version in force: a new term begins now, and number,
    keys, activations and history stay. A trial that is over can be bought too.

    Raises LicenseStatusConflict for what is no active trial, LicenseReasonRequired and TrialNotForSale.
    """
    reason = stated(reason)
    row = locked_license(license_id=license_id)
    now = trail.clock.now()
    require(Step.CONVERT, row, at=now)
    before, kind = row.license_type, _bought(row.license_type)
    row.license_type, row.model, row.edition = kind, kind.model, kind.edition
    row.term_anchor = None if kind.duration is None else now
    row.expires_at = None if kind.duration is None else end_of(start=now, term=kind.duration)
    row.grace_until = grace_of(ends=row.expires_at, kind=kind)
    row.cancel_at, row.cancelled_by, row.cancelled_reason = None, "", ""
    row.converted_at = now
    row.save(
        update_fields=[
            "license_type", "model", "edition", "term_anchor", "expires_at", "grace_until",
            "cancel_at", "cancelled_by", "cancelled_reason", "converted_at",
        ]
    )  # fmt: skip
    record_step(
        kind="license.converted",
        row=row,
        reason=reason,
        trail=trail,
        details={
            "from_type": str(before.id),
            "license_type": str(kind.id),
            "version": kind.version,
            "model": kind.model,
            "expires_at": instant(row.expires_at),
        },
    )
    return row


def _bought(trial: LicenseType) -> LicenseType:
    """What the trial becomes, in the version that takes licences now."""
    if trial.converts_to is None:
        raise TrialNotForSale(_("The licence type of this trial names no licence that it becomes."))
    code = trial.converts_to.code
    found = LicenseType.objects.select_related("product").filter(code=code, superseded_at__isnull=True).first()
    return found or trial.converts_to
