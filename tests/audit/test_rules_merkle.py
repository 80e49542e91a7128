"""The Merkle frontier, against the recursive definition of RFC 9162 and published roots."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.rules.merkle import EMPTY_ROOT, Frontier, root

LEAVES = [hashlib.sha256(b"\x00" + str(number).encode()).digest() for number in range(300)]
# Inputs and roots that certificate transparency implementations test themselves with (RFC 6962 hashing).
PUBLISHED_INPUTS = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
PUBLISHED_ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def recursive_root(leaves: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.1, word for word: split at the largest power of two below n."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + recursive_root(leaves[:split]) + recursive_root(leaves[split:])).digest()


def test_equals_the_recursive_definition_at_every_size() -> None:
    """Growing leaf by leaf from 0 to 300, the frontier's root is that of the definition each time."""
    frontier = Frontier()
    assert frontier.root() == EMPTY_ROOT == recursive_root([])
    for size, leaf in enumerate(LEAVES, start=1):
        frontier = frontier.extended([leaf])
        assert frontier.size == size
        assert frontier.root() == recursive_root(LEAVES[:size])


@pytest.mark.parametrize(("size", "expected"), PUBLISHED_ROOTS.items())
def test_published_roots(size: int, expected: str) -> None:
    """The trees that other implementations publish as test vectors have the same roots here."""
    leaves = [hashlib.sha256(b"\x00" + value).digest() for value in PUBLISHED_INPUTS[:size]]
    assert root(leaves).hex() == expected


@settings(deadline=None)
@given(st.lists(st.integers(0, 60), max_size=8))
def test_batches_do_not_matter(batches: list[int]) -> None:
    """However the leaves are split between checkpoints, the frontier and the root are the same."""
    total, frontier = 0, Frontier()
    for batch in batches:
        stored = Frontier(frontier.size, tuple(frontier.hashes))  # what a checkpoint keeps is enough to go on
        frontier = stored.extended((LEAVES * 2)[total : total + batch])
        total += batch
    assert frontier == Frontier().extended((LEAVES * 2)[:total])
    assert frontier.root() == recursive_root((LEAVES * 2)[:total])


def test_a_frontier_stays_as_it_is() -> None:
    """Extending returns a new frontier; the one before can still be read."""
    first = Frontier().extended(LEAVES[:5])
    first.extended(LEAVES[5:9])
    assert first == Frontier().extended(LEAVES[:5])
    assert len(first.hashes) == 2


@pytest.mark.parametrize(("size", "count"), [(-1, 0), (0, 1), (3, 1), (4, 2), (7, 2)])
def test_refuses_a_frontier_that_cannot_be(size: int, count: int) -> None:
    """A stored frontier whose hashes do not fit its size is refused instead of giving a wrong root."""
    with pytest.raises(ValueError, match="are not the right edge"):
        Frontier(size, (bytes(32),) * count)
