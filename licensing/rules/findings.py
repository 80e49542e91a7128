"""The rules that can make a licence invalid: each is a function of facts, scope and time, and finds one code.

A new rule is a function here (or in a module beside) and its name in FINDING_RULES. No rule knows of another, so none
can lift what another found.
"""

from collections.abc import Callable
from datetime import datetime

from licensing.rules import expiry
from licensing.rules.codes import Code
from licensing.rules.facts import LicenseFacts, LicenseStatus, ValidationScope
from licensing.rules.outcome import Finding
from licensing.rules.versions import BadVersion, VersionRange, read_version

FindingRule = Callable[[LicenseFacts, ValidationScope, datetime], Finding | None]


def revoked(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The licence, or the key with which it was asked for, has been revoked."""
    if facts.status is LicenseStatus.REVOKED:
        return Finding(Code.REVOKED, "status", facts.status, LicenseStatus.ACTIVE)
    if _has_come(facts.key_revoked_at, at):
        return Finding(Code.REVOKED, "key_revoked_at", facts.key_revoked_at)
    return None


def banned(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The party that holds the licence is barred."""
    if _has_come(facts.party_barred_at, at):
        return Finding(Code.BANNED, "party_barred_at", facts.party_barred_at)
    return None


def suspended(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """Somebody suspended the licence; reinstating it cures this."""
    if facts.status is LicenseStatus.SUSPENDED:
        return Finding(Code.SUSPENDED, "status", facts.status, LicenseStatus.ACTIVE)
    return None


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


def product_mismatch(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The client is another product than the licence is for."""
    if scope.product is None or scope.product in facts.products:
        return None
    return Finding(Code.PRODUCT_MISMATCH, "product", scope.product, tuple(sorted(facts.products)))


def country_denied(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The client is in a country outside the licence's territories; an unknown country is not held against it."""
    if facts.territories is None or scope.country is None or scope.country.upper() in facts.territories:
        return None
    return Finding(Code.COUNTRY_DENIED, "country", scope.country, tuple(sorted(facts.territories)))


def feature_missing(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The client, or the release that it runs, needs features that the licence does not carry now; all are named."""
    needed = scope.features | (facts.required_features if scope.version is not None else frozenset())
    if not needed:
        return None
    carried = {grant.code for grant in facts.features if grant.period.holds_at(at)}
    missing = needed - carried
    if not missing:
        return None
    return Finding(Code.FEATURE_MISSING, "features", tuple(sorted(carried)), tuple(sorted(missing)))


def version_out_of_range(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The client's version is outside the licence's range, or cannot be read and so cannot be shown to be inside."""
    if facts.version_range is None or scope.version is None or _admits(facts.version_range, scope.version):
        return None
    return Finding(Code.VERSION_OUT_OF_RANGE, "version", scope.version, facts.version_range.text)


def maintenance_lapsed(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The client's release was published after the licence's maintenance, or after the end that it outlives."""
    until = expiry.release_access(facts, at).until
    if scope.version is None or facts.released_at is None or until is None or facts.released_at <= until:
        return None
    return Finding(Code.MAINTENANCE_LAPSED, "released_at", facts.released_at, until)


FINDING_RULES: tuple[FindingRule, ...] = (
    revoked,
    banned,
    suspended,
    not_yet_effective,
    expired,
    product_mismatch,
    country_denied,
    feature_missing,
    version_out_of_range,
    maintenance_lapsed,
)


def _has_come(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment <= at


def _admits(versions: VersionRange, text: str) -> bool:
    try:
        return versions.admits(read_version(text))
    except BadVersion:
        return False
