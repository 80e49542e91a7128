"""A vendor in a test: signs what a server would sign, and a server that answers, is down, or lies."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from nacl.signing import SigningKey

from seatledger_client import KeySet, Unreachable
from seatledger_client.encoding import to_text
from seatledger_client.tokens import Kind

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
KEY = "7X1W6-4DA8G-KP0FC-Z8MRW-B29QN-M5"


class Vendor:
    """Signs with a key of its own."""

    def __init__(self, seed: bytes = b"v" * 32, name: str = "lumen-cad") -> None:
        self.name, self._key = name, SigningKey(seed)
        self.x = to_text(bytes(self._key.verify_key))
        canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{self.x}"}}'
        self.kid = to_text(hashlib.sha256(canonical.encode()).digest())

    @property
    def jwks(self) -> dict[str, Any]:
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": self.x, "kid": self.kid, "use": "sig", "alg": "EdDSA"}]}

    @property
    def keys(self) -> KeySet:
        return KeySet.of(self.jwks)

    def signed(self, kind: str, claims: Mapping[str, Any], **header: Any) -> str:
        head = {"alg": "EdDSA", "kid": self.kid, "typ": kind, **header}
        message = f"{to_text(json.dumps(head).encode())}.{to_text(json.dumps(claims).encode())}"
        return f"{message}.{to_text(self._key.sign(message.encode()).signature)}"

    def certificate(self, at: datetime = NOON, **claims: Any) -> str:
        usual = {
            "iss": self.name, "aud": "lumen-cad", "sub": "licence-1", "jti": "c-1", "iat": int(at.timestamp()),
            "nbf": int(at.timestamp()), "exp": int((at + timedelta(days=30)).timestamp()), "seq": 1,
            "model": "subscription", "features": {"render-3d": None},
        }  # fmt: skip
        kept = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        return self.signed(Kind.LICENSE, kept)


@dataclass
class Server:
    """Answers each question as it is told to; `asked` are the bodies that came."""

    vendor: Vendor
    at: datetime = NOON
    down: bool = False
    answer: dict[str, Any] = field(default_factory=lambda: {"valid": True, "code": "VALID"})
    asked: list[dict[str, Any]] = field(default_factory=list)
    forged_nonce: str | None = None

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append(dict(body))
        if self.down:
            raise Unreachable("down")
        claims = {
            "iss": self.vendor.name, "iat": int(self.at.timestamp()), "server_time": self.at.isoformat(),
            "nonce": self.forged_nonce or body["nonce"], "findings": [], "warnings": [], "obligations": [],
            "sub": "licence-1", **({"asked": path.rpartition("/")[2]} if "activations" in path else {}), **self.answer,
        }  # fmt: skip
        return {**claims, "token": self.vendor.signed(Kind.DECISION, claims)}
