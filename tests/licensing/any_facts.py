"""Licences and questions of every kind, for properties that hold of all of them."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from licensing.rules.allowances import Allowance, Overage, OverageKind, Quota
from licensing.rules.facts import (
    ExpiryBasis,
    ExpiryStrategy,
    FeatureGrant,
    LicenseFacts,
    LicenseModel,
    LicenseStatus,
    ValidationScope,
)
from licensing.rules.machines import (
    FingerprintMatching,
    HeartbeatRule,
    LiveActivation,
    MachineTerms,
    Resurrection,
)
from licensing.rules.terms import Period, Term
from licensing.rules.versions import read_range
from tests.licensing.cases import A_MICROSECOND, NOW

MOMENTS = st.sampled_from(
    [NOW + timedelta(days=d) + u * A_MICROSECOND for d in (-400, -30, -7, 0, 7, 30, 400) for u in (-1, 0, 1)]
)
MAYBE = st.none() | MOMENTS
PERIODS = st.tuples(MOMENTS, MOMENTS).map(lambda pair: Period(min(pair), max(pair))) | st.builds(Period, end=MAYBE)
TEXTS = st.sampled_from(["a", "b", "NO", "DE"])
LENGTHS = st.sampled_from([timedelta(0), timedelta(minutes=10), timedelta(days=7), timedelta(days=400)])
NAMES = st.none() | st.frozensets(TEXTS)
NUMBERS = st.integers(0, 12)
OVERAGES = st.builds(Overage, kind=st.sampled_from(OverageKind), amount=st.integers(0, 200), until=MAYBE)
ALLOWANCES = st.none() | st.builds(Allowance, limit=st.none() | NUMBERS, used=NUMBERS, overage=OVERAGES)
QUOTAS = st.builds(
    Quota,
    code=TEXTS,
    limit=st.none() | NUMBERS,
    used=NUMBERS,
    resets_at=MAYBE,
    overage=OVERAGES,
    near_percent=st.integers(1, 100),
)
PARTS = st.dictionaries(TEXTS, TEXTS)
MACHINES = st.builds(
    MachineTerms,
    bound=st.booleans(),
    matching=st.sampled_from(FingerprintMatching),
    heartbeat=st.sampled_from(HeartbeatRule),
    heartbeat_every=LENGTHS,
    resurrection=st.sampled_from(Resurrection),
    virtual_machines_allowed=st.booleans(),
)
ACTIVATIONS = st.builds(
    LiveActivation,
    fingerprint=TEXTS,
    created_at=MOMENTS,
    components=PARTS,
    first_ping_at=MAYBE,
    last_ping_at=MAYBE,
    virtual_machine=st.none() | st.booleans(),
)
FACT_STRATEGIES: dict[str, st.SearchStrategy[Any]] = {
    "model": st.sampled_from(LicenseModel),
    "status": st.sampled_from(LicenseStatus) | st.just(LicenseStatus.ACTIVE),
    "created_at": MOMENTS,
    "valid_from": MAYBE,
    "expires_at": MAYBE,
    "grace_until": MAYBE,
    "duration": st.none() | st.builds(Term, months=st.integers(0, 13), days=st.integers(1, 30)),
    "expiry_strategy": st.sampled_from(ExpiryStrategy),
    "expiry_basis": st.sampled_from(ExpiryBasis),
    "first_validated_at": MAYBE,
    "first_activated_at": MAYBE,
    "key_revoked_at": MAYBE,
    "party_barred_at": MAYBE,
    "maintenance_until": MAYBE,
    "released_at": MAYBE,
    "version_range": st.none() | st.sampled_from(["^2", "<2", "*"]).map(read_range),
    "products": st.frozensets(TEXTS),
    "territories": NAMES,
    "features": st.lists(st.builds(FeatureGrant, TEXTS, PERIODS), max_size=3).map(tuple),
    "notice": st.sampled_from([timedelta(0), timedelta(days=1), timedelta(days=30)]),
    "paused_at": MAYBE,
    "release_yanked_at": MAYBE,
    "required_features": st.frozensets(TEXTS),
    "machines": MACHINES,
    "activation": st.none() | ACTIVATIONS,
    "activations": ALLOWANCES,
    "users": NAMES,
    "user_seats": ALLOWANCES,
    "seated_users": NAMES,
    "domains": NAMES,
    "departments": NAMES,
    "quotas": st.lists(QUOTAS, max_size=2).map(tuple),
    "lease_required": st.booleans(),
    "lease_live": st.booleans(),
    "last_check_in_at": MAYBE,
    "connectivity_grace": st.none() | LENGTHS,
    "last_client_at": MAYBE,
    "last_answer_at": MAYBE,
    "clock_tolerance": LENGTHS,
    "throttled_until": MAYBE,
    "offline_until": MAYBE,
}
SCOPE_STRATEGIES: dict[str, st.SearchStrategy[Any]] = {
    "product": st.none() | TEXTS,
    "version": st.none() | st.sampled_from(["1.9.0", "2.4.0", "latest"]),
    "features": st.frozensets(TEXTS, max_size=2),
    "country": st.none() | TEXTS,
    "fingerprints": st.none() | st.lists(TEXTS, max_size=2).map(tuple),
    "components": st.none() | PARTS,
    "user": st.none() | TEXTS,
    "domain": st.none() | TEXTS,
    "department": st.none() | TEXTS,
    "virtual_machine": st.none() | st.booleans(),
    "lease": st.none() | TEXTS,
    "client_at": MAYBE,
    "last_server_at": MAYBE,
    "older": st.dictionaries(TEXTS, st.frozensets(TEXTS)),
}
# Most licences that are drawn from everything are invalid for many reasons; each second one has little to be said
# against it, so that single rules decide.
CALM = {
    name: FACT_STRATEGIES[name]
    for name in ("model", "created_at", "expires_at", "grace_until", "expiry_strategy", "activations", "quotas")
}
FACTS = st.builds(LicenseFacts, **FACT_STRATEGIES) | st.builds(
    LicenseFacts, status=st.just(LicenseStatus.ACTIVE), **CALM
)
SCOPES = st.builds(ValidationScope, **SCOPE_STRATEGIES) | st.just(ValidationScope())
