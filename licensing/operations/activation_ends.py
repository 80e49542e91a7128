"""An activation ends: its client gives it back, the vendor releases it, or it fell silent for good."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput
from kernel.trail import Personal, Trail
from licensing.models import Activation, EndReason, License
from licensing.operations.license_states import locked_license
from licensing.operations.reasons import stated_reason


class ActivationEnded(Conflict):
    """The activation has ended before."""

    code = "ACTIVATION_ENDED"


class ActivationReasonRequired(InvalidInput):
    """Ending the activation of somebody else needs a reason, which stays on record."""

    code = "ACTIVATION_REASON_REQUIRED"


def release_activation(*, activation_id: UUID, reason: str, trail: Trail) -> Activation:
    """Ends an activation for the vendor. It is no transfer: the place is free, whatever the year's transfers are.

    Raises ActivationEnded and ActivationReasonRequired.
    """
    reason = stated_reason(reason, refusal=ActivationReasonRequired)
    license = locked_license(license_id=Activation.objects.get(id=activation_id).license_id)
    row = Activation.objects.select_for_update(no_key=True, of=("self",)).get(id=activation_id)
    if row.released_at is not None:
        raise ActivationEnded(_("This activation has ended before."))
    end(row=row, reason=EndReason.RELEASED, at=trail.clock.now())
    trail.record(
        "activation.released",
        subject=row,
        details={"license": str(license.id), "number": license.number},
        personal={"reason": Personal(trail.actor.pseudonym, reason)},
    )
    return row


def end_lost_of(*, license_id: UUID, trail: Trail) -> int:
    """Ends the activations of a licence that are beyond coming back; answers how many. A second call ends none."""
    license = locked_license(license_id=license_id)
    return end_lost(license=license, at=trail.clock.now(), trail=trail)


def end_lost(*, license: License, at: datetime, trail: Trail) -> int:
    """The same under the licence's lock, which the caller holds."""
    lost = Activation.objects.live().filter(license=license, lost_at__lte=at).order_by("id")
    rows = list(lost.select_for_update(no_key=True, of=("self",)))
    for row in rows:
        end(row=row, reason=EndReason.HEARTBEAT_LOST, at=at)
        trail.record("activation.ended", subject=row, details={"license": str(license.id), "reason": row.end_reason})
    return len(rows)


def end(*, row: Activation, reason: EndReason, at: datetime) -> None:
    """Writes the end of a live activation; the caller holds a lock on it and records why."""
    row.released_at, row.end_reason = at, reason.value
    row.save(update_fields=["released_at", "end_reason"])
