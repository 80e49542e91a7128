"""Ledgers, checkpoints and audit packages as the product writes them, for tests to tamper with."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import verifier
from audit.rules import merkle, note
from audit.rules.body import entry_body
from audit.rules.canonical import canonical
from audit.rules.chain import commitment, genesis, leaf_hash, link
from audit.rules.export import Opening, entry_line, header_line

CHAIN = UUID("0193a0c0-5ea1-7ed6-8e12-0123456789ab")
NONCE = bytes(range(32))
START = datetime(2026, 11, 22, 12, tzinfo=UTC)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = note.VerifierKey(note.origin(CHAIN), PRIVATE.public_key().public_bytes_raw())
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


@dataclass(frozen=True)
class Line:
    """One entry before it is written as a line; any member can be replaced by a wrong one."""

    sequence: int
    body: str
    leaf_hash: bytes
    chain_hash: bytes
    openings: Mapping[str, Opening] | None = None

    def text(self) -> str:
        return entry_line(
            sequence=self.sequence,
            leaf_hash=self.leaf_hash,
            chain_hash=self.chain_hash,
            body=self.body,
            openings=self.openings,
        )

    def entry(self) -> verifier.Entry:
        return verifier.Entry(self.sequence, self.body.encode(), self.leaf_hash, self.chain_hash)


def body_of(number: int, *, personal: Mapping[str, bytes] | None = None, recorded_at: datetime | None = None) -> str:
    """A body like those of the product, with quotes and escapes, and details that look like the fields outside."""
    at = recorded_at or START + timedelta(seconds=number)
    return canonical(
        entry_body(
            kind="seat.assigned",
            occurred_at=at - timedelta(days=1),
            recorded_at=at,
            actor=f"actor-{number % 7}",
            subject_type="seats.assignment",
            subject_id=f"subject-{number}",
            request_id=f"request-{number}",
            details={
                "free": number,
                "note": 'é "quoted" \\ ,',
                "inner": {"personal": {}, "recorded_at": "0000", "v": 1},
            },
            personal=personal or {},
        )
    )


def chained(bodies: Sequence[str], *, after: Sequence[Line] = ()) -> list[Line]:
    """The lines of a chain that has ``after`` and then these bodies, each hash right."""
    lines = list(after)
    previous = lines[-1].chain_hash if lines else genesis(CHAIN, NONCE)
    for sequence, body in enumerate(bodies, start=len(lines) + 1):
        leaf = leaf_hash(body.encode())
        previous = link(previous, sequence, leaf)
        lines.append(Line(sequence, body, leaf, previous))
    return lines


def ledger(count: int) -> list[Line]:
    """A ledger in which nothing is wrong and nothing is personal."""
    return chained([body_of(number) for number in range(1, count + 1)])


def ledger_with_people(count: int) -> list[Line]:
    """A ledger in which every third entry commits to a name, and every sixth shows it."""
    shown: dict[int, dict[str, Opening]] = {}
    bodies = []
    for number in range(1, count + 1):
        personal = {}
        if number % 3 == 0:
            opening = Opening(hashlib.sha256(b"%d" % number).digest(), f'Zoë "{number}"')
            personal = {"body": commitment(opening.salt, opening.value)}
            if number % 6 == 0:
                shown[number] = {"body": opening}
        bodies.append(body_of(number, personal=personal))
    return [replace(line, openings=shown.get(line.sequence)) for line in chained(bodies)]


def export(lines: Sequence[Line], *, size: int | None = None, chain_hash: bytes | None = None) -> bytes:
    """The exported file; the first line states what the last entry says unless told otherwise."""
    last = lines[-1].chain_hash if lines else genesis(CHAIN, NONCE)
    header = header_line(
        chain_id=CHAIN,
        genesis_nonce=NONCE,
        size=len(lines) if size is None else size,
        chain_hash=chain_hash or last,
    )
    return (header + "".join(line.text() for line in lines)).encode()


def checkpoint(lines: Sequence[Line]) -> verifier.Checkpoint:
    """The checkpoint over all these lines."""
    return verifier.Checkpoint(len(lines), merkle.root(line.leaf_hash for line in lines), lines[-1].chain_hash)


def signed(at: verifier.Checkpoint, private: Ed25519PrivateKey = PRIVATE) -> str:
    """The checkpoint as a signed note."""
    text = note.format_checkpoint(note.Checkpoint(note.origin(CHAIN), at.size, at.root, at.chain_hash))
    return note.sign(text, key=replace(KEY, public=private.public_key().public_bytes_raw()), signer=private.sign)


def key_text(private: Ed25519PrivateKey = PRIVATE) -> str:
    """The key file that pins the key."""
    return note.format_verifier_key(replace(KEY, public=private.public_key().public_bytes_raw())) + "\n"


def write_package(directory: Path, lines: Sequence[Line], **changes: object) -> None:
    """An unpacked audit package, signed; ``changes`` replace members of its manifest."""
    at = checkpoint(lines)
    contents = {
        "ledger.jsonl": export(lines),
        "checkpoint.txt": signed(at).encode(),
        "audit-key.txt": key_text().encode(),
        "verify.py": Path(verifier.__file__).read_bytes(),
        "evidence/seats.csv": b"pool,seats\r\nA,3\r\n",
    }
    for name, content in contents.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content)
    manifest: dict[str, object] = {
        "format": "seatledger/audit-package/v1",
        "files": {name: {"sha256": hashlib.sha256(c).hexdigest(), "size": len(c)} for name, c in contents.items()},
        "parameters": {},
        "ledger": {
            "chain": str(CHAIN),
            "size": at.size,
            "chain_hash": at.chain_hash.hex(),
            "root": at.root.hex(),
        },
        "versions": {"seatledger": "0.1.0"},
    } | changes
    sign_manifest(directory, json.dumps(manifest, indent=1).encode())


def sign_manifest(directory: Path, raw: bytes, private: Ed25519PrivateKey = PRIVATE) -> None:
    """Writes the manifest and its signature."""
    (directory / "manifest.json").write_bytes(raw)
    (directory / "manifest.sig").write_bytes(base64.b64encode(private.sign(raw)) + b"\n")
