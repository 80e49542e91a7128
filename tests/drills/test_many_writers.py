"""Many writers on one organisation: the chain has no gap, no fork and no lost entry."""

import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Count, Max, Min

from audit import verifier
from audit.export import ledger_lines
from audit.models import Event
from audit.operations import sign_checkpoint, trail
from audit.operations.keys import verifier_key
from audit.queries import active_key, head
from audit.rules.note import format_verifier_key
from audit.verification import verify
from identity.models import Device
from identity.operations import create_device
from kernel.clock import DatabaseClock
from kernel.principal import system
from tests.factories.tenants import tenant
from tests.plugins.databases import CommittedDatabase

pytestmark = [pytest.mark.drill, pytest.mark.postgres]
WRITERS, EACH = 8, 500


def _write(organization_id: UUID, writer: int) -> None:
    """One process: its own connection, one transaction per device."""
    for number in range(EACH):
        with trail(organization_id=organization_id, actor=system(organization_id, f"writer-{writer}")) as opened:
            create_device(hostname=f"host-{writer}-{number}", trail=opened)
    connection.close()


def test_eight_processes_write_one_chain(committed_db: CommittedDatabase, tmp_path: Path) -> None:
    """Eight processes with 500 audited transactions each leave 4,000 rows and 4,000 entries, numbered without a gap,
    which verify in the database and, exported, with the verifier file."""
    one = tenant()
    with one.reading():
        before = Event.objects.count()
    connection.close()
    context = get_context("fork")
    writers = [context.Process(target=_write, args=(one.organization.id, number)) for number in range(WRITERS)]
    for process in writers:
        process.start()
    for process in writers:
        process.join(timeout=150)
    assert [process.exitcode for process in writers] == [0] * WRITERS
    with one.reading():
        found = Event.objects.aggregate(first=Min("sequence"), last=Max("sequence"), count=Count("sequence"))
        assert found == {"first": 1, "last": before + WRITERS * EACH, "count": before + WRITERS * EACH}
        assert Device.objects.count() == Event.objects.filter(kind="device.created").count() == WRITERS * EACH
        state = head()
        assert state is not None
        assert state.size == found["last"]
        signed = sign_checkpoint(organization_id=one.organization.id, clock=DatabaseClock())
        outcome = verify(at=DatabaseClock().now())
        assert (outcome.exit_code, outcome.size) == (verifier.OK, state.size), outcome.first
        (tmp_path / "ledger.jsonl").write_text("".join(ledger_lines()), encoding="utf-8")
        key = active_key()
    assert signed is not None
    assert key is not None
    (tmp_path / "checkpoint.txt").write_text(signed.note, encoding="utf-8")
    (tmp_path / "key.txt").write_text(format_verifier_key(verifier_key(key)) + "\n", encoding="utf-8")
    command = [sys.executable, "-I", str(verifier.__file__), "--checkpoint", "checkpoint.txt", "--key", "key.txt"]
    done = subprocess.run([*command, "ledger.jsonl"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
