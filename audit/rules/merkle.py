"""The Merkle tree over the leaves of a chain (RFC 9162, section 2.1.1), kept as its right edge.

A tree of n leaves is a row of perfect subtrees, one for each bit that is set in n, the largest first. Their hashes
are the frontier. It is all that is needed to append leaves and to compute the root, so each checkpoint reads only
the leaves that are new since the one before. Leaves are ``chain.leaf_hash`` values.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

EMPTY_ROOT: Final = sha256(b"").digest()

_NODE: Final = b"\x01"


def node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(_NODE + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree: ``hashes`` has one hash for each bit set in ``size``, the largest subtree first.

    Raises ValueError when the number of hashes does not fit the size.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or self.size.bit_count() != len(self.hashes):
            raise ValueError(f"{len(self.hashes)} hashes are not the right edge of a tree of {self.size} leaves")

    def extended(self, leaves: Iterable[bytes]) -> Self:
        """The frontier after ``leaves`` were appended in their order; holds no more than one path in memory."""
        size, edge = self.size, list(self.hashes)
        for leaf in leaves:
            edge.append(leaf)
            size += 1
            # As many subtrees close as the new size has zero bits at its end.
            for _ in range((size & -size).bit_length() - 1):
                right = edge.pop()
                edge[-1] = node(edge[-1], right)
        return type(self)(size, tuple(edge))

    def root(self) -> bytes:
        """The root of the tree; of an empty one, the hash of nothing, as RFC 9162 says."""
        if not self.hashes:
            return EMPTY_ROOT
        result = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            result = node(left, result)
        return result


def root(leaves: Iterable[bytes]) -> bytes:
    """The root of the tree over all ``leaves``."""
    return Frontier().extended(leaves).root()
