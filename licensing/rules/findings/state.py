"""Findings of the licence's own state: what somebody decided about it, and whether its time has come or is over."""

from datetime import datetime

from licensing.rules import expiry
from licensing.rules.codes import Code
from licensing.rules.facts import LicenseFacts, LicenseStatus, ValidationScope
from licensing.rules.findings.shape import has_come
from licensing.rules.outcome import Finding


def revoked(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The licence, or the key with which it was asked for, has been revoked."""
    if facts.status is LicenseStatus.REVOKED:
        return Finding(Code.REVOKED, "status", facts.status, LicenseStatus.ACTIVE)
    if has_come(facts.key_revoked_at, at):
        return Finding(Code.REVOKED, "key_revoked_at", facts.key_revoked_at)
    return None


def banned(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The party that holds the licence is barred."""
    if has_come(facts.party_barred_at, at):
        return Finding(Code.BANNED, "party_barred_at", facts.party_barred_at)
    return None


def suspended(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """Somebody suspended the licence; reinstating it cures this."""
    if facts.status is LicenseStatus.SUSPENDED:
        return Finding(Code.SUSPENDED, "status", facts.status, LicenseStatus.ACTIVE)
    return None


def paused(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The licence is paused: its clock stands still, and so does what it grants."""
    if not has_come(facts.paused_at, at):
        return None
    return Finding(Code.PAUSED, "paused_at", facts.paused_at)


def not_yet_effective(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The licence is a draft, or its first day is still to come."""
    if facts.status is LicenseStatus.DRAFT:
        return Finding(Code.NOT_YET_EFFECTIVE, "status", facts.status, LicenseStatus.ACTIVE)
    if facts.valid_from is not None and at < facts.valid_from:
        return Finding(Code.NOT_YET_EFFECTIVE, "valid_from", at, facts.valid_from)
    return None


def expired(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The term and its grace are over, and the strategy does not let the licence live on."""
    if facts.expiry_strategy in expiry.STAYS_VALID or not expiry.is_over(facts, at):
        return None
    return Finding(Code.EXPIRED, "expires_at", expiry.expiry_of(facts, at), at)
