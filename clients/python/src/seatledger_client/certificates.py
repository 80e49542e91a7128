"""Licence certificates, which hold without a server: `.lic` files and bare tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from seatledger_client.errors import TokenRefused
from seatledger_client.keys import KeySet
from seatledger_client.tokens import Kind, verified

BEGIN = "-----BEGIN SEATLEDGER LICENSE-----"
END = "-----END SEATLEDGER LICENSE-----"


@dataclass(frozen=True)
class Certificate:
    """What the vendor certified: of which licence, until when (None: no end), for which features.

    `sequence` rises with each certificate of a licence; an older one than was seen before is an attempt to go back.
    """

    license_id: str
    kind: Kind
    sequence: int
    expires_at: datetime | None
    features: tuple[str, ...]
    claims: Mapping[str, Any] = field(repr=False, compare=False)


def read_certificate(
    text: str,
    *,
    keys: KeySet,
    issuer: str,
    product: str,
    at: datetime,
    kind: Kind = Kind.LICENSE,
    fingerprint: str | None = None,
) -> Certificate:
    """The certificate in a `.lic` file or a bare token, if this vendor signed it for this product and it holds at `at`.

    A certificate that names a machine is accepted with that machine's `fingerprint` only. Raises TokenRefused.
    """
    claims = verified(_token(text), kind=kind, keys=keys, at=at, expect={"iss": issuer, "aud": product})
    bound = claims.get("fp")
    if bound is not None and bound != fingerprint:
        raise TokenRefused("claim", "The certificate is for another machine.")
    return Certificate(
        license_id=str(claims["sub"]),
        kind=kind,
        sequence=int(claims.get("seq", 0)),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC) if "exp" in claims else None,
        features=tuple(_codes(claims.get("features", {}), at)),
        claims=claims,
    )


def _codes(features: Mapping[str, int | None], at: datetime) -> list[str]:
    """The codes of the features that hold at `at`: each has an end in seconds, or None to end with the certificate."""
    return sorted(code for code, ends in features.items() if ends is None or at.timestamp() < ends)


def _token(text: str) -> str:
    if BEGIN not in text:
        return text.strip()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise TokenRefused("malformed", "This is no licence file: one certificate between its two lines.")
    return "".join(text.partition(BEGIN)[2].partition(END)[0].split())
