"""A ledger of any length, written as audit/export.py would, without a database: bodies like those of the product."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.rules import note
from audit.rules.body import entry_body
from audit.rules.canonical import canonical
from audit.rules.chain import genesis, leaf_hash, link
from audit.rules.export import entry_line, header_line
from audit.rules.merkle import Frontier

CHAIN = UUID("0193a0c0-5ea1-7ed6-8e12-0123456789ab")
NONCE = bytes(32)
START = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = ("seat.assigned", "seat.released", "entitlement.activated", "license.issued", "device.created")
# Every so many entries carry a commitment to a personal value, as entries about people do.
PERSONAL_EVERY = 20


@dataclass(frozen=True)
class WrittenLedger:
    """The files of one exported ledger, and its bodies as they were hashed."""

    path: Path
    checkpoint: Path
    key: Path
    bodies: list[bytes]


def _body(number: int, draw: Random) -> str:
    at = START + timedelta(seconds=number)
    return canonical(
        entry_body(
            kind=KINDS[number % len(KINDS)],
            occurred_at=at,
            recorded_at=at,
            actor=str(UUID(int=draw.getrandbits(128))),
            subject_type="seats.assignment",
            subject_id=str(UUID(int=draw.getrandbits(128))),
            request_id=f"{draw.getrandbits(128):032x}",
            details={"pool": str(UUID(int=draw.getrandbits(128))), "quantity": 1, "source": "import"},
            personal={} if number % PERSONAL_EVERY else {"reason": draw.randbytes(32)},
        )
    )


def write_ledger(folder: Path, size: int) -> WrittenLedger:
    """`size` entries, one signed checkpoint over all of them, and the key; the same for the same size."""
    draw = Random(size)
    bodies = [_body(number, draw).encode() for number in range(1, size + 1)]
    leaves = [leaf_hash(body) for body in bodies]
    links = list(_links(leaves))
    path, checkpoint, key_file = folder / "ledger.jsonl", folder / "checkpoint.txt", folder / "key.txt"
    with path.open("w", encoding="utf-8") as file:
        file.write(header_line(chain_id=CHAIN, genesis_nonce=NONCE, size=size, chain_hash=links[-1]))
        for sequence, (body, leaf, chain_hash) in enumerate(zip(bodies, leaves, links, strict=True), start=1):
            file.write(entry_line(sequence=sequence, leaf_hash=leaf, chain_hash=chain_hash, body=body.decode()))
    signer = Ed25519PrivateKey.from_private_bytes(bytes(32))
    key = note.VerifierKey(note.origin(CHAIN), signer.public_key().public_bytes_raw())
    text = note.format_checkpoint(
        note.Checkpoint(origin=key.name, size=size, root=Frontier().extended(leaves).root(), chain_hash=links[-1])
    )
    checkpoint.write_text(note.sign(text, key=key, signer=signer.sign), encoding="utf-8")
    key_file.write_text(note.format_verifier_key(key) + "\n", encoding="utf-8")
    return WrittenLedger(path, checkpoint, key_file, bodies)


def _links(leaves: list[bytes]) -> Iterator[bytes]:
    previous = genesis(CHAIN, NONCE)
    for sequence, leaf in enumerate(leaves, start=1):
        previous = link(previous, sequence, leaf)
        yield previous
