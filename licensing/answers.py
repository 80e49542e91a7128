"""Signed validation answers: what `decide` said, to which question, at which moment of the server."""

from datetime import datetime, timedelta
from typing import NotRequired, TypedDict

from licensing.rules.outcome import Decision, FactValue
from licensing.rules.terms import in_utc
from licensing.signing import Signer, TokenKind


class AdviceJson(TypedDict):
    """A warning: its code and the moment (RFC 3339) at which it starts to matter or goes by itself; null: none."""

    code: str
    until: str | None


class ObligationJson(TypedDict):
    """What the client must do: its code and the moment up to which (RFC 3339)."""

    code: str
    since: str | None
    until: str


class DecisionJson(TypedDict):
    """A decision as every client reads it; `findings` are codes, most severe first."""

    valid: bool
    code: str
    findings: list[str]
    warnings: list[AdviceJson]
    obligations: list[ObligationJson]


class AnswerClaims(DecisionJson):
    """A decision with what binds it: who answers, at which second and instant, and the client's own nonce.

    `sub` is the licence; an unknown key has none. `server_time` is RFC 3339 with microseconds, `iat` its second.
    """

    iss: str
    iat: int
    server_time: str
    nonce: str
    sub: NotRequired[str]


def decision_json(decision: Decision) -> DecisionJson:
    """The decision without the facts behind it."""
    return {
        "valid": decision.valid,
        "code": decision.code.value,
        "findings": [finding.code.value for finding in decision.findings],
        "warnings": [{"code": warning.code.value, "until": _moment(warning.until)} for warning in decision.warnings],
        "obligations": [
            {
                "code": obligation.code.value,
                "since": _moment(obligation.since),
                "until": rfc3339(obligation.until),
            }
            for obligation in decision.obligations
        ],
    }


def answer_claims(
    decision: Decision, *, issuer: str, at: datetime, nonce: str, license_id: str | None = None
) -> AnswerClaims:
    """The claims of the answer that the server gives at `at` to the question that carried `nonce`.

    An unknown key has no `license_id`, and its answer no `sub`.
    """
    told = decision_json(decision)
    claims: AnswerClaims = {
        "valid": told["valid"],
        "code": told["code"],
        "findings": told["findings"],
        "warnings": told["warnings"],
        "obligations": told["obligations"],
        "iss": issuer,
        "iat": int(in_utc(at).timestamp()),
        "server_time": rfc3339(at),
        "nonce": nonce,
    }
    if license_id is not None:
        claims["sub"] = license_id
    return claims


def sign_answer(claims: AnswerClaims, *, signer: Signer) -> str:
    """The answer as a token of kind DECISION, which a client verifies with the published keys and its own nonce."""
    return signer.sign(kind=TokenKind.DECISION, claims=claims)


def rfc3339(at: datetime) -> str:
    """An instant as `2025-06-15T12:00:00.000000Z`: always UTC, always microseconds, so that texts sort like times."""
    return in_utc(at).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def fact_json(value: FactValue) -> str | int | list[str] | None:
    """A fact as JSON: instants as `rfc3339`, lengths of time as whole seconds (ISO 8601: `PT600S`)."""
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, timedelta):
        return f"PT{value // timedelta(seconds=1)}S"
    return list(value) if isinstance(value, tuple) else value


def _moment(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)
