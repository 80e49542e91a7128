"""What a validation knows: the facts of one licence, gathered by a query, and the scope that a client states.

Instants are aware, in UTC. `None` means "no such restriction" in facts, and "the client did not say" in a scope: a rule
judges only what both sides state. An empty set is a restriction that nothing passes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from licensing.rules.terms import ALWAYS, Period, Term
from licensing.rules.versions import VersionRange


class LicenseModel(StrEnum):
    """How a licence is sold. Perpetual never expires; subscription and trial end with their term."""

    PERPETUAL = "perpetual"
    SUBSCRIPTION = "subscription"
    TRIAL = "trial"


class LicenseStatus(StrEnum):
    """What somebody decided about a licence. That it has expired is nobody's decision: the clock says so."""

    DRAFT = "draft"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class ExpiryStrategy(StrEnum):
    """What the end of the term means.

    restrict: invalid, releases published before the end stay available · revoke: invalid, no release is available ·
    maintain: stays valid, for releases published before the end · allow: stays valid, for every release.
    """

    RESTRICT = "restrict"
    REVOKE = "revoke"
    MAINTAIN = "maintain"
    ALLOW = "allow"


class ExpiryBasis(StrEnum):
    """The event from which a duration counts."""

    CREATION = "creation"
    FIRST_VALIDATION = "first_validation"
    FIRST_ACTIVATION = "first_activation"


@dataclass(frozen=True, slots=True)
class FeatureGrant:
    """A feature that the licence carries during a period, from its type, from itself or from an add-on."""

    code: str
    period: Period = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseFacts:
    """Everything that decides about one licence, as of the moment of gathering.

    `expires_at` is the stored end and wins; without it, `duration` counts from the event that `expiry_basis` names.
    `products` are all identifiers under which a client may ask for the product (id, code, bundled components).
    `territories` are ISO 3166-1 alpha-2 codes in capitals. `released_at` is the publication of the release that the
    scope's version names; None when that release is not registered. `notice` is how long before an end to warn.
    """

    model: LicenseModel
    status: LicenseStatus
    created_at: datetime
    valid_from: datetime | None = None
    expires_at: datetime | None = None
    grace_until: datetime | None = None
    duration: Term | None = None
    expiry_strategy: ExpiryStrategy = ExpiryStrategy.RESTRICT
    expiry_basis: ExpiryBasis = ExpiryBasis.CREATION
    first_validated_at: datetime | None = None
    first_activated_at: datetime | None = None
    key_revoked_at: datetime | None = None
    party_barred_at: datetime | None = None
    maintenance_until: datetime | None = None
    released_at: datetime | None = None
    version_range: VersionRange | None = None
    products: frozenset[str] = frozenset()
    territories: frozenset[str] | None = None
    features: tuple[FeatureGrant, ...] = ()
    notice: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationScope:
    """What the client asks for; everything is optional, and what is left out is not judged."""

    product: str | None = None
    version: str | None = None
    features: frozenset[str] = frozenset()
    country: str | None = None
