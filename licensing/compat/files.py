"""Offline files as clients of Keygen read them: a JSON document, encoded or encrypted, signed with Ed25519, in armour.

The same seat is taken and the same ledger is kept as for our own certificates: the file stands for one of them, and its
`jti` is in the file.
"""

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from licensing.signing import Signer

ENCRYPTED = "aes-256-gcm+ed25519"
PLAIN = "base64+ed25519"
NONCE_BYTES = 12
TAG_BYTES = 16
COLUMNS = 60


@dataclass(frozen=True)
class FileKind:
    """`label` stands in the armour, `prefix` before what is signed, `type` names the resource."""

    label: str
    prefix: str
    type: str


LICENSE_FILE = FileKind("LICENSE FILE", "license", "license-files")
MACHINE_FILE = FileKind("MACHINE FILE", "machine", "machine-files")


def signed_file(kind: FileKind, *, document: Mapping[str, Any], secret: str | None, signer: Signer) -> str:
    """The file over this document; with a `secret` it is encrypted under the SHA-256 of it (AES-256-GCM)."""
    data = orjson.dumps(document)
    enc = _base64(data) if secret is None else _encrypted(data, secret)
    sig = _base64(signer.signature_of(f"{kind.prefix}/{enc}".encode()))
    body = _base64(orjson.dumps({"enc": enc, "sig": sig, "alg": PLAIN if secret is None else ENCRYPTED}))
    folded = (body[start : start + COLUMNS] for start in range(0, len(body), COLUMNS))
    return "\n".join((f"-----BEGIN {kind.label}-----", *folded, f"-----END {kind.label}-----", ""))


def _encrypted(data: bytes, secret: str) -> str:
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(hashlib.sha256(secret.encode()).digest()).encrypt(nonce, data, None)
    return ".".join(_base64(part) for part in (sealed[:-TAG_BYTES], nonce, sealed[-TAG_BYTES:]))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
