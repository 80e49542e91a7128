"""The links in notices: who holds one may answer for one seat, once, without a sign-in, and see nothing else.

A link names the organisation, the candidate and the candidate's nonce, signed with the installation's key. The nonce is
drawn when the holder is asked and emptied by the first answer, so that a link works once and ends with its question.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from seats.models import RemovalCandidate

SALT = "seats.removal.answer"
ID_BYTES = 16


@dataclass(frozen=True)
class AnswerKey:
    """What a link opens."""

    organization_id: UUID
    candidate_id: UUID
    nonce: str


def token_of(candidate: RemovalCandidate) -> str:
    """The signed part of the link of a candidate that waits for its holder."""
    ids = urlsafe_b64encode(candidate.organization_id.bytes + candidate.id.bytes).decode().rstrip("=")
    return Signer(salt=SALT).sign(f"{ids}.{candidate.nonce}")


def read_token(token: str) -> AnswerKey | None:
    """None for what this installation never signed."""
    try:
        ids, _dot, nonce = Signer(salt=SALT).unsign(token).partition(".")
        raw = urlsafe_b64decode(ids + "=")
    except (BadSignature, ValueError):
        return None
    if len(raw) != 2 * ID_BYTES or not nonce:
        return None
    return AnswerKey(UUID(bytes=raw[:ID_BYTES]), UUID(bytes=raw[ID_BYTES:]), nonce)


def answer_address(candidate: RemovalCandidate, *, choice: str) -> str:
    """The whole address; `choice` ("keep" or "give-back") is what the page proposes first."""
    path = reverse("seats:answer", args=[token_of(candidate)])
    return f"{settings.BASE_URL.rstrip('/')}{path}?choice={choice}"
