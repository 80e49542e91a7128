"""An acknowledged write is never lost: servers killed, the database cut off, and everything promised is still there."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit import verifier
from tests.drills.clients import Acknowledged, Journal, Writer
from tests.drills.clusters import Cluster, cluster
from tests.plugins.servers import GunicornProcess

pytestmark = [pytest.mark.drill, pytest.mark.postgres]
OWNER, WRITER, PASSWORD = "owner@halden.example", "it@halden.example", "a long enough pass phrase"
COLLEAGUE = f"""
from audit.operations import trail
from identity.models import Organization
from identity.operations import create_account, grant_membership
from kernel.principal import system
organization = Organization.objects.get(slug="halden")
with trail(organization_id=organization.id, actor=system(organization.id, "bootstrap")) as opened:
    account = create_account(email="{WRITER}", password="{PASSWORD}", display_name="IT", clock=opened.clock)
    grant_membership(account=account, roles=["it_admin"], trail=opened)
"""
BETWEEN = 40
SIGN = """
from identity.models import Organization
from audit.operations import sign_checkpoint
from audit.queries import active_key
from audit.operations.keys import verifier_key
from audit.rules.note import format_verifier_key
from kernel.clock import DatabaseClock
from kernel.scope import scope
organization = Organization.objects.get(slug="halden")
with scope(organization.id):
    print(sign_checkpoint(organization_id=organization.id, clock=DatabaseClock()).note, end="====")
    print(format_verifier_key(verifier_key(active_key())))
"""


@pytest.fixture
def server() -> Iterator[Cluster]:
    """Not under pytest's own folder, which only its owner may enter: the server runs as somebody else."""
    folder = Path(tempfile.mkdtemp(prefix="seatledger-drill-"))
    folder.chmod(0o755)
    try:
        with cluster(folder) as made:
            made.manage(
                "create_organization", "--slug", "halden", "--name", "Halden Energy", "--owner", OWNER, given=PASSWORD
            )
            made.manage("shell", "--command", COLLEAGUE)
            yield made
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def sites(server: Cluster) -> Iterator[list[GunicornProcess]]:
    """Two gunicorn processes on the cluster."""
    made = [GunicornProcess(server.environment), GunicornProcess(server.environment)]
    try:
        for one in made:
            one.start()
        yield made
    finally:
        for one in made:
            one.stop()


def test_acknowledged_writes_survive_kill_and_crash(
    server: Cluster, sites: list[GunicornProcess], tmp_path: Path
) -> None:
    """Every write that a client was told of, and put on its disk before the next, stands in the chain and in its table
    after both gunicorn processes were killed with signal 9 in the stream and PostgreSQL was stopped immediately, once
    together and once under load; the chain verifies, and rows and entries are equally many."""
    journal = Journal(tmp_path / "acknowledged")
    with Writer([one.url for one in sites], email=WRITER, password=PASSWORD, journal=journal) as writer:
        writer.wait_for_more(BETWEEN)
        for one in sites:
            one.kill()
        server.stop_immediately()
        server.start()
        for one in sites:
            one.start()
        writer.wait_for_more(BETWEEN)
        server.stop_immediately()
        server.start()
        writer.wait_for_more(BETWEEN)
        sites[0].kill()
        writer.wait_for_more(BETWEEN // 4)
    assert writer.failed, "nothing was hurt"
    promised = journal.read()
    assert len(promised) == writer.acknowledged >= 3 * BETWEEN
    _all_there(server, promised)
    _verifies(server, tmp_path)


def _all_there(server: Cluster, promised: list[Acknowledged]) -> None:
    with server.connection() as connection:
        entries = dict(
            connection.execute("SELECT sequence, subject_id FROM audit_event WHERE kind = 'person.created'").fetchall()
        )
        people = {str(row[0]) for row in connection.execute("SELECT id FROM identity_person").fetchall()}
        size, last = connection.execute(
            "SELECT size, (SELECT max(sequence) FROM audit_event) FROM audit_chain"
        ).fetchall()[0]
    missing = [one for one in promised if entries.get(one.sequence) != one.row or one.row not in people]
    assert missing == []
    assert sorted(people) == sorted(map(str, entries.values()))
    assert size == last


def _verifies(server: Cluster, folder: Path) -> None:
    """In the database, and for a stranger with the file, a checkpoint and the key."""
    note, _, key = server.manage("shell", "-v", "0", "-c", SIGN).partition("====")
    said = server.manage("audit_verify", "--organization", "halden")
    assert "TAMPERED" not in said
    ledger = server.manage("audit_export", "--organization", "halden")
    for name, text in (("ledger.jsonl", ledger), ("checkpoint.txt", note), ("key.txt", key)):
        (folder / name).write_text(text, encoding="utf-8")
    assert json.loads(ledger.splitlines()[0])["size"] == len(ledger.splitlines()) - 1
    command = [sys.executable, "-I", str(verifier.__file__), "--checkpoint", "checkpoint.txt", "--key", "key.txt"]
    done = subprocess.run([*command, "ledger.jsonl"], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
