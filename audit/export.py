"""The ledger as lines (docs/ledger-format.md), streamed in constant memory."""

from collections.abc import Iterator

from audit.models import Event
from audit.queries import head, stream
from audit.rules.export import entry_line, header_line


def ledger_lines(*, up_to: int | None = None) -> Iterator[str]:
    """Header and entries of the open organisation, line ends included, up to a sequence; empty before the first entry.

    Openings of personal values stay inside: an export proves without showing names.
    """
    state = head()
    if state is None:
        return
    size, chain_hash = state.size, state.chain_hash
    if up_to is not None and up_to < size:
        size = up_to
        chain_hash = bytes(Event.objects.values_list("chain_hash", flat=True).get(sequence=up_to))
    yield header_line(chain_id=state.chain_id, genesis_nonce=state.genesis_nonce, size=size, chain_hash=chain_hash)
    for row in stream():
        if row.sequence > size:
            return
        yield entry_line(
            sequence=row.sequence, leaf_hash=bytes(row.leaf_hash), chain_hash=bytes(row.chain_hash), body=row.body
        )
