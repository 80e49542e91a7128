"""What all steps of a licence share: the lock, the judgement whether the step fits, the reason, the ledger entry."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy

from kernel.errors import Conflict, InvalidInput, JsonValue
from kernel.trail import Personal, Trail
from licensing.models import Entitlement, License
from licensing.operations.reasons import stated_reason
from licensing.queries.license_facts import life_of
from licensing.rules.life import Step, may

REFUSALS: dict[Step, Any] = {
    Step.ACTIVATE: gettext_lazy("Only a draft can be put in force."),
    Step.SUSPEND: gettext_lazy("Only an active licence can be suspended."),
    Step.REINSTATE: gettext_lazy("Only a suspended licence without payment past due can be reinstated."),
    Step.PAUSE: gettext_lazy("Only an active licence whose term is not over can be paused."),
    Step.RESUME: gettext_lazy("This licence is not paused."),
    Step.CANCEL: gettext_lazy("Only a licence in use whose end is known and still to come can be cancelled, and once."),
    Step.KEEP: gettext_lazy("This licence is not cancelled, or its end has come."),
    Step.RENEW: gettext_lazy(
        "Only an active licence with an end is renewed; a paused, cancelled or trial licence is not."
    ),
    Step.RESIZE: gettext_lazy("The units of an active licence whose term is not over can be changed, and of no other."),
    Step.MARK_PAST_DUE: gettext_lazy("Only an active licence that is no trial can become past due, and once."),
    Step.SETTLE: gettext_lazy("Nothing is past due for this licence."),
    Step.CONVERT: gettext_lazy("Only an active trial becomes a paid licence."),
    Step.TRANSFER: gettext_lazy("A revoked licence cannot be handed on."),
    Step.REVOKE: gettext_lazy("This licence was revoked before."),
}


class LicenseStatusConflict(Conflict):
    """The licence is not in the state that this step starts from."""

    code = "LICENSE_STATUS_CONFLICT"


class LicenseReasonRequired(InvalidInput):
    """A step of a licence needs a reason, which stays on record."""

    code = "LICENSE_REASON_REQUIRED"


def locked_license(*, license_id: UUID) -> License:
    """The licence with its type, licensee and product, under its lock. Raises License.DoesNotExist."""
    rows = License.objects.select_related("license_type", "licensee", "product")
    return rows.select_for_update(no_key=True, of=("self",)).get(id=license_id)


def locked_with_entitlement(*, license_id: UUID) -> tuple[License, Entitlement | None]:
    """The licence and the right that it was taken from, both locked in the order of locks: the entitlement comes
    first; a licence never changes its entitlement."""
    entitlement_id = License.objects.get(id=license_id).entitlement_id
    entitlement: Entitlement | None = None
    if entitlement_id is not None:
        entitlement = Entitlement.objects.select_for_update(no_key=True, of=("self",)).get(id=entitlement_id)
    return locked_license(license_id=license_id), entitlement


def require(step: Step, row: License, *, at: datetime) -> None:
    """Raises LicenseStatusConflict unless the licence can take this step at `at`, read after its lock."""
    if not may(step, life_of(row, at=at)):
        raise LicenseStatusConflict(str(REFUSALS[step]))


def stated(reason: str) -> str:
    """The reason without space around it. Raises LicenseReasonRequired for none, and for one that is too long."""
    return stated_reason(reason, refusal=LicenseReasonRequired)


def record_step(
    *, kind: str, row: License, reason: str, trail: Trail, details: Mapping[str, JsonValue] | None = None
) -> None:
    """The entry of a step: number and status, what is particular, and the reason, erasable beside the ledger."""
    trail.record(
        kind,
        subject=row,
        details={"number": row.number, "status": row.status, **(details or {})},
        personal={"reason": Personal(trail.actor.pseudonym, reason)},
    )


def instant(at: datetime | None) -> str | None:
    """How a moment stands in the details of an entry."""
    return None if at is None else at.isoformat()
