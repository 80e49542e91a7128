"""Signed answers about activations: the decision of a validation, and what the client has to know about its machine."""

from typing import TypedDict

from licensing.answers import AnswerClaims, answer_claims, rfc3339
from licensing.models import Activation, LicenseType
from licensing.operations import ActivationAnswer
from licensing.rules.heartbeats import lost_at, silent_at
from licensing.rules.machines import HeartbeatRule


class ActivationJson(TypedDict):
    """One activation; instants are RFC 3339 in UTC, `state` is active or ended.

    `silent_at` is when the heartbeat runs out unless the client is heard of before, `lost_at` from when on it cannot
    come back; null: no end.
    """

    id: str
    state: str
    first_seen_at: str
    last_ping_at: str | None
    ended_at: str | None
    silent_at: str | None
    lost_at: str | None


class MachineRulesJson(TypedDict):
    """What the licence obliges the client to: `heartbeat_seconds` null where none is demanded; after
    `connectivity_grace_hours` without an answer of ours it runs on (fail open) or stops."""

    heartbeat: str
    heartbeat_seconds: int | None
    connectivity_grace_hours: int | None
    connectivity_fail_open: bool


class ActivationClaims(AnswerClaims):
    """`asked` is activate, ping or deactivate, so that no answer stands in for one of another kind."""

    asked: str
    refusal: str | None
    activation: ActivationJson | None
    machine_rules: MachineRulesJson | None


def activation_claims(answer: ActivationAnswer, *, asked: str, issuer: str, nonce: str) -> ActivationClaims:
    """The claims of an answer about a known licence."""
    kind = answer.license.license_type
    claims = answer_claims(answer.decision, issuer=issuer, at=answer.at, nonce=nonce, license_id=str(answer.license.id))
    return {
        **claims,
        "asked": asked,
        "refusal": None if answer.refusal is None else answer.refusal.value,
        "activation": None if answer.row is None else _activation(answer.row, kind),
        "machine_rules": {
            "heartbeat": kind.heartbeat,
            "heartbeat_seconds": None if kind.heartbeat == HeartbeatRule.OFF else kind.heartbeat_seconds,
            "connectivity_grace_hours": kind.connectivity_grace_hours,
            "connectivity_fail_open": kind.connectivity_fail_open,
        },
    }


def _activation(row: Activation, kind: LicenseType) -> ActivationJson:
    terms, fact = kind.machine_terms(bound=True), row.as_fact
    instants = {
        "first_seen_at": row.first_seen_at,
        "last_ping_at": row.last_ping_at,
        "ended_at": row.released_at,
        "silent_at": silent_at(terms, fact) if row.is_live else None,
        "lost_at": lost_at(terms, fact) if row.is_live else None,
    }
    told = {name: None if at is None else rfc3339(at) for name, at in instants.items()}
    return {
        "id": str(row.id),
        "state": "active" if row.is_live else "ended",
        "first_seen_at": rfc3339(row.first_seen_at),
        "last_ping_at": told["last_ping_at"],
        "ended_at": told["ended_at"],
        "silent_at": told["silent_at"],
        "lost_at": told["lost_at"],
    }
