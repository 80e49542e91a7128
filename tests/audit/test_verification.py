"""Verification where the ledger lives: every kind of tampering is named, with the entry, whoever did it."""

import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from audit import verification, verifier
from audit.models import Chain, Checkpoint, Destination, Event, SigningKey
from audit.operations import create_signing_key, sign_checkpoint
from audit.operations.keys import verifier_key
from audit.protection import expected_triggers, missing_triggers
from audit.queries import HeadState, active_key
from audit.queries import head as head_of_chain
from audit.rules.note import format_verifier_key
from audit.verification import Verification, verify
from identity.operations import create_device
from identity.queries import OrganizationUnknown
from jobs.operations import relay
from kernel.clock import DatabaseClock
from kernel.database import as_owner, is_postgresql
from tests.audit import tampering
from tests.factories.tenants import Tenant, tenant
from tests.plugins.databases import CommittedDatabase

CLOCK = DatabaseClock()


@pytest.fixture
def ledger(fresh_db: CommittedDatabase) -> Tenant:
    """Entries with and without personal values, a checkpoint, and its publication in a folder."""
    one = tenant()
    grow(one, 8)
    seal(one)
    return one


def grow(one: Tenant, by: int, name: str = "host") -> None:
    for number in range(by):
        with one.writing() as opened:
            create_device(hostname=f"{name}-{number}", trail=opened)


def seal(one: Tenant) -> None:
    """A checkpoint, and the folder in which it is published."""
    with one.reading():
        assert sign_checkpoint(organization_id=one.organization.id, clock=CLOCK) is not None
    assert relay(organization_id=one.organization.id, clock=CLOCK) == 1


def grow_and_seal(one: Tenant, name: str) -> None:
    grow(one, 2, name)
    seal(one)


def verified(one: Tenant, *notes: str) -> Verification:
    with one.reading():
        return verify(at=CLOCK.now(), notes=notes)


def first(outcome: Verification) -> tuple[str, int | None]:
    problem = outcome.first
    assert problem is not None
    return problem.code, problem.sequence


def folder_of(one: Tenant) -> Path:
    with one.reading():
        return Path(Destination.objects.get().address)


def test_a_whole_ledger_holds(ledger: Tenant) -> None:
    """Size and head are the database's; stored and published checkpoint are one and the same witness."""
    with ledger.reading():
        state = head_of_chain()
    outcome = verified(ledger)
    assert state is not None
    assert (outcome.exit_code, outcome.first) == (verifier.OK, None)
    assert (outcome.size, outcome.chain_hash) == (state.size, state.chain_hash)
    assert (outcome.checkpoints, outcome.newest_checkpoint) == (1, state.size)


