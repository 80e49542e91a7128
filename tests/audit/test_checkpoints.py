"""Checkpoints: signed once per size, continued from the frontier, published through the outbox, never overwritten."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit import channels, verifier
from audit.models import Checkpoint, Destination, Event, SigningKey
from audit.operations import sign_checkpoint
from audit.operations.keys import verifier_key
from audit.queries import active_key, chain_origin
from audit.queries import head as head_of_chain
from audit.rules import note
from audit.rules.merkle import root
from jobs.models import OutboxMessage, OutboxState
from jobs.operations import relay
from jobs.ports import DeliveryFailed
from kernel.clock import DatabaseClock
from tests.factories.tenants import Tenant, tenant

pytestmark = pytest.mark.django_db
CLOCK = DatabaseClock()


def grow(one: Tenant, by: int) -> None:
    with one.writing() as opened:
        for _ in range(by):
            opened.record("person.updated", subject=one.organization, details={"fields": ["title"]})


def signed(one: Tenant) -> Checkpoint | None:
    with one.reading():
        return sign_checkpoint(organization_id=one.organization.id, clock=CLOCK)


def folder_of(one: Tenant) -> Path:
    with one.reading():
        return Path(Destination.objects.get().address)


def test_it_states_head_and_root_and_is_signed() -> None:
    """Size and chain hash are the head's, the root is that of all leaves, and the signature is the audit key's."""
    one = tenant()
    grow(one, 5)
    row = signed(one)
    assert row is not None
    text, [signature] = note.split(row.note)
    said = note.parse_checkpoint(text)
    with one.reading():
        state, key = head_of_chain(), active_key()
        leaves = [bytes(leaf) for leaf in Event.objects.order_by("sequence").values_list("leaf_hash", flat=True)]
    assert state is not None
    assert key is not None
    assert (said.size, said.chain_hash, said.root) == (state.size, state.chain_hash, root(leaves))
    assert said.origin == signature.name == chain_origin(one.organization.id)
    Ed25519PublicKey.from_public_bytes(verifier_key(key).public).verify(signature.value, text.encode())


def test_it_states_the_own_head_beside_an_older_and_longer_chain() -> None:
    """The head of another organisation is never signed, whichever chain is older."""
    older, one = tenant(), tenant()
    grow(older, 5)
    grow(one, 2)
    for house in (one, older):
        row = signed(house)
        with house.reading():
            state = head_of_chain()
        assert row is not None
        assert state is not None
        assert (row.size, note.parse_checkpoint(note.split(row.note)[0]).chain_hash) == (state.size, state.chain_hash)


def test_none_when_nothing_is_new() -> None:
    """A second call without a new entry signs nothing and queues nothing, so that quiet organisations stay quiet."""
    one = tenant()
    assert signed(one) is not None
    assert signed(one) is None
    with one.reading():
        assert Checkpoint.objects.count() == OutboxMessage.objects.count() == 1


def test_none_without_an_active_key() -> None:
    """Where the key was retired nothing can be signed; the next key continues."""
    one = tenant()
    with one.reading():
        SigningKey.objects.update(retired_at=CLOCK.now())
    assert signed(one) is None


@pytest.mark.parametrize("steps", [[1, 1, 1], [3, 5, 8], [16, 1, 15, 7]])
def test_the_frontier_continues(steps: list[int]) -> None:
    """Each checkpoint reads the new leaves alone, and states the root that all leaves from the first have."""
    one = tenant()
    for by in steps:
        grow(one, by)
        row = signed(one)
        assert row is not None
        with one.reading():
            leaves = [bytes(leaf) for leaf in Event.objects.order_by("sequence").values_list("leaf_hash", flat=True)]
        assert (row.size, bytes(row.root)) == (len(leaves), root(leaves))
        assert len(bytes(row.frontier)) == 32 * row.size.bit_count()


def test_it_writes_no_ledger_entry() -> None:
    """An entry about a checkpoint would ask for the next one, for ever."""
    one = tenant()
    with one.reading():
        before = Event.objects.count()
    signed(one)
    with one.reading():
        assert Event.objects.count() == before


def test_it_is_published_by_the_relay() -> None:
    """The queued message becomes `<size>.txt` and `latest.txt` in the organisation's folder, the note to the byte."""
    one = tenant()
    row = signed(one)
    assert row is not None
    assert relay(organization_id=one.organization.id, clock=CLOCK) == 1
    folder = folder_of(one)
    assert (folder / f"{row.size:020d}.txt").read_text(encoding="utf-8") == row.note
    assert (folder / "latest.txt").read_text(encoding="utf-8") == row.note
    with one.reading():
        assert OutboxMessage.objects.get().state == OutboxState.SENT


def test_an_ended_destination_gets_nothing() -> None:
    """Checkpoints go to the destinations of today."""
    one = tenant()
    with one.reading():
        Destination.objects.update(ended_at=CLOCK.now())
    signed(one)
    with one.reading():
        assert not OutboxMessage.objects.exists()


def test_a_published_checkpoint_is_never_overwritten(tmp_path: Path) -> None:
    """Another note for a size that was published before is refused and stays in the outbox for people to see; the same
    note again, after a lost acknowledgement, is fine."""
    payload = {"address": str(tmp_path), "size": 7, "note": "origin\n7\nroot\n"}
    channels.write_checkpoint(payload)
    channels.write_checkpoint(payload)
    with pytest.raises(DeliveryFailed, match="another checkpoint of this size"):
        channels.write_checkpoint({**payload, "note": "origin\n7\nother\n"})
    assert (tmp_path / "latest.txt").read_text(encoding="utf-8") == payload["note"]


def test_a_late_delivery_does_not_put_the_latest_back(tmp_path: Path) -> None:
    """`latest.txt` only moves forward, whatever order messages arrive in."""
    for size in (9, 8):
        channels.write_checkpoint({"address": str(tmp_path), "size": size, "note": f"origin\n{size}\nroot\n"})
    assert (tmp_path / "latest.txt").read_text(encoding="utf-8").split("\n")[1] == "9"
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{8:020d}.txt", f"{9:020d}.txt", "latest.txt"]


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    """A file where the folder should be, or a latest.txt that is none, is a failed delivery with a reason."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(DeliveryFailed, match="file"):
        channels.write_checkpoint({"address": str(tmp_path / "file"), "size": 1, "note": "n"})
    (tmp_path / "latest.txt").write_text("no checkpoint", encoding="utf-8")
    with pytest.raises(DeliveryFailed):
        channels.write_checkpoint({"address": str(tmp_path), "size": 1, "note": "origin\n1\nroot\n"})


def test_the_verifier_file_takes_it() -> None:
    """What the product signs, an auditor's program reads and confirms."""
    one = tenant()
    row = signed(one)
    assert row is not None
    with one.reading():
        key = active_key()
    assert key is not None
    outcome = verifier.Outcome()
    keys = verifier.read_keys(note.format_verifier_key(verifier_key(key)))
    checkpoint = verifier.check_checkpoint(row.note, keys, outcome)
    assert checkpoint == verifier.Checkpoint(row.size, bytes(row.root), bytes(row.chain_hash))
    assert outcome.exit_code == verifier.OK
