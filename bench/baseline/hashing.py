"""Baseline of P6: SHA-256 over bodies that are in memory already. No reading, no chain, no tree, no comparison."""

from collections.abc import Iterable
from hashlib import sha256


def hash_all(bodies: Iterable[bytes]) -> bytes:
    """Hashes each body; returns the last digest, so that the work cannot be left out."""
    digest = b""
    for body in bodies:
        digest = sha256(body).digest()
    return digest