def test_progress_is_told_per_chunk(ledger: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits sees how far the verification is; chunks of any size give the same outcome."""
    monkeypatch.setattr(verification, "CHUNK", 3)
    seen: list[tuple[int, int]] = []
    with ledger.reading():
        outcome = verify(at=CLOCK.now(), progress=lambda done, size: seen.append((done, size)))
    assert outcome.exit_code == verifier.OK
    assert seen[0] == (3, outcome.size)
    assert seen[-1] == (outcome.size, outcome.size)


@pytest.mark.parametrize(
    ("change", "code", "sequence"),
    [
        (tampering.edit_body, verifier.EDITED, 5),
        (tampering.edit_column, verifier.EDITED, 5),
        (tampering.edit_moment, verifier.EDITED, 5),
        (tampering.delete_one, verifier.DELETED, 5),
        (tampering.insert_one, verifier.INSERTED, 5),
        (tampering.swap_two, verifier.REORDERED, 5),
        (tampering.rewrite, verifier.REWRITTEN, 1),
    ],
)
def test_tampering_is_named_with_its_entry(ledger: Tenant, change: tampering.Change, code: str, sequence: int) -> None:
    """Rows changed behind the product's back, with the protection put back afterwards: the first entry concerned is
    named, with what happened to it."""
    with tampering.unprotected() as cursor:
        change(cursor)
    outcome = verified(ledger)
    assert first(outcome) == (code, sequence)
    assert outcome.exit_code == verifier.TAMPERED


def test_a_cut_tail_shows_against_the_published_checkpoint(ledger: Tenant) -> None:
    """Entries, head and stored checkpoints agree that nothing more was ever recorded; the folder knows better."""
    size = verified(ledger).size
    with tampering.unprotected() as cursor:
        tampering.cut_tail(cursor)
    outcome = verified(ledger)
    assert (first(outcome), outcome.exit_code) == ((verifier.TAIL_CUT, size - 2), verifier.TAMPERED)


def test_a_cut_tail_shows_against_a_checkpoint_kept_elsewhere(ledger: Tenant) -> None:
    """Where the folder was emptied too, the note that somebody kept is enough."""
    with ledger.reading():
        note = Checkpoint.objects.get().note
    with tampering.unprotected() as cursor:
        tampering.cut_tail(cursor)
    for path in folder_of(ledger).iterdir():
        path.unlink()
    assert verified(ledger).exit_code == verifier.INCOMPLETE
    assert first(verified(ledger, note))[0] == verifier.TAIL_CUT


def test_an_old_backup_that_grew_again_shows(ledger: Tenant) -> None:
    """After the restore of an old state new entries and checkpoints are written; the newer checkpoint of the lost
    state still lies in the folder, was not overwritten, and contradicts the chain."""
    with tampering.unprotected() as cursor:
        tampering.cut_tail(cursor)
        cursor.execute("DELETE FROM jobs_outbox_message")
    grow(ledger, 6, "after")
    seal(ledger)
    assert first(verified(ledger))[0] == verifier.REWRITTEN


def test_entries_without_head_and_head_without_entries(ledger: Tenant) -> None:
    """A head that was moved back, or whose hash was replaced, differs from the entries; a head that is gone shows."""
    with ledger.reading():
        size = Event.objects.count()
        Chain.objects.update(size=size - 2)
    for path in folder_of(ledger).iterdir():
        path.unlink()
    with tampering.unprotected() as cursor:
        cursor.execute("DELETE FROM audit_checkpoint")
    assert first(verified(ledger)) == ("head_differs", size - 1)
    with ledger.reading():
        Chain.objects.update(size=size + 2)
    assert first(verified(ledger)) == (verifier.TAIL_CUT, size + 1)
    with ledger.reading():
        Chain.objects.update(size=size, chain_hash=b"\x00" * 32)
    assert first(verified(ledger)) == ("head_differs", size)
    with ledger.reading():
        Chain.objects.all().delete()
    outcome = verified(ledger)
    assert (first(outcome)[0], outcome.exit_code) == ("head_missing", verifier.TAMPERED)


def test_missing_protection_is_named(ledger: Tenant) -> None:
    """A trigger that was dropped counts as tampering even while no row was changed."""
    assert missing_triggers() == set()
    with as_owner(), connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute("ALTER TABLE audit_checkpoint DISABLE TRIGGER audit_checkpoint_refuse_change")
            gone = "audit_checkpoint_refuse_change"
        else:
            cursor.execute("DROP TRIGGER audit_checkpoint_refuse_delete")
            gone = "audit_checkpoint_refuse_delete"
    outcome = verified(ledger)
    assert (first(outcome), outcome.exit_code) == (("protection_missing", None), verifier.TAMPERED)
    assert gone in outcome.tampered[0].message


def test_protection_that_does_nothing_is_named(ledger: Tenant) -> None:
    """A trigger of the right name that refuses nothing is as good as none."""
    with as_owner(), connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute(
                "CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql "
                "AS $$ BEGIN RETURN NEW; END $$"
            )
        else:
            for name in expected_triggers():
                table, _, verb = name.rpartition("_refuse_")
                cursor.execute(f"DROP TRIGGER {name}")
                cursor.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN SELECT 1; END")
    assert missing_triggers() == expected_triggers() - {"audit_event_check_link"}
    assert first(verified(ledger))[0] == "protection_missing"


def test_without_checkpoint_the_evidence_is_incomplete(fresh_db: CommittedDatabase) -> None:
    """A chain that holds, and which nobody witnessed, could be a rewritten one: exit code 2."""
    outcome = verified(tenant())
    assert (first(outcome), outcome.exit_code) == (("no_checkpoint", None), verifier.INCOMPLETE)
    assert outcome.size > 0


def test_checkpoints_without_key_are_unconfirmed_and_not_forged(ledger: Tenant) -> None:
    """Where the key is gone no signature can be checked: that is missing evidence, not tampering; the checkpoint is
    compared all the same."""
    with ledger.reading():
        SigningKey.objects.all().delete()
    outcome = verified(ledger)
    assert (first(outcome)[0], outcome.exit_code) == ("checkpoint_unconfirmed", verifier.INCOMPLETE)
    assert outcome.tampered == ()
    with tampering.unprotected() as cursor:
        tampering.cut_tail(cursor)
    assert first(verified(ledger))[0] == verifier.TAIL_CUT


def test_a_replaced_key_makes_the_published_checkpoints_forged(ledger: Tenant) -> None:
    """Whoever rewrites the chain and signs it with a key of their own contradicts what was published before."""
    with tampering.unprotected() as cursor:
        tampering.rewrite(cursor)
        cursor.execute("DELETE FROM audit_key")
    with ledger.writing() as opened:
        create_signing_key(trail=opened)
    outcome = verified(ledger)
    assert (first(outcome)[0], outcome.exit_code) == ("checkpoint_forged", verifier.TAMPERED)


def test_a_rotated_key_leaves_old_checkpoints_genuine(ledger: Tenant) -> None:
    """A retired key still speaks for what it signed; the fingerprint shown is that of the newest."""
    with ledger.writing() as opened:
        SigningKey.objects.update(retired_at=opened.clock.now())
        row = create_signing_key(trail=opened)
    seal(ledger)
    outcome = verified(ledger)
    assert (outcome.exit_code, outcome.checkpoints) == (verifier.OK, 2)
    [newest] = verifier.read_keys(format_verifier_key(verifier_key(row)))
    assert outcome.fingerprint == newest.fingerprint


def test_forged_and_unreadable_notes(ledger: Tenant) -> None:
    """A note with another size than was signed is forged; a file that cannot be read is missing evidence."""
    with ledger.reading():
        note = Checkpoint.objects.get().note
    lines = note.split("\n")
    lines[1] = str(int(lines[1]) - 1)
    assert first(verified(ledger, "\n".join(lines)))[0] == "checkpoint_forged"
    (folder_of(ledger) / "spoilt.txt").write_bytes(b"\xff\xfe")
    outcome = verified(ledger)
    assert (first(outcome)[0], outcome.exit_code) == ("checkpoint_unreadable", verifier.INCOMPLETE)


def test_what_is_recorded_meanwhile_is_no_tampering(ledger: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries and checkpoints that come before and after the head is read belong to the next verification."""

    def head_amid_writers() -> HeadState | None:
        aside(lambda: grow_and_seal(ledger, "before"))
        state = head_of_chain()
        aside(lambda: grow_and_seal(ledger, "after"))
        return state

    size = verified(ledger).size
    monkeypatch.setattr(verification, "head", head_amid_writers)
    outcome = verified(ledger)
    assert (outcome.exit_code, outcome.size, outcome.newest_checkpoint) == (verifier.OK, size + 2, size)
    monkeypatch.undo()
    assert verified(ledger).size == size + 4


def aside(work: Callable[[], None]) -> None:
    """In a thread with a connection of its own, to its end."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=30)
    assert failed == []


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    with io.StringIO() as out:
        yield out


def ended(said: io.StringIO, *arguments: str) -> int:
    """The exit code of `manage.py audit_verify …`."""
    said.truncate(said.seek(0))
    try:
        call_command("audit_verify", *arguments, stdout=said)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_the_command_ends_with_0_1_and_2(ledger: Tenant, said: io.StringIO, tmp_path: Path) -> None:
    """0 when all holds, 2 when nobody witnessed it, 1 when it was tampered with, and then the entry is named."""
    assert ended(said, "--organization", ledger.organization.slug) == verifier.OK
    assert "entries hold" in said.getvalue()
    fresh = tenant()
    assert ended(said, "--organization", fresh.organization.slug) == verifier.INCOMPLETE
    assert ended(said) == verifier.INCOMPLETE
    with tampering.unprotected() as cursor:
        tampering.edit_body(cursor)
    assert ended(said, "--organization", ledger.organization.slug) == verifier.TAMPERED
    assert "TAMPERED edited at entry 5" in said.getvalue()
    assert ended(said) == verifier.TAMPERED


def test_the_command_takes_checkpoints_kept_elsewhere(ledger: Tenant, said: io.StringIO, tmp_path: Path) -> None:
    """A note given on the command line is a witness like the stored ones; a file that is not there is an error."""
    kept = tmp_path / "kept.txt"
    with ledger.reading():
        kept.write_text(Checkpoint.objects.get().note, encoding="utf-8")
    with tampering.unprotected() as cursor:
        tampering.cut_tail(cursor)
    for path in folder_of(ledger).iterdir():
        path.unlink()
    slug = ledger.organization.slug
    assert ended(said, "--organization", slug) == verifier.INCOMPLETE
    assert ended(said, "--organization", slug, "--checkpoint", str(kept)) == verifier.TAMPERED
    assert "tail_cut" in said.getvalue()
    with pytest.raises(CommandError, match="nowhere"):
        ended(said, "--organization", slug, "--checkpoint", str(tmp_path / "nowhere.txt"))


def test_commands_name_an_unknown_organisation(fresh_db: CommittedDatabase, said: io.StringIO) -> None:
    """A misspelt short name is no empty ledger that verifies."""
    for command in ("audit_verify", "audit_export"):
        with pytest.raises(OrganizationUnknown, match="no-such"):
            call_command(command, "--organization", "no-such", stdout=said)


def test_the_export_verifies_as_a_file(ledger: Tenant, said: io.StringIO, tmp_path: Path) -> None:
    """What `manage.py audit_export` writes passes the verifier file with the published checkpoint and the key."""
    call_command("audit_export", "--organization", ledger.organization.slug, stdout=said)
    (tmp_path / "ledger.jsonl").write_text(said.getvalue(), encoding="utf-8")
    with ledger.reading():
        key = active_key()
    assert key is not None
    (tmp_path / "key.txt").write_text(format_verifier_key(verifier_key(key)), encoding="utf-8")
    arguments = ["--key", tmp_path / "key.txt", "--checkpoint", folder_of(ledger) / "latest.txt"]
    assert verifier.main([str(argument) for argument in [*arguments, tmp_path / "ledger.jsonl"]]) == verifier.OK
