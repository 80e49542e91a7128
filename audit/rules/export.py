"""The lines of an exported ledger (docs/ledger-format.md), which audit/verifier.py reads without this project.

There is exactly one text for each ledger. The body stands in its line as the very bytes that were hashed, so any
program can cut it out and hash it; index columns are left out, because all that they say stands in the body.
"""

import json
from collections.abc import Mapping
from typing import Final, NamedTuple
from uuid import UUID

FORMAT: Final = "seatledger/ledger/v1"


class Opening(NamedTuple):
    """What opens one commitment of a body: the salt of 32 bytes and the personal value."""

    salt: bytes
    value: str


def header_line(*, chain_id: UUID, genesis_nonce: bytes, size: int, chain_hash: bytes) -> str:
    """The first line, line end included: which chain this is, how many entries follow and the hash that ends them."""
    return (
        f'{{"format":"{FORMAT}","chain":"{chain_id}","genesis_nonce":"{genesis_nonce.hex()}",'
        f'"size":{size},"chain_hash":"{chain_hash.hex()}"}}\n'
    )


def entry_line(
    *, sequence: int, leaf_hash: bytes, chain_hash: bytes, body: str, openings: Mapping[str, Opening] | None = None
) -> str:
    """One entry, line end included. `body` is the stored canonical text; `openings` are shown by their field's name.

    An opening that is left out, erased or withheld, leaves the line valid: the body keeps its commitment.
    """
    shown = f'"openings":{_openings_text(openings)},' if openings else ""
    return (
        f'{{"sequence":{sequence},"leaf_hash":"{leaf_hash.hex()}","chain_hash":"{chain_hash.hex()}",'
        f'{shown}"body":{body}}}\n'
    )


def _openings_text(openings: Mapping[str, Opening]) -> str:
    members = {name: {"salt": opening.salt.hex(), "value": opening.value} for name, opening in openings.items()}
    return json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
