"""Signed answers about floating seats: the decision about the licence, the lease or the place in the queue, and the
token with which a validation is asked while the lease lasts."""

import math
from datetime import datetime
from typing import TypedDict

from licensing.answers import AnswerClaims, answer_claims, rfc3339
from licensing.signing import Signer, TokenKind
from seats.models import Lease
from seats.operations.leases import LeaseAnswer
from seats.rules.leases import LeaseState

NOT_VALID = "LICENSE_NOT_VALID"


class LeaseJson(TypedDict):
    """One lease; instants are RFC 3339 in UTC. `state` waiting: `position` counts from 1, `estimated_wait_seconds` is a
    guess or null, and the client asks again every `poll_seconds`. Active: it is heard of every `heartbeat_seconds`, and
    lost at `expires_at` otherwise."""

    id: str
    state: str
    quantity: int
    position: int | None
    estimated_wait_seconds: int | None
    poll_seconds: int | None
    heartbeat_seconds: int | None
    expires_at: str
    borrowed_until: str | None
    over_limit: bool


class LeaseClaims(AnswerClaims):
    """`asked` is checkout, heartbeat, checkin or borrow, so that no answer stands in for one of another kind."""

    asked: str
    refusal: str | None
    lease: LeaseJson | None


def lease_claims(answer: LeaseAnswer, *, asked: str, issuer: str, nonce: str) -> LeaseClaims:
    """The claims of an answer about a known licence."""
    claims = answer_claims(answer.decision, issuer=issuer, at=answer.at, nonce=nonce, license_id=str(answer.license.id))
    return {
        **claims,
        "asked": asked,
        "refusal": None if answer.decision.valid else NOT_VALID,
        "lease": None if answer.lease is None else _lease(answer.lease, answer),
    }


def _lease(row: Lease, answer: LeaseAnswer) -> LeaseJson:
    beat = None if answer.terms is None else int(answer.terms.beat.total_seconds())
    return {
        "id": str(row.id),
        "state": str(row.state),
        "quantity": row.quantity,
        "position": answer.position,
        "estimated_wait_seconds": None if answer.wait is None else math.ceil(answer.wait.total_seconds()),
        "poll_seconds": None if answer.terms is None else int(answer.terms.poll.total_seconds()),
        "heartbeat_seconds": beat,
        "expires_at": rfc3339(row.expires_at),
        "borrowed_until": None if row.borrowed_until is None else rfc3339(row.borrowed_until),
        "over_limit": row.over_limit,
    }


def lease_token(answer: LeaseAnswer, *, issuer: str, signer: Signer) -> str | None:
    """The proof of an active seat, for the member `lease` of a validation's scope; None where there is no such seat, or
    its certificate is the proof."""
    row = answer.lease
    if row is None or row.state != LeaseState.ACTIVE or row.borrowed_until is not None:
        return None
    license = answer.license
    claims = {
        "iss": issuer,
        "aud": license.product.code or str(license.product_id),
        "sub": str(license.id),
        "jti": str(row.id),
        "iat": _second(answer.at),
        "nbf": _second(answer.at),
        "exp": _second(row.expires_at),
    }
    return signer.sign(kind=TokenKind.LEASE, claims=claims)


def _second(at: datetime) -> int:
    return math.floor(at.timestamp())
