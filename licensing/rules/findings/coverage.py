"""Findings of what the licence covers: product, users, features, versions, releases and checked-out seats."""

from datetime import datetime

from licensing.rules import expiry
from licensing.rules.codes import Code
from licensing.rules.facts import LicenseFacts, ValidationScope
from licensing.rules.findings.shape import has_come
from licensing.rules.outcome import Finding
from licensing.rules.versions import BadVersion, VersionRange, read_version


def product_mismatch(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The client is another product than the licence is for."""
    if scope.product is None or scope.product in facts.products:
        return None
    return Finding(Code.PRODUCT_MISMATCH, "product", scope.product, tuple(sorted(facts.products)))


def user_mismatch(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The user is none of those who may use the licence. Who they are is not told."""
    if facts.users is None or scope.user is None or not facts.users.isdisjoint(scope.spellings(scope.user)):
        return None
    return Finding(Code.USER_MISMATCH, "users", scope.user)


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


def release_yanked(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The client's release was taken back."""
    if scope.version is None or not has_come(facts.release_yanked_at, at):
        return None
    return Finding(Code.RELEASE_YANKED, "release_yanked_at", facts.release_yanked_at)


def checkout_required(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """A seat has to be checked out, and the client names no lease, or one that holds none."""
    if not facts.lease_required or facts.lease_live:
        return None
    return Finding(Code.CHECKOUT_REQUIRED, "lease", scope.lease)


def _admits(versions: VersionRange, text: str) -> bool:
    try:
        return versions.admits(read_version(text))
    except BadVersion:
        return False
