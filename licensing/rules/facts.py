"""What a validation knows: the facts of one licence, gathered by a query, and the scope that a client states.

Instants are aware, in UTC. `None` means "no such restriction" in facts, and "the client did not say" in a scope: a rule
judges only what both sides state. An empty set is a restriction that nothing passes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from licensing.rules.allowances import Allowance, Quota
from licensing.rules.feature_values import FeatureValue
from licensing.rules.machines import ANY_MACHINE, LiveActivation, MachineTerms
from licensing.rules.terms import ALWAYS, Period, Term
from licensing.rules.versions import VersionRange


class LicenseModel(StrEnum):
    """How a licence is sold. Perpetual never expires; subscription and trial end with their term. Floating counts
    sessions, node-locked is tied to machines, site is unlimited inside its boundary; these three have a term or none.
    """

    PERPETUAL = "perpetual"
    SUBSCRIPTION = "subscription"
    TRIAL = "trial"
    FLOATING = "floating"
    NODE_LOCKED = "node_locked"
    SITE = "site"


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
    """A feature that the licence carries during a period, from its type, from itself or from an add-on. `value` is the
    quota or the choice that it carries; None for a plain switch."""

    code: str
    period: Period = ALWAYS
    value: FeatureValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseFacts:
    """Everything that decides about one licence, as of the moment of gathering.

    `expires_at` is the stored end and wins; without it, `duration` counts from the event that `expiry_basis` names.
    `products` are all identifiers under which a client may ask for the product (id, code, bundled components).
    `territories` are ISO 3166-1 alpha-2 codes in capitals. `released_at` is the publication of the release that the
    scope's version names, `release_yanked_at` when it was taken back; None when that release is not registered.
    `required_features` are those that it needs beside what the client asks for.
    `notice` is how long before an end to warn.

    `activation` is the live one that the scope's fingerprints name; None when there is none. `activations` are counted
    for every licence that is bound to machines, also where nothing limits them. `last_check_in_at` is when the server
    last heard of the client before this question; it may stay away for `connectivity_grace`. `users` are the digests of
    those who may use the licence. `seated_users` are those whom live activations name and `user_seats` counts; None:
    nobody is counted by name. `domains` and `departments` in lower case. `lease_required` says that a seat has to
    be checked out, `lease_live` that the scope's lease holds one. `last_client_at` is the latest time that this client
    has stated, `last_answer_at` when it was answered. `offline_until` is the last end of offline certificates that are
    out. `paused_at` is set while the licence is paused: its term stands still from then on.
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
    paused_at: datetime | None = None
    release_yanked_at: datetime | None = None
    required_features: frozenset[str] = frozenset()
    machines: MachineTerms = ANY_MACHINE
    activation: LiveActivation | None = None
    activations: Allowance | None = None
    users: frozenset[str] | None = None
    user_seats: Allowance | None = None
    seated_users: frozenset[str] | None = None
    domains: frozenset[str] | None = None
    departments: frozenset[str] | None = None
    quotas: tuple[Quota, ...] = ()
    lease_required: bool = False
    lease_live: bool = False
    last_check_in_at: datetime | None = None
    connectivity_grace: timedelta | None = None
    last_client_at: datetime | None = None
    last_answer_at: datetime | None = None
    clock_tolerance: timedelta = timedelta(minutes=5)
    throttled_until: datetime | None = None
    offline_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationScope:
    """What the client asks for; everything is optional, and what is left out is not judged.

    `fingerprints`, `components` (by name) and `user` are hex digests, made where the question is read. An empty tuple
    of fingerprints was stated and names no machine. `older` has, for each of these digests, those of the same value
    under the peppers before; `fingerprints` names them too, so that a row is found by any of them. `client_at` is the
    client's clock, `last_server_at` the latest time of the server that it has kept.
    """

    product: str | None = None
    version: str | None = None
    features: frozenset[str] = frozenset()
    country: str | None = None
    fingerprints: tuple[str, ...] | None = None
    components: Mapping[str, str] | None = None
    user: str | None = None
    domain: str | None = None
    department: str | None = None
    virtual_machine: bool | None = None
    lease: str | None = None
    client_at: datetime | None = None
    last_server_at: datetime | None = None
    older: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def spellings(self, digest: str) -> frozenset[str]:
        """The digest with those of the same value under older peppers: what was stored before a rotation is found."""
        return self.older.get(digest, frozenset()) | {digest}
