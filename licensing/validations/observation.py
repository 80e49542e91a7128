"""What is kept of one question to the server, and nothing else: the list of what may be kept is this class."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from licensing.rules.facts import ValidationScope

PRODUCT = re.compile(r"[A-Za-z0-9._-]{1,40}(?:/[A-Za-z0-9._+-]{1,40})?")
"""A product of RFC 9110 §10.1.5; what comments of a User-Agent say about machine and person is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """The columns of a ValidationEvent, which says what each means."""

    at: datetime
    license_id: UUID | None
    key_digest: bytes = field(repr=False)
    code: str
    origin: str
    refusal: str = ""
    features: tuple[str, ...] = ()
    version: str = ""
    user: str = field(default="", repr=False)
    device: str = field(default="", repr=False)
    client_at: datetime | None = None
    domain: str = ""
    country: str = ""
    network: str = ""
    sdk: str = ""


def observed(
    *,
    at: datetime,
    license_id: UUID | None,
    key_digest: bytes,
    code: str,
    origin: str,
    asked: ValidationScope,
    network: str,
    user_agent: str,
    refusal: str = "",
    device: str = "",
    country: str = "",
) -> Observation:
    """`asked` is the question with its digests; `network` is the truncated address. `device` and `country` stand in
    for what a scope without them was asked with."""
    product = PRODUCT.match(user_agent)
    return Observation(
        at=at,
        license_id=license_id,
        key_digest=key_digest,
        code=code,
        origin=origin,
        refusal=refusal,
        features=tuple(sorted(asked.features)),
        version=asked.version or "",
        user=asked.user or "",
        device=device or (asked.fingerprints[0] if asked.fingerprints else ""),
        client_at=asked.client_at,
        domain=asked.domain or "",
        country=country or asked.country or "",
        network=network,
        sdk=product.group() if product else "",
    )
