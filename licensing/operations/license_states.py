"""What is decided about a licence: a draft is put in force; a licence is suspended, reinstated, revoked.

Its term starts here too.
"""

from datetime import datetime
from uuid import UUID

from kernel.principal import Approval
from kernel.trail import Trail
from licensing.models import License
from licensing.operations.approvals import use_approval
from licensing.operations.ending_add_ons import end_add_ons
from licensing.operations.license_steps import (
    LicenseReasonRequired,
    LicenseStatusConflict,
    instant,
    locked_license,
    locked_with_entitlement,
    record_step,
    require,
    stated,
)
from licensing.operations.licenses import grace_of
from licensing.rules.facts import ExpiryBasis, LicenseStatus
from licensing.rules.life import Step
from licensing.rules.terms import end_of

__all__ = [
    "LicenseReasonRequired",
    "LicenseStatusConflict",
    "activate_license",
    "locked_license",
    "note_first_activation",
    "reinstate_license",
    "revoke_license",
    "start_term",
    "suspend_license",
]

REVOKE = "license.revoke"
"""The kind of a change request that asks for a licence to be revoked."""


def activate_license(*, license_id: UUID, reason: str, trail: Trail) -> License:
    """Puts a draft in force. A term that counts from creation counts from this moment, or from a later first day.

    Raises LicenseStatusConflict for what is no draft, and LicenseReasonRequired.
    """
    reason = stated(reason)
    row = locked_license(license_id=license_id)
    now = trail.clock.now()
    require(Step.ACTIVATE, row, at=now)
    kind = row.license_type
    row.status = LicenseStatus.ACTIVE.value
    if kind.duration is not None and kind.expiry_basis == ExpiryBasis.CREATION:
        row.term_anchor = max(now, row.valid_from or now)
        row.expires_at = end_of(start=row.term_anchor, term=kind.duration)
        row.grace_until = grace_of(ends=row.expires_at, kind=kind)
    row.save(update_fields=["status", "term_anchor", "expires_at", "grace_until"])
    record_step(
        kind="license.activated", row=row, reason=reason, trail=trail, details={"expires_at": instant(row.expires_at)}
    )
    return row


def suspend_license(*, license_id: UUID, reason: str, trail: Trail) -> License:
    """Lets validation refuse an active licence until it is reinstated.

    Raises LicenseStatusConflict for one that is not active, and LicenseReasonRequired.
    """
    reason = stated(reason)
    row = locked_license(license_id=license_id)
    now = trail.clock.now()
    require(Step.SUSPEND, row, at=now)
    row.status, row.suspended_at = LicenseStatus.SUSPENDED.value, now
    row.suspended_by, row.suspended_reason = str(trail.actor.pseudonym), reason
    row.save(update_fields=["status", "suspended_at", "suspended_by", "suspended_reason"])
    record_step(kind="license.suspended", row=row, reason=reason, trail=trail)
    return row


def reinstate_license(*, license_id: UUID, reason: str, trail: Trail) -> License:
    """Ends a suspension; the term has run on meanwhile.

    Raises LicenseStatusConflict for one that is not suspended or has payment past due, and LicenseReasonRequired.
    """
    reason = stated(reason)
    row = locked_license(license_id=license_id)
    require(Step.REINSTATE, row, at=trail.clock.now())
    row.status, row.suspended_at = LicenseStatus.ACTIVE.value, None
    row.suspended_by = row.suspended_reason = ""
    row.save(update_fields=["status", "suspended_at", "suspended_by", "suspended_reason"])
    record_step(kind="license.reinstated", row=row, reason=reason, trail=trail)
    return row


def revoke_license(*, license_id: UUID, reason: str, approval: Approval, trail: Trail) -> License:
    """Withdraws a licence for good, as somebody asked and somebody else approved; the rights that it took from its
    entitlement are free again, and its add-ons end with it.

    Raises LicenseStatusConflict for one that was revoked before, LicenseReasonRequired, and what use_approval raises.
    """
    reason = stated(reason)
    row, entitlement = locked_with_entitlement(license_id=license_id)
    now = trail.clock.now()
    require(Step.REVOKE, row, at=now)
    use_approval(approval=approval, kind=REVOKE, license=row, payload={"reason": reason}, trail=trail)
    row.status, row.revoked_at = LicenseStatus.REVOKED.value, now
    row.revoked_by, row.revoked_reason = str(trail.actor.pseudonym), reason
    row.save(update_fields=["status", "revoked_at", "revoked_by", "revoked_reason"])
    if entitlement is not None:
        entitlement.issued -= row.quantity
        entitlement.save(update_fields=["issued"])
    record_step(
        kind="license.revoked", row=row, reason=reason, trail=trail, details={"request": str(approval.request_id)}
    )
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
    _begin(license, at, "first_validated_at", trail)


def note_first_activation(*, license: License, at: datetime, trail: Trail) -> bool:
    """Keeps when the licence was first activated, and lets its term begin then where it counts from that; answers
    whether it began. Call it under the licence's lock; a second activation changes nothing."""
    kind = license.license_type
    if license.first_activated_at is not None:
        return False
    license.first_activated_at = at
    if kind.expiry_basis != ExpiryBasis.FIRST_ACTIVATION or kind.duration is None:
        license.save(update_fields=["first_activated_at"])
        return False
    _begin(license, at, "first_activated_at", trail)
    return True


def _begin(license: License, at: datetime, event: str, trail: Trail) -> None:
    kind = license.license_type
    if license.expires_at is None and kind.duration is not None:
        license.term_anchor = at
        license.expires_at = end_of(start=at, term=kind.duration)
        license.grace_until = grace_of(ends=license.expires_at, kind=kind)
    license.save(update_fields=[event, "term_anchor", "expires_at", "grace_until"])
    trail.record(
        "license.term_started",
        subject=license,
        details={"number": license.number, "expires_at": instant(license.expires_at)},
    )
