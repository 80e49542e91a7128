"""Findings of machines: is this one activated, is it still the same, and is it still heard of?

Of a licence that is bound to machines exactly one of these holds: no fingerprint was stated (FINGERPRINT_REQUIRED), an
empty list (FINGERPRINT_EMPTY), fingerprints without a live activation although the licence has others
(FINGERPRINT_MISMATCH) or none at all (NOT_ACTIVATED), or an activation, which alone is judged further.
"""

from datetime import datetime

from licensing.rules.codes import Code
from licensing.rules.facts import LicenseFacts, ValidationScope
from licensing.rules.machines import FingerprintMatching, HeartbeatRule, LiveActivation
from licensing.rules.outcome import Finding


def named_activation(facts: LicenseFacts, scope: ValidationScope) -> LiveActivation | None:
    """The live activation that the scope's fingerprints name."""
    if facts.activation is None:
        return None
    stated = {spelling for one in scope.fingerprints or () for spelling in scope.spellings(one)}
    return facts.activation if facts.activation.fingerprint in stated else None


def fingerprint_required(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The licence is bound to machines, and the client does not say which it is."""
    if not facts.machines.bound or scope.fingerprints is not None:
        return None
    return Finding(Code.FINGERPRINT_REQUIRED, "fingerprints")


def fingerprint_empty(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The client states its machine by nothing: it could not read it. Found whether or not the licence is bound."""
    if scope.fingerprints is None or scope.fingerprints:
        return None
    return Finding(Code.FINGERPRINT_EMPTY, "fingerprints", ())


def fingerprint_mismatch(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The licence is bound to machines and has live activations, none of them of this machine."""
    if not _lacks_activation(facts, scope) or not _has_others(facts):
        return None
    return Finding(Code.FINGERPRINT_MISMATCH, "fingerprints", scope.fingerprints)


def not_activated(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The licence is bound to machines, and no machine at all is activated."""
    if not _lacks_activation(facts, scope) or _has_others(facts):
        return None
    return Finding(Code.NOT_ACTIVATED, "activation", scope.fingerprints)


def components_mismatch(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """Too few of the parts with which the machine was activated are found again. What was added since is not held
    against it; an activation without parts, and a client that states none, are not judged."""
    activation = named_activation(facts, scope)
    if activation is None or not activation.components or scope.components is None:
        return None
    same = sum(_is_same(scope, name, digest) for name, digest in activation.components.items())
    needed = needed_components(facts.machines.matching, of=len(activation.components))
    if same >= needed:
        return None
    return Finding(Code.COMPONENTS_MISMATCH, "components", same, needed)


def heartbeat_not_started(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The activation has to be heard of from its creation on, has never been, and its first heartbeat is overdue."""
    activation = named_activation(facts, scope)
    if activation is None or activation.last_ping_at is not None:
        return None
    if facts.machines.heartbeat is not HeartbeatRule.FROM_CREATION:
        return None
    if at - activation.created_at < facts.machines.heartbeat_every:
        return None
    return Finding(
        Code.HEARTBEAT_NOT_STARTED, "activation.created_at", activation.created_at, facts.machines.heartbeat_every
    )


def heartbeat_dead(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The activation's last heartbeat is as long ago as it may be silent, or longer. For how long a ping may still
    revive it makes no difference: until it comes, the activation is dead."""
    activation = named_activation(facts, scope)
    if activation is None or activation.last_ping_at is None or facts.machines.heartbeat is HeartbeatRule.OFF:
        return None
    if at - activation.last_ping_at < facts.machines.heartbeat_every:
        return None
    return Finding(
        Code.HEARTBEAT_DEAD, "activation.last_ping_at", activation.last_ping_at, facts.machines.heartbeat_every
    )


def needed_components(matching: FingerprintMatching, *, of: int) -> int:
    """How many of `of` components have to be found again; of fewer than two, TWO asks for all there are."""
    match matching:
        case FingerprintMatching.ANY:
            return min(1, of)
        case FingerprintMatching.TWO:
            return min(2, of)
        case FingerprintMatching.MOST:
            return (of + 1) // 2
        case FingerprintMatching.ALL:
            return of


def _lacks_activation(facts: LicenseFacts, scope: ValidationScope) -> bool:
    return facts.machines.bound and bool(scope.fingerprints) and named_activation(facts, scope) is None


def _has_others(facts: LicenseFacts) -> bool:
    return facts.activation is not None or (facts.activations is not None and facts.activations.used > 0)


def _is_same(scope: ValidationScope, name: str, digest: str) -> bool:
    stated = (scope.components or {}).get(name)
    return stated is not None and digest in scope.spellings(stated)
