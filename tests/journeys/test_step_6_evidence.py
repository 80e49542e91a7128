"""Step 6: the auditor takes evidence away that holds without us, and a changed ledger is named."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from pypdf import PdfReader

from audit.models import Event
from config.celery import app
from jobs.operations import create_schedule
from kernel.clock import FixedClock
from reporting.schedules import PACKAGE
from tests.audit.tampering import unprotected
from tests.factories.tenants import Tenant, signed_in
from tests.journeys.houses import beat, committed, halden, listed, peopled, rest, sample, scheduled, uploaded, work_off
from tests.plugins.databases import CommittedDatabase
from tests.seats.books import writing

EVIDENCE = {
    "report.pdf", "ledger.jsonl", "checkpoint.txt", "audit-key.txt", "manifest.json", "manifest.sig", "verify.py",
    "README.txt", "evidence/inventory.csv", "evidence/positions.csv", "evidence/violations.csv",
    "evidence/entitlements.csv",
}  # fmt: skip


def lived_in() -> Tenant:
    """Halden, who ordered a package for every quarter, with its sheets imported and one scan."""
    now = datetime.now(UTC)
    house = halden(FixedClock(now - timedelta(days=3)))
    with writing(house, at=now - timedelta(days=2)) as trail:
        create_schedule(
            kind=PACKAGE, name="Quarterly package", minute="0", hour="5", parameters={"every": "quarter"}, trail=trail
        )
    peopled(house)
    it = signed_in(house, "it_admin")
    for kind in ("entitlements", "assignments"):
        committed(house, it, uploaded(it, kind, f"{kind}.csv", sample(f"{kind}-good.csv")))
    rest(it, "scans/", {})
    return house


def by_button(house: Tenant, auditor: Client) -> bytes:
    """Ordered, built by a worker and downloaded on the pages."""
    ordered = auditor.post("/audit/packages/", {"period": "this_quarter", "scope": "all", "language": "en"})
    assert ordered.status_code == 302, ordered.content
    work_off(house)
    return downloaded(auditor, ordered["Location"])


def by_schedule(house: Tenant, auditor: Client) -> bytes:
    """Ordered by the scheduler for the quarter that is over."""
    beat(scheduled(house, "Quarterly package"))
    work_off(house)
    [newest, *_others] = auditor.get("/audit/packages/").context["packages"]
    return downloaded(auditor, f"/audit/packages/{newest.id}/")


def by_command(house: Tenant, folder: Path) -> bytes:
    """Built at the terminal, without a worker."""
    today = datetime.now(UTC).date()
    call_command(
        "audit_package",
        organization=house.organization.slug,
        first=today - timedelta(days=90),
        last=today,
        output=folder,
        stdout=StringIO(),
    )
    [archive] = folder.glob("*.zip")
    return archive.read_bytes()


def downloaded(auditor: Client, address: str) -> bytes:
    answer = auditor.post(f"{address}download/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    return b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]  # either kind of response


def published_key(house: Tenant, folder: Path) -> Path:
    """The key as the auditor fetches it, by another way than the package."""
    answer = Client(HTTP_HOST="127.0.0.1").get(
        "/.well-known/audit-keys.json", {"organization": house.organization.slug}
    )
    path = folder / "key.txt"
    path.write_text("".join(f"{key['verifier_key']}\n" for key in answer.json()["keys"]), encoding="utf-8")
    return path


def judged(archive: bytes, key: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """What the verifier in the package says where nothing of this project is to be found."""
    folder.mkdir()
    zipfile.ZipFile(io.BytesIO(archive)).extractall(folder)
    command = [sys.executable, "-I", "verify.py", "--key", str(key)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={})


@pytest.mark.requirement("REQ-168")
def test_a_package_by_button_schedule_and_command_verifies_anywhere(
    committed_db: CommittedDatabase, tmp_path: Path
) -> None:
    """One press gives PDF, CSV, signed manifest and a verifier that passes in an empty directory; so do schedule and
    command; one changed byte of the evidence does not pass."""
    house = lived_in()
    auditor = signed_in(house, "auditor")
    key = published_key(house, tmp_path)
    (tmp_path / "command").mkdir()
    archives = {
        "button": by_button(house, auditor),
        "schedule": by_schedule(house, auditor),
        "command": by_command(house, tmp_path / "command"),
    }
    for name, archive in archives.items():
        said = judged(archive, key, tmp_path / f"empty-{name}")
        assert (said.returncode, said.stderr) == (0, ""), said.stdout
        assert "Everything holds." in said.stdout

    package = tmp_path / "empty-button"
    assert {name for name in EVIDENCE if not (package / name).is_file()} == set()
    assert "Halden Energy" in PdfReader(package / "report.pdf").pages[0].extract_text()
    with (package / "evidence" / "entitlements.csv").open(encoding="utf-8-sig", newline="") as file:
        numbers = {row[column] for row in csv.DictReader(file) for column in row if row[column].startswith("E-")}
    assert {row["number"] for row in listed(auditor, "entitlements/")} <= numbers
    manifest = json.loads((package / "manifest.json").read_text(encoding="utf-8"))
    assert "evidence/entitlements.csv" in manifest["files"]

    evidence = package / "evidence" / "entitlements.csv"
    evidence.write_bytes(evidence.read_bytes().replace(b"E-", b"F-", 1))
    altered = subprocess.run(
        [sys.executable, "-I", "verify.py", "--key", str(key)], cwd=package, capture_output=True, text=True, check=False
    )
    assert altered.returncode == 1
    assert "CHANGED     evidence/entitlements.csv" in altered.stdout


def verified(house: Tenant) -> tuple[int, str]:
    """Exit code and words of `manage.py audit_verify`."""
    said = StringIO()
    try:
        call_command("audit_verify", organization=house.organization.slug, stdout=said)
    except SystemExit as end:
        return int(str(end.code)), said.getvalue()
    return 0, said.getvalue()


def test_a_ledger_row_altered_by_sql_is_named(fresh_db: CommittedDatabase) -> None:
    """The application's role cannot change an entry; the owner of the tables can, without the triggers, and the
    verification names exactly that entry."""
    house = halden()
    it = signed_in(house, "it_admin")
    for number in range(5):
        rest(it, "people/", {"user_name": f"person{number}@halden.example"})
    app.tasks["jobs.sweep"].apply(kwargs={"organization_id": str(house.organization.id)}, throw=True)
    assert verified(house)[0] == 0
    change = "UPDATE audit_event SET body = replace(body, 'person.created', 'person.changed') WHERE sequence = %s"
    with house.reading():
        victim = Event.objects.filter(kind="person.created").order_by("sequence")[2].sequence
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change, [victim])
    assert verified(house)[0] == 0
    with unprotected() as cursor:
        cursor.execute(f"{change} AND organization_id = %s", [victim, _stored(house)])
        assert cursor.rowcount == 1
    code, said = verified(house)
    assert code == 1
    assert f"at entry {victim}:" in said


def _stored(house: Tenant) -> str:
    """The id as this database keeps it in a column."""
    field = Event._meta.get_field("organization_id")
    return str(field.get_db_prep_value(house.organization.id, connection))
