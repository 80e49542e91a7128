"""The hashes of the ledger, against frozen vectors and against the formulas written out a second time."""

import hashlib
import struct
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.rules.chain import commitment, genesis, leaf_hash, link

CHAIN = UUID("0193a0c0-5ea1-7ed6-8e12-0123456789ab")
NONCE = bytes(range(32))
BODY = '{"a":"é","v":1}'.encode()
HASHES = st.binary(min_size=32, max_size=32)

GENESIS = "9964d31c441b5021f2c2f872250168a5c02471bac43cb08984b73791725deae0"
LEAF = "5a9348fbadecbbaa08bf1b0a14887b0df3f86d1d1c3e54e821772e5f502e699b"
LINK_1 = "00ce07dc36778af0349cf3cd7658ed0b4d0b2f719d2d31bdf633b30ec70f7f4a"
LINK_2 = "2ab73e3a0186ac2e0d02e3ecbd6f4cdc6cf23f76f14a36538c8d95cc82586a3f"


def test_frozen_vectors() -> None:
    """These values never change: ledgers of past releases are verified with them."""
    leaf = leaf_hash(BODY)
    assert genesis(CHAIN, NONCE).hex() == GENESIS
    assert leaf.hex() == LEAF
    assert link(bytes.fromhex(GENESIS), 1, leaf).hex() == LINK_1
    assert link(bytes.fromhex(LINK_1), 2, leaf).hex() == LINK_2
    assert (
        link(bytes.fromhex(LINK_1), 2**32 + 5, leaf).hex()
        == "51ee85b80956194b4cec01e10b7cd24904a30dac5708db6cb1c557a041adb200"
    )
    assert (
        commitment(bytes(range(32, 64)), "Zoë Müller").hex()
        == "52b41d1fab1368fe30ef1f5e4bd42d0ef336d9677c18b5e2ac88c99cadcb4a7e"
    )


def test_empty_leaf_is_that_of_rfc_9162() -> None:
    """The leaf of an empty body is the well-known hash of an empty leaf in certificate transparency."""
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@settings(deadline=None)
@given(st.binary(max_size=200), HASHES, st.integers(1, 2**64 - 1))
def test_leaf_and_link_by_the_formula(body: bytes, previous: bytes, sequence: int) -> None:
    """Leaf and link equal the documented formulas, computed here from the words of the documentation."""
    leaf = hashlib.sha256(b"\x00" + body).digest()
    assert leaf_hash(body) == leaf
    expected = hashlib.sha256(struct.pack(">B32sQ32s", 2, previous, sequence, leaf)).digest()
    assert link(previous, sequence, leaf) == expected


@settings(deadline=None)
@given(st.uuids(), HASHES, HASHES, st.text(st.characters(codec="utf-8")))
def test_genesis_and_commitment_by_the_formula(chain_id: UUID, nonce: bytes, salt: bytes, value: str) -> None:
    """Genesis and commitment equal the documented formulas, fed piece by piece."""
    hasher = hashlib.sha256()
    for part in (b"\x03", b"seatledger/audit/v1", b"\n", str(chain_id).encode(), b"\n", nonce):
        hasher.update(part)
    assert genesis(chain_id, nonce) == hasher.digest()
    assert commitment(salt, value) == hashlib.sha256(b"\x04" + salt + value.encode()).digest()


@pytest.mark.parametrize("sequence", [0, -1, 2**64])
def test_refuses_impossible_sequences(sequence: int) -> None:
    """Entries count from 1 and fit into eight bytes."""
    with pytest.raises(ValueError, match="a sequence lies between"):
        link(bytes(32), sequence, bytes(32))


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_refuses_other_sizes(size: int) -> None:
    """Nothing but 32 bytes is taken for a hash, a nonce or a salt: hex text would be hashed silently otherwise."""
    with pytest.raises(ValueError, match="previous has 32 bytes"):
        link(bytes(size), 1, bytes(32))
    with pytest.raises(ValueError, match="leaf has 32 bytes"):
        link(bytes(32), 1, bytes(size))
    with pytest.raises(ValueError, match="nonce has 32 bytes"):
        genesis(CHAIN, bytes(size))
    with pytest.raises(ValueError, match="salt has 32 bytes"):
        commitment(bytes(size), "x")
