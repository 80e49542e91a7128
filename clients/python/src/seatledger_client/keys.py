"""The public keys with which a vendor signs: shipped with the application, never fetched and trusted in one breath."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatledger_client.encoding import to_bytes, to_text

KEY_BYTES = 32


@dataclass(frozen=True)
class KeySet:
    """Public Ed25519 keys by `kid`, the thumbprint of RFC 7638, which is checked when they are read."""

    keys: Mapping[str, bytes]

    @classmethod
    def of(cls, *published: Mapping[str, Any]) -> "KeySet":
        """The keys of JSON Web Key Sets (RFC 7517): the vendor's, and the platform's if answers about keys that nobody
        issued are to be verified too. Raises ValueError for a set that is none, and for a key under a wrong name."""
        found: dict[str, bytes] = {}
        for one in published:
            keys = one.get("keys")
            if not isinstance(keys, list):
                raise ValueError("a key set has a list of keys")
            found.update(_read(key) for key in keys if isinstance(key, dict) and key.get("crv") == "Ed25519")
        return cls(found)

    @classmethod
    def from_files(cls, *paths: str | Path) -> "KeySet":
        """The keys of files that hold what the server publishes at /.well-known/licensing-jwks.json."""
        return cls.of(*(json.loads(Path(path).read_text(encoding="utf-8")) for path in paths))


def _read(key: Mapping[str, Any]) -> tuple[str, bytes]:
    x, kid = key.get("x"), key.get("kid")
    if key.get("kty") != "OKP" or not isinstance(x, str) or not isinstance(kid, str):
        raise ValueError("not a public Ed25519 key")
    public = to_bytes(x)
    canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'
    if len(public) != KEY_BYTES or to_text(hashlib.sha256(canonical.encode()).digest()) != kid:
        raise ValueError("a key does not bear its own thumbprint")
    return kid, public
