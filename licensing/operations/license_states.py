"""What happens to a licence after it was issued: its term starts, it is suspended, reinstated, revoked."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput
from kernel.trail import Personal, Trail
from licensing.models import Entitlement, License
from licensing.operations.ending_add_ons import end_add_ons
from licensing.operations.licenses import grace_of
from licensing.rules.facts import ExpiryBasis, LicenseStatus
from licensing.rules.terms import end_of

LONGEST_REASON = 500


class LicenseStatusConflict(Conflict):
    """The licence is not in the state that this step starts from."""

    code = "LICENSE_STATUS_CONFLICT"


class LicenseReasonRequired(InvalidInput):
    """Suspending, reinstating and revoking need a reason, which stays on record."""

    code = "LICENSE_REASON_REQUIRED"


def suspend_license(*, license_id: UUID, reason: str, trail: Trail) -> License:
    """Lets validation refuse an active licence until it is reinstated.

    Raises LicenseStatusConflict for one that is not active, and LicenseReasonRequired.
    """
    reason = _reason(reason)
    row = locked_license(license_id=license_id)
    if row.status != LicenseStatus.ACTIVE:
        raise LicenseStatusConflict(_("Only an active licence can be suspended."))
    row.status, row.suspended_at = LicenseStatus.SUSPENDED.value, trail.clock.now()
    row.suspended_by, row.suspended_reason = str(trail.actor.pseudonym), reason
    row.save(update_fields=["status", "suspended_at", "suspended_by", "suspended_reason"])
    _record("license.suspended", row, reason, trail)
    return row


def reinstate_license(*, license_id: UUID, reason: str, trail: Trail) -> License:
    """Ends a suspension; the term has run on meanwhile.

    Raises LicenseStatusConflict for one that is not suspended, and LicenseReasonRequired.
    """
    reason = _reason(reason)
    row = locked_license(license_id=license_id)
    if row.status != LicenseStatus.SUSPENDED:
        raise LicenseStatusConflict(_("Only a suspended licence can be reinstated."))
    row.status, row.suspended_at = LicenseStatus.ACTIVE.value, None
    row.suspended_by = row.suspended_reason = ""
    row.save(update_fields=["status", "suspended_at", "suspended_by", "suspended_reason"])
    _record("license.reinstated", row, reason, trail)
    return row


def revoke_license(*, license_id: UUID, reason: str, trail: Trail) -> License:
    """Withdraws a licence for good; the rights that it took from its entitlement are free again,
    and its add-ons end with it.

    Raises LicenseStatusConflict for one that was revoked before, and LicenseReasonRequired.
    """
    reason = _reason(reason)
    # The entitlement comes before the licence in the order of locks; a licence never changes its entitlement.
    entitlement_id = License.objects.get(id=license_id).entitlement_id
    entitlement: Entitlement | None = None
    if entitlement_id is not None:
        entitlement = Entitlement.objects.select_for_update(no_key=True, of=("self",)).get(id=entitlement_id)
    row = locked_license(license_id=license_id)
    if row.status == LicenseStatus.REVOKED:
        raise LicenseStatusConflict(_("This licence was revoked before."))
    row.status, row.revoked_at = LicenseStatus.REVOKED.value, trail.clock.now()
    row.revoked_by, row.revoked_reason = str(trail.actor.pseudonym), reason
    row.save(update_fields=["status", "revoked_at", "revoked_by", "revoked_reason"])
    if entitlement is not None:
        entitlement.issued -= row.quantity
        entitlement.save(update_fields=["issued"])
    _record("license.revoked", row, reason, trail)
    end_add_ons(license=row, reason=reason, trail=trail)
    return row


def start_term(*, license: License, at: datetime, trail: Trail) -> None:
    """Lets the term of a licence that counts from its first validation begin at `at`, read after the caller's lock.

    Does nothing when the term counts from something else or has begun: it begins once, whoever comes first.
    """
    kind = license.license_type
    begins = kind.expiry_basis == ExpiryBasis.FIRST_VALIDATION and license.first_validated_at is None
    if not begins or kind.duration is None:
        return
    license.first_validated_at = at
    if license.expires_at is None:
        license.expires_at = end_of(start=at, term=kind.duration)
        license.grace_until = grace_of(ends=license.expires_at, kind=kind)
    license.save(update_fields=["first_validated_at", "expires_at", "grace_until"])
    trail.record(
        "license.term_started",
        subject=license,
        details={"number": license.number, "expires_at": license.expires_at.isoformat()},
    )


def locked_license(*, license_id: UUID) -> License:
    """The licence with its type, licensee and product, under its lock. Raises License.DoesNotExist."""
    rows = License.objects.select_related("license_type", "licensee", "product")
    return rows.select_for_update(no_key=True, of=("self",)).get(id=license_id)


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise LicenseReasonRequired(
            _("A reason of at most %(most)d characters is needed.") % {"most": LONGEST_REASON}, pointer="/reason"
        )
    return reason


def _record(kind: str, row: License, reason: str, trail: Trail) -> None:
    trail.record(
        kind,
        subject=row,
        details={"number": row.number, "status": row.status},
        personal={"reason": Personal(trail.actor.pseudonym, reason)},
    )
