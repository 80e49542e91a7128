"""Checkpoints and keys as text: C2SP signed-note and tlog-checkpoint."""

import base64
import hashlib
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.rules import note

CHAIN = UUID("0193a0c0-5ea1-7ed6-8e12-0123456789ab")
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = note.VerifierKey(note.origin(CHAIN), PRIVATE.public_key().public_bytes_raw())
CHECKPOINT = note.Checkpoint(note.origin(CHAIN), 4711, bytes(range(32)), bytes(range(32, 64)))
# The key and the note of the documentation of Go's golang.org/x/mod/sumdb/note, the format's reference.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_reads_key_and_note_of_the_reference_implementation() -> None:
    """A key and a note made by Go's reference implementation are read, and the signature verifies."""
    key = note.parse_verifier_key(GO_KEY)
    text, (signature,) = note.split(GO_NOTE)
    assert note.format_verifier_key(key) == GO_KEY
    assert (signature.name, signature.key_id) == (key.name, key.key_id)
    Ed25519PublicKey.from_public_bytes(key.public).verify(signature.value, text.encode())


def test_checkpoint_text() -> None:
    """Origin, size, root in base64, and our extension line with the chain hash in hex: one line each."""
    assert note.format_checkpoint(CHECKPOINT) == (
        "seatledger/audit/0193a0c0-5ea1-7ed6-8e12-0123456789ab\n4711\n"
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
        "chain-hash 202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f\n"
    )


@settings(deadline=None)
@given(st.integers(0, 2**63), st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_signed_checkpoint_reads_back(size: int, root: bytes, chain_hash: bytes) -> None:
    """What was signed is what is read, the signature verifies, and its line names the key by its id."""
    checkpoint = note.Checkpoint(note.origin(CHAIN), size, root, chain_hash)
    signed = note.sign(note.format_checkpoint(checkpoint), key=KEY, signer=PRIVATE.sign)
    text, (signature,) = note.split(signed)
    assert note.parse_checkpoint(text) == checkpoint
    assert signature.key_id == hashlib.sha256(KEY.name.encode() + b"\n\x01" + KEY.public).digest()[:4]
    PRIVATE.public_key().verify(signature.value, text.encode())


def test_a_changed_text_does_not_verify() -> None:
    """One digit more in the size, and the signature is worth nothing."""
    signed = note.sign(note.format_checkpoint(CHECKPOINT), key=KEY, signer=PRIVATE.sign)
    text, (signature,) = note.split(signed.replace("\n4711\n", "\n47110\n"))
    with pytest.raises(InvalidSignature):
        PRIVATE.public_key().verify(signature.value, text.encode())


def test_several_signatures_and_unknown_extensions() -> None:
    """A witness may add its signature and a later version an extension line: both are read past."""
    text = note.format_checkpoint(CHECKPOINT) + "witnessed 2026\n"
    signed = note.sign(text, key=KEY, signer=PRIVATE.sign)
    witness = note.VerifierKey("witness.example", KEY.public)
    second = note.sign(text, key=witness, signer=PRIVATE.sign).splitlines(keepends=True)[-1]
    read, signatures = note.split(signed + second)
    assert note.parse_checkpoint(read) == CHECKPOINT
    assert [signature.name for signature in signatures] == [KEY.name, "witness.example"]


GOOD = note.format_checkpoint(CHECKPOINT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        GOOD[:-1],
        GOOD.replace("4711", "04711"),
        GOOD.replace("4711", "-1"),
        GOOD.replace("4711", "٣"),
        GOOD.replace("AAEC", "AAE"),
        GOOD.replace("Hh8=", "Hh9="),
        GOOD.replace("chain-hash 20", "chain-hash "),
        GOOD.replace("chain-hash", "chain-head"),
        GOOD + GOOD.splitlines(keepends=True)[-1],
        GOOD.replace("seatledger/audit/", "seatledger audit "),
        GOOD.replace("4711\n", "4711\n\n"),
    ],
)
def test_malformed_checkpoints(text: str) -> None:
    """A text that is not exactly a checkpoint is refused, whatever is missing, doubled or written differently."""
    with pytest.raises(note.MalformedNote):
        note.parse_checkpoint(text)


SIGNED = note.sign(GOOD, key=KEY, signer=PRIVATE.sign)


@pytest.mark.parametrize(
    "text",
    ["", GOOD, SIGNED[:-1], SIGNED.replace("— ", "- "), SIGNED.replace("\n\n", "\n"), SIGNED + "\n", GOOD + "\n— a \n"],
)
def test_malformed_notes(text: str) -> None:
    """A note without its empty line, its dash or its last line end is refused."""
    with pytest.raises(note.MalformedNote):
        note.split(text)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "PeterNeumann",
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY.replace("PeterNeumann", "Peter Neumann"),
        GO_KEY.replace("ARpc", "AARpc"),
        "name+00000000+" + base64.b64encode(b"\x02" + bytes(32)).decode(),
    ],
)
def test_malformed_keys(line: str) -> None:
    """A key whose id does not fit, of another kind or with a name that could be misread, is refused."""
    with pytest.raises(note.MalformedNote):
        note.parse_verifier_key(line)


def test_refuses_to_sign_what_could_not_be_read() -> None:
    """Text without a last line end, with control characters, or a signature of another length is not made a note."""
    for text in ("no end", "bell\x07\n"):
        with pytest.raises(note.MalformedNote):
            note.sign(text, key=KEY, signer=PRIVATE.sign)
    with pytest.raises(note.MalformedNote):
        note.sign(GOOD, key=KEY, signer=lambda _: b"short")
    with pytest.raises(note.MalformedNote):
        note.format_checkpoint(note.Checkpoint(note.origin(CHAIN), 1, b"", bytes(32)))


def test_fingerprint() -> None:
    """The fingerprint is the SHA-256 of the raw public key, in eight groups of eight digits."""
    shown = note.fingerprint(KEY.public)
    assert shown.replace(" ", "") == hashlib.sha256(KEY.public).hexdigest()
    assert [len(group) for group in shown.split(" ")] == [8] * 8
