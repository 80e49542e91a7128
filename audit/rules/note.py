"""The text forms of a checkpoint: C2SP signed-note and C2SP tlog-checkpoint, with one extension line of ours.

A checkpoint states the length of a chain, the root of its tree and the hash at its head::

    seatledger/audit/0193…                        origin: names this chain, and no other
    4711                                          number of entries
    3q2+7w…=                                      Merkle root, base64
    chain-hash 5f1c…                              chain hash of the last entry, hex (our extension line)

    — seatledger/audit/0193… Jx0mNd…=             name of the key, then base64(key id ‖ Ed25519 signature)

A public key is written as a verifier key, ``<name>+<key id in hex>+<base64(0x01 ‖ 32 bytes)>``. Signing takes a
callable and verifying leaves the signature's arithmetic to the caller: this module knows text only.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID

KEY_ID_SIZE: Final = 4
PUBLIC_KEY_SIZE: Final = 32
SIGNATURE_SIZE: Final = 64

_ED25519: Final = b"\x01"
_MARK: Final = "\u2014 "
_EXTENSION: Final = "chain-hash "
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,19}", re.ASCII)
_HASH_HEX: Final = re.compile(r"[0-9a-f]{64}")


class MalformedNote(ValueError):
    """The text is not a signed note, checkpoint or verifier key of the forms above."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint's body says; ``root`` and ``chain_hash`` have 32 bytes."""

    origin: str
    size: int
    root: bytes
    chain_hash: bytes


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line; ``key_id`` has 4 bytes. It says who claims to have signed and is not verified yet."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A named Ed25519 public key; ``public`` has 32 bytes."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes by which a signature line names this key."""
        return key_id(self.name, self.public)


def origin(chain_id: UUID) -> str:
    """The origin of a chain's checkpoints, which is also the name of the key that signs them."""
    return f"seatledger/audit/{chain_id}"


def key_id(name: str, public: bytes) -> bytes:
    """SHA-256(name ‖ "\\n" ‖ 0x01 ‖ public key), first four bytes; 0x01 stands for Ed25519."""
    return sha256(_checked_name(name).encode() + b"\n" + _ED25519 + public).digest()[:KEY_ID_SIZE]


def fingerprint(public: bytes) -> str:
    """SHA-256 of the 32-byte public key in hex, in eight groups, for people to compare with what was published."""
    digits = sha256(public).hexdigest()
    return " ".join(digits[start : start + 8] for start in range(0, len(digits), 8))


def format_verifier_key(key: VerifierKey) -> str:
    """The key as one line without its line end."""
    return f"{key.name}+{key.key_id.hex()}+{_encoded(_ED25519 + key.public)}"


def parse_verifier_key(line: str) -> VerifierKey:
    """The key that a line holds. Raises MalformedNote for another form or type, or an id that does not fit."""
    name, _, rest = line.strip().partition("+")
    stated, _, encoded = rest.partition("+")
    material = _decoded(encoded, "the verifier key")
    if len(material) != 1 + PUBLIC_KEY_SIZE or material[:1] != _ED25519:
        raise MalformedNote("the verifier key is not an Ed25519 key")
    key = VerifierKey(_checked_name(name), material[1:])
    if key.key_id.hex() != stated:
        raise MalformedNote("the id in the verifier key is not the id of its key")
    return key


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """The text that is signed, line end included. Raises MalformedNote for hashes that are not 32 bytes."""
    if len(checkpoint.root) != 32 or len(checkpoint.chain_hash) != 32 or checkpoint.size < 0:
        raise MalformedNote("a checkpoint has two hashes of 32 bytes and a size")
    return (
        f"{_checked_name(checkpoint.origin)}\n{checkpoint.size}\n{_encoded(checkpoint.root)}\n"
        f"{_EXTENSION}{checkpoint.chain_hash.hex()}\n"
    )


def parse_checkpoint(text: str) -> Checkpoint:
    """What a note's text says. Unknown extension lines are skipped, as the format asks; ours has to be there.

    Raises MalformedNote.
    """
    lines = text.split("\n")
    if len(lines) < 5 or lines[-1] or not all(lines[:-1]) or not _SIZE.fullmatch(lines[1]):
        raise MalformedNote("the text is not a checkpoint")
    root = _decoded(lines[2], "the root")
    stated = [line.removeprefix(_EXTENSION) for line in lines[3:-1] if line.startswith(_EXTENSION)]
    if len(root) != 32 or len(stated) != 1 or not _HASH_HEX.fullmatch(stated[0]):
        raise MalformedNote("the checkpoint needs a root of 32 bytes and one chain-hash line")
    return Checkpoint(_checked_name(lines[0]), int(lines[1]), root, bytes.fromhex(stated[0]))


def sign(text: str, *, key: VerifierKey, signer: Callable[[bytes], bytes]) -> str:
    """The signed note of ``text``; ``signer`` returns the 64-byte Ed25519 signature over the bytes it gets.

    Raises MalformedNote when the text does not end its last line or holds control characters.
    """
    _check_text(text)
    signature = signer(text.encode())
    if len(signature) != SIGNATURE_SIZE:
        raise MalformedNote("an Ed25519 signature has 64 bytes")
    return f"{text}\n{_MARK}{key.name} {_encoded(key.key_id + signature)}\n"


def split(note: str) -> tuple[str, tuple[Signature, ...]]:
    """The signed text, line end included, and the signature lines of a note. Raises MalformedNote."""
    text, gap, block = note.rpartition("\n\n")
    if not gap or not block.endswith("\n"):
        raise MalformedNote("a signed note has a text, an empty line and signature lines")
    text += "\n"
    _check_text(text)
    return text, tuple(_signature(line) for line in block[:-1].split("\n"))


def _signature(line: str) -> Signature:
    name, gap, encoded = line.removeprefix(_MARK).partition(" ")
    raw = _decoded(encoded, "the signature")
    if not line.startswith(_MARK) or not gap or len(raw) <= KEY_ID_SIZE:
        raise MalformedNote("the signature line is malformed")
    return Signature(_checked_name(name), raw[:KEY_ID_SIZE], raw[KEY_ID_SIZE:])


def _checked_name(name: str) -> str:
    if not name or "+" in name or any(letter.isspace() or not letter.isprintable() for letter in name):
        raise MalformedNote("a name has neither spaces nor plus signs")
    return name


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(letter < " " for letter in text if letter != "\n"):
        raise MalformedNote("the text ends with a line end and holds no other control characters")


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _decoded(text: str, what: str) -> bytes:
    """Strict base64: one text for one value, so that a note cannot be varied and still be read."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedNote(f"{what} is not base64") from error
    if _encoded(value) != text:
        raise MalformedNote(f"{what} is not base64 in its one canonical form")
    return value
