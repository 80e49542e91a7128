"""An audit package from the button to an auditor's desk, on real commits."""

import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, models

from audit.models import Checkpoint, Event
from jobs.models import Schedule
from jobs.operations import create_schedule, run_period
from kernel.clock import DatabaseClock, FixedClock
from reporting.models import AuditPackage
from reporting.operations import rebuild
from reporting.operations.building import PackageDiffers, PackageStorageFailed
from reporting.package_files import path_of
from reporting.rules.spans import Every, previous
from tests.factories.tenants import signed_in
from tests.journeys.houses import work_off
from tests.reporting.houses import House, house

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture(scope="module")
def books(committed_db) -> House:
    """One organisation for all tests of this module."""
    return house()


@pytest.fixture(scope="module")
def archive(books: House, tmp_path_factory) -> Path:
    """The ZIP that an auditor ordered by the button, a worker built, and the auditor downloaded."""
    browser = signed_in(books.tenant, "auditor")
    order = {
        "period": "days",
        "first_day": books.built_from.isoformat(),
        "last_day": books.built_to.isoformat(),
        "scope": "all",
        "language": "en",
    }
    answer = browser.post("/audit/packages/", order)
    assert answer.status_code == 302, answer.content
    work_off(books.tenant)
    page = browser.get(answer["Location"])
    assert b"Download" in page.content
    download: Any = browser.post(answer["Location"] + "download/")
    path: Path = tmp_path_factory.mktemp("auditor") / "package.zip"
    path.write_bytes(b"".join(download.streaming_content))
    return path


@pytest.fixture
def unpacked(archive: Path, tmp_path: Path) -> Path:
    with zipfile.ZipFile(archive) as content:
        content.extractall(tmp_path / "package")
    # The auditor got the key by another way.
    shutil.copyfile(tmp_path / "package/audit-key.txt", tmp_path / "key.txt")
    return tmp_path / "package"


