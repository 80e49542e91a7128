"""The hashes of the ledger: one SHA-256 chain per organisation, which shares its leaves with a Merkle tree.

``‖`` joins bytes; ``uint64be`` is eight bytes, most significant first; every result is 32 bytes::

    leaf_n     = SHA-256(0x00 ‖ body_n)                                   body_n: the canonical text in UTF-8
    tree node  = SHA-256(0x01 ‖ left ‖ right)                             in merkle.py (RFC 9162, section 2.1.1)
    link_n     = SHA-256(0x02 ‖ link_{n-1} ‖ uint64be(n) ‖ leaf_n)        n counts from 1
    link_0     = SHA-256(0x03 ‖ "seatledger/audit/v1\\n" ‖ uuid ‖ "\\n" ‖ nonce)
    commitment = SHA-256(0x04 ‖ salt ‖ value)                             value: the text in UTF-8

``uuid`` is the chain's id in its 36 lower-case ASCII characters. ``nonce`` and ``salt`` are 32 random bytes. The
first byte is a different one for each kind of hash, so none can be passed off as another (domain separation).
"""

from hashlib import sha256
from typing import Final
from uuid import UUID

HASH_SIZE: Final = 32
LABEL: Final = b"seatledger/audit/v1\n"

_LEAF: Final = b"\x00"
_LINK: Final = b"\x02"
_GENESIS: Final = b"\x03"
_COMMITMENT: Final = b"\x04"


def leaf_hash(body: bytes) -> bytes:
    """The leaf of one entry, over the UTF-8 bytes of its canonical body."""
    return sha256(_LEAF + body).digest()


def link(previous: bytes, sequence: int, leaf: bytes) -> bytes:
    """The chain hash of entry ``sequence`` (from 1), bound to the chain hash before it and to its own leaf.

    Raises ValueError for hashes that are not 32 bytes and for a sequence below 1 or from 2^64 on.
    """
    if not 1 <= sequence < 2**64:
        raise ValueError(f"a sequence lies between 1 and 2^64 - 1, not {sequence}")
    return sha256(_LINK + _sized(previous, "previous") + sequence.to_bytes(8, "big") + _sized(leaf, "leaf")).digest()


def genesis(chain_id: UUID, nonce: bytes) -> bytes:
    """The chain hash before the first entry; ``nonce`` makes two chains differ even when an id is used again."""
    return sha256(_GENESIS + LABEL + str(chain_id).encode("ascii") + b"\n" + _sized(nonce, "nonce")).digest()


def commitment(salt: bytes, value: str) -> bytes:
    """Binds a personal value without showing it. Once the salt is deleted, no guess can be confirmed any more."""
    return sha256(_COMMITMENT + _sized(salt, "salt") + value.encode()).digest()


def _sized(value: bytes, name: str) -> bytes:
    if len(value) != HASH_SIZE:
        raise ValueError(f"{name} has {HASH_SIZE} bytes, not {len(value)}")
    return value