def verified(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """verify.py in a Python that knows nothing of this project."""
    return subprocess.run(
        [sys.executable, "-I", "verify.py", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def listing(folder: Path, name: str) -> list[dict[str, str]]:
    text = (folder / f"evidence/{name}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def package_of(books: House) -> AuditPackage:
    """The one that the button built."""
    with books.tenant.reading():
        return AuditPackage.objects.earliest("created_at")


@pytest.mark.requirement("REQ-168")
def test_one_button_gives_report_listings_manifest_and_verifier(unpacked):
    """PDF, CSV, signed manifest and verification file, which holds where this project is not installed."""
    assert (unpacked / "report.pdf").read_bytes().startswith(b"%PDF-1.7")
    assert len(list((unpacked / "evidence").glob("*.csv"))) == 10
    assert (unpacked / "manifest.sig").stat().st_size > 64
    outcome = verified(unpacked, "--key", "../key.txt")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert outcome.stdout.rstrip().endswith("Everything holds.")


def test_without_the_key_the_verifier_does_not_pass(unpacked):
    """Exit code 2 and the fingerprint: nobody confirmed whose key it is."""
    assert verified(unpacked).returncode == 2


@pytest.mark.parametrize("name", ["evidence/positions.csv", "ledger.jsonl"])
def test_one_altered_byte_is_found(unpacked, name):
    """Exit code 1 for a figure or an entry with one digit changed."""
    file = unpacked / name
    content = bytearray(file.read_bytes())
    place = len(content) // 2
    content[place] ^= 1
    file.write_bytes(bytes(content))
    outcome = verified(unpacked, "--key", "../key.txt")
    assert outcome.returncode == 1
    assert name in outcome.stdout


def _sql(statement: str, books: House, *more: Any) -> dict[str, int]:
    """Name → sum, asked of the database directly."""
    organization = models.UUIDField().get_db_prep_value(books.tenant.organization.id, connection)
    with books.tenant.reading(), connection.cursor() as cursor:
        cursor.execute(statement, [organization, *more])
        return {name: int(total) for name, total in cursor.fetchall()}


def test_the_figures_are_those_of_the_rows(unpacked, books):
    """Owned, held, observed and the position equal an independent recount in SQL."""
    at = datetime.fromisoformat(json.loads((unpacked / "manifest.json").read_bytes())["parameters"]["as_of"])
    moment = connection.ops.adapt_datetimefield_value(at)
    rights = _sql(
        "SELECT p.name, SUM(e.quantity * e.rights_per_unit) FROM licensing_entitlement e"
        " JOIN licensing_product p ON p.id = e.product_id WHERE e.organization_id = %s AND e.state = 'active'"
        " AND e.starts_at <= %s AND (e.ends_at IS NULL OR e.ends_at > %s) GROUP BY p.name",
        books,
        moment,
        moment,
    )
    held = _sql(
        "SELECT p.name, SUM(a.quantity) FROM seats_assignment a JOIN seats_pool s ON s.id = a.pool_id"
        " JOIN licensing_product p ON p.id = s.product_id WHERE a.organization_id = %s AND a.released_at IS NULL"
        " GROUP BY p.name",
        books,
    )
    observed = defaultdict(
        int,
        _sql(
            "SELECT p.name, SUM(o.quantity) FROM licensing_observed_use o"
            " JOIN licensing_product p ON p.id = o.product_id"
            " WHERE o.organization_id = %s AND o.ended_at IS NULL GROUP BY p.name",
            books,
        ),
    )
    assert (rights, held) == (
        {"Lumen CAD": 100, "=Northgate Office": 50},
        {"Lumen CAD": 110, "=Northgate Office": 27},
    )
    inventory = {row["product"].removeprefix("'"): row for row in listing(unpacked, "inventory")}
    positions = {row["product"].removeprefix("'"): row for row in listing(unpacked, "positions")}
    assert set(inventory) == set(positions) == set(rights)
    for name in rights:
        demand = held[name] + observed[name]
        assert [int(inventory[name][field]) for field in ("valid", "assigned", "observed_use")] == [
            rights[name],
            held[name],
            observed[name],
        ]
        assert [int(positions[name][field]) for field in ("owned", "used", "needed", "available")] == [
            rights[name],
            min(demand, rights[name]),
            max(demand - rights[name], 0),
            max(rights[name] - demand, 0),
        ]
    assert inventory["Lumen CAD"]["annual_cost"] == "54000.00"
    assert inventory["Lumen CAD"]["owned"] == "120"


def test_each_number_is_explained(unpacked):
    """The rights that count, the one that ended and is not counted, and the seats: with their references."""
    why = [row for row in listing(unpacked, "position-explanations") if row["product"] == "Lumen CAD"]
    assert [row["quantity"] for row in why] == ["100", "0", "110"]
    assert why[0]["text"].startswith("AG-1: 100 rights in force until")
    assert "20 rights ended on" in why[1]["text"]
    assert all(row["reference"].startswith("E-") for row in why[:2])


def test_the_seat_history_is_the_ledgers(unpacked, books):
    """Every entry of the period, once, in order; people by pseudonym and their words not at all."""
    rows = listing(unpacked, "seat-history")
    with books.tenant.reading():
        entries = list(
            Event.objects.filter(kind__startswith="seat.").order_by("sequence").values_list("sequence", "kind")
        )
    assert [(int(row["sequence"]), row["action"]) for row in rows] == entries
    assert sum(int(row["change"]) for row in rows) == 110 + 27
    assert {row["subject"][:7] for row in rows} == {"Person "}
    for file in unpacked.rglob("*"):
        if file.is_file():
            assert b"Parental leave" not in file.read_bytes()


def test_the_violation_is_told_with_its_story(unpacked):
    """The open over-allocation with its figures and the entry that proves when it was found."""
    [row] = listing(unpacked, "violations")
    assert [row[name] for name in ("kind", "product", "observed", "allowed", "open")] == [
        "over_allocation",
        "Lumen CAD",
        "110 seats",
        "100 seats",
        "true",
    ]
    [step] = listing(unpacked, "violation-timelines")
    ledger = (unpacked / "ledger.jsonl").read_text().splitlines()
    entry = json.loads(ledger[int(step["sequence"])])
    assert (entry["sequence"], entry["body"]["kind"]) == (int(step["sequence"]), "violation.opened")
    assert entry["body"]["details"]["number"] == row["number"]


@pytest.mark.requirement("REQ-100")
def test_contract_terms_notice_deadlines_and_change_history_are_in_the_manifest(unpacked):
    """The papers and terms of each right, the last day for a notice, and every change, each file with its SHA-256."""
    rows = {row["rights"]: row for row in listing(unpacked, "entitlements")}
    assert (rows["100"]["agreement"], rows["100"]["purchase"]) == ("AG-1", "PO-1")
    assert (rows["100"]["document"], rows["100"]["missing"]) == ("contracts/lumen.pdf", "invoice")
    ends, notice = (datetime.fromisoformat(rows["100"][name]) for name in ("ends_on", "notice_deadline"))
    assert ends - notice == timedelta(days=30)
    assert rows["20"]["missing"] == "agreement purchase invoice"
    kinds = {json.loads(line)["body"]["kind"] for line in (unpacked / "ledger.jsonl").read_text().splitlines()[1:]}
    assert kinds >= {"agreement.created", "purchase.created", "entitlement.activated", "seat.released"}
    stated = json.loads((unpacked / "manifest.json").read_bytes())["files"]
    for name in ("evidence/entitlements.csv", "evidence/seat-history.csv", "ledger.jsonl", "report.pdf"):
        assert stated[name]["sha256"] == hashlib.sha256((unpacked / name).read_bytes()).hexdigest()


def test_the_ledger_is_cut_where_its_checkpoint_was_signed(unpacked, books):
    """The order is inside, what came after it is not; the checkpoint is the one on record."""
    package = package_of(books)
    lines = (unpacked / "ledger.jsonl").read_text().splitlines()
    assert len(lines) - 1 == package.ledger_size
    assert json.loads(lines[-1])["body"]["kind"] == "audit_package.requested"
    with books.tenant.reading():
        assert (unpacked / "checkpoint.txt").read_text() == Checkpoint.objects.get(size=package.ledger_size).note
        after = list(
            Event.objects.filter(sequence__gt=package.ledger_size, subject_id=str(package.id)).order_by("sequence")
        )
    assert [event.kind for event in after] == ["audit_package.built", "audit_package.downloaded"]
    details = json.loads(after[0].body)["details"]
    assert details["manifest_sha256"] == hashlib.sha256((unpacked / "manifest.json").read_bytes()).hexdigest()
    assert details["archive_sha256"] == package.archive_sha256


def test_a_rebuild_gives_the_same_manifest(archive, books):
    """From the stored facts, although the ledger grew meanwhile; a lost archive comes back byte for byte."""
    package = package_of(books)
    path_of(package.archive_file, organization_id=package.organization_id).unlink()
    built = rebuild(package_id=package.id, actor=books.tenant.actor, progress=lambda percent, stage: None)
    assert (built.manifest_sha256, built.sha256) == (package.manifest_sha256, package.archive_sha256)
    assert built.path.read_bytes() == archive.read_bytes()


def test_altered_facts_are_not_built_from(archive, books, short_report):
    """A stored snapshot with another byte is refused, and so is a manifest that comes out differently."""
    package = package_of(books)
    stored = path_of(package.snapshot_file, organization_id=package.organization_id)
    content = stored.read_bytes()
    stored.write_bytes(content.replace(b"AG-1", b"AG-2"))
    with pytest.raises(PackageStorageFailed):
        rebuild(package_id=package.id, actor=books.tenant.actor, progress=lambda percent, stage: None)
    stored.write_bytes(content)
    with books.tenant.writing():
        AuditPackage.objects.filter(id=package.id).update(manifest_sha256="0" * 64)
    with pytest.raises(PackageDiffers):
        rebuild(package_id=package.id, actor=books.tenant.actor, progress=lambda percent, stage: None)
    with books.tenant.writing():
        AuditPackage.objects.filter(id=package.id).update(manifest_sha256=package.manifest_sha256)


def test_files_are_the_services_alone(archive, books):
    """Nobody else on the machine reads snapshots or archives."""
    folder = Path(settings.PACKAGE_DIR) / str(books.tenant.organization.id)
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.requirement("REQ-174")
def test_a_schedule_assembles_the_package_of_the_last_quarter(committed_db, tmp_path, short_report):
    """Without a hand: ordered for the calendar quarter that is over, built by a worker, complete and verified."""
    now, books = DatabaseClock().now(), house()
    with books.tenant.writing() as trail:
        create_schedule(
            kind="reporting.package",
            name="Each quarter",
            minute="0",
            hour="*",
            parameters={"every": "quarter"},
            trail=trail,
        )
    with books.tenant.reading():
        schedule = Schedule.objects.get(name="Each quarter")
    later = FixedClock(now + timedelta(hours=1))
    outcomes = [
        run_period(organization_id=books.tenant.organization.id, schedule_id=schedule.id, clock=later)
        for _twice in range(2)
    ]
    assert outcomes[0] is not None
    assert outcomes[1] is None
    work_off(books.tenant)
    with books.tenant.reading():
        package = AuditPackage.objects.get(id=str(outcomes[0]["package"]))
    wanted = previous(Every.QUARTER, day=later.now().date())
    assert (package.state, package.period_start, package.period_end) == ("ready", wanted.start, wanted.end)
    with zipfile.ZipFile(path_of(package.archive_file, organization_id=package.organization_id)) as content:
        content.extractall(tmp_path / "package")
    shutil.copyfile(tmp_path / "package/audit-key.txt", tmp_path / "key.txt")
    assert verified(tmp_path / "package", "--key", "../key.txt").returncode == 0
    manifest = json.loads((tmp_path / "package/manifest.json").read_bytes())
    assert set(manifest["parameters"]["sections"]) >= {
        "inventory",
        "positions",
        "violations",
        "seat_history",
        "entitlements",
        "imports",
        "ledger",
        "gaps",
    }


def test_the_command_builds_and_copies(books, tmp_path, short_report):
    """`manage.py audit_package` leaves a package that verifies; a period that ends before it starts is refused."""
    said = StringIO()
    slug, today = books.tenant.organization.slug, datetime.now(UTC).date()
    (tmp_path / "out").mkdir()
    common = {"organization": slug, "output": tmp_path / "out"}
    call_command(
        "audit_package", first=today - timedelta(days=30), last=today, product=books.cad.id, stdout=said, **common
    )
    [path] = (tmp_path / "out").glob("AP-*.zip")
    with zipfile.ZipFile(path) as content:
        content.extractall(tmp_path / "package")
    shutil.copyfile(tmp_path / "package/audit-key.txt", tmp_path / "key.txt")
    assert verified(tmp_path / "package", "--key", "../key.txt").returncode == 0
    assert {row["product"] for row in listing(tmp_path / "package", "inventory")} == {"Lumen CAD"}
    assert {row["product"] for row in listing(tmp_path / "package", "seat-history")} <= {"Lumen CAD"}
    assert path.stem in said.getvalue()
    again = StringIO()
    call_command("audit_package", rebuild=path.stem, stdout=again, **common)
    assert "the manifest is the same" in again.getvalue()
    for wrong in (
        {"first": today, "last": today - timedelta(days=1)},
        {"first": today},
        {"rebuild": "AP-NONE"},
        {"first": today, "last": today, "product": books.cad.id, "publisher": books.cad.id},
    ):
        with pytest.raises(CommandError):
            call_command("audit_package", **{**common, **wrong})
