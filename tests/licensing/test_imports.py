"""Imports: examined row by row, committed in chunks, the same file twice changes nothing."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jobs.models import JobRun, RunState
from jobs.operations import carry_out
from kernel.clock import DatabaseClock
from licensing.models import Agreement, Entitlement, ImportBatch, ImportRow, ObservedUse, Purchase, PurchaseLine
from licensing.operations.imports import claim_commit, commit, examine
from seats.models import Assignment, SeatPool
from tests.factories import identity, licensing
from tests.factories.tenants import Tenant, member, signed_in, tenant

pytestmark = pytest.mark.django_db

RIGHTS = """Hersteller;Produkt;Metrik;Anzahl;Lizenzmodell;Beginn;Ende;Vertragsnummer;Kündigungsfrist;\
Bestellnummer;Einzelpreis;Währung;Abrechnung
Tessel;Tessel GIS;Benannte Nutzer;2;Abo;01.01.2026;31.12.2030;V-1;30;PO-1;1.200,50;EUR;jährlich
Tessel;Tessel GIS;Benannte Nutzer;2;Abo;01.01.2026;31.12.2030;V-1;30;PO-1;1.200,50;EUR;jährlich
Corvid;Corvid Office;Benannte Nutzer;3;Kauf;01.01.2026;;;;PO-2;99,00;EUR;einmalig
Corvid;Corvid Office;Benannte Nutzer;drei;Kauf;01.01.2026;;;;PO-3;99,00;EUR;einmalig
"""
USE = """product,user name,last used
Tessel GIS,anna,2026-11-01
Tessel GIS,bo,2026-11-01
Tessel GIS,carl,2026-11-01
Tessel GIS,stranger,2026-11-01
Unknown Thing,anna,
TESSEL  gis,ANNA,
"""


def imported(one: Tenant, kind: str, text: str, *, encoding: str = "utf-8") -> ImportBatch:
    """Examines and commits as the command does."""
    with one.writing() as trail:
        batch = examine(kind_name=kind, file_name="sheet.csv", data=text.encode(encoding), source="", trail=trail)
    with one.writing() as trail:
        claim_commit(batch_id=batch.id, job_run_id=None, trail=trail)
    commit(batch_id=batch.id, actor=one.actor, progress=lambda percent, stage: None)
    with one.reading():
        return ImportBatch.objects.get(id=batch.id)


def staffed() -> Tenant:
    one = tenant()
    with one.writing():
        for name in ("anna", "bo", "carl"):
            identity.person(one.organization, user_name=name)
    return one


def counts(batch: ImportBatch) -> tuple[int, int, int, int, int]:
    return batch.new, batch.changed, batch.same, batch.errors, batch.warnings


def test_a_dry_run_writes_nothing_but_its_own_rows() -> None:
    """Examining stores the outcome of each line and leaves the book alone."""
    one = staffed()
    with one.writing() as trail:
        batch = examine(kind_name="entitlements", file_name="r.csv", data=RIGHTS.encode(), source="", trail=trail)
    with one.reading():
        statuses = dict(ImportRow.objects.filter(batch=batch).values_list("line", "status"))
        assert statuses == {2: "new", 3: "warning", 4: "new", 5: "error"}
        assert (Entitlement.objects.count(), SeatPool.objects.count(), Purchase.objects.count()) == (0, 0, 0)


@pytest.mark.requirement("REQ-185")
def test_a_committed_sheet_makes_rights_pools_agreements_and_purchases() -> None:
    """German dates and numbers are read; each right has its evidence, its agreement, its line and a pool of seats."""
    one = staffed()
    batch = imported(one, "entitlements", RIGHTS, encoding="cp1252")
    assert (batch.state, counts(batch)) == ("committed", (2, 0, 0, 1, 1))
    with one.reading():
        right = Entitlement.objects.select_related("agreement", "purchase_line").get(product__name="Tessel GIS")
        assert (right.quantity, right.state, right.import_row is not None) == (2, "active", True)
        assert right.ends_at is not None
        assert right.ends_at.date().isoformat() == "2031-01-01"
        assert right.agreement is not None
        assert right.agreement.notice_days == 30
        assert right.purchase_line is not None
        assert str(right.purchase_line.line_total) == "2401.00"
        assert {pool.name: pool.capacity for pool in SeatPool.objects.all()} == {
            "Tessel GIS · Named user": 2,
            "Corvid Office · Named user": 3,
        }
        assert (Agreement.objects.count(), PurchaseLine.objects.count()) == (1, 2)


def test_the_same_file_twice_changes_nothing() -> None:
    """A second commit of the same sheets finds every row on record."""
    one = staffed()
    imported(one, "entitlements", RIGHTS)
    imported(one, "assignments", USE)
    again = imported(one, "entitlements", RIGHTS)
    seats_again = imported(one, "assignments", USE)
    assert (again.new, again.same) == (0, 2)
    assert (seats_again.new, seats_again.same) == (0, 4)
    with one.reading():
        assert (Entitlement.objects.count(), Assignment.objects.count(), ObservedUse.objects.count()) == (2, 2, 2)


@pytest.mark.requirement("REQ-006")
def test_use_without_a_right_is_kept_as_observed_use() -> None:
    """Two rights, three people: the third and a stranger are observed use, not seats; unknown products are errors."""
    one = staffed()
    imported(one, "entitlements", RIGHTS)
    batch = imported(one, "assignments", USE)
    assert counts(batch) == (2, 0, 0, 1, 3)
    with one.reading():
        held = sorted(row.person.user_name for row in Assignment.objects.select_related("person") if row.person)
        observed = {row.person.user_name if row.person else row.external_subject for row in ObservedUse.objects.all()}
        codes = {row.line: [found["code"] for found in row.findings] for row in ImportRow.objects.filter(batch=batch)}
        assert SeatPool.objects.get(product__name="Tessel GIS").used == 2
    assert (held, observed) == (["anna", "bo"], {"carl", "stranger"})
    assert codes[4] == ["CAPACITY_EXCEEDED"]
    assert codes[5] == ["HOLDER_UNKNOWN"]
    assert codes[6] == ["PRODUCT_UNKNOWN"]


def test_other_figures_for_a_right_on_record_are_refused() -> None:
    """Rights are never edited by an import: the row is an error that names the right, and shows the difference."""
    one = staffed()
    imported(one, "entitlements", RIGHTS)
    batch = imported(one, "entitlements", RIGHTS.replace("Benannte Nutzer;2;", "Benannte Nutzer;5;"))
    with one.reading():
        row = ImportRow.objects.filter(batch=batch, line=2).get()
        assert (row.status, row.diff["quantity"]) == ("error", ["2", "5"])
        assert row.findings[0]["code"] == "ENTITLEMENT_ON_RECORD_DIFFERS"


def upload(name: str, data: bytes, kind: str = "entitlements") -> dict[str, object]:
    return {"kind": kind, "file": SimpleUploadedFile(name, data), "source": ""}


HEADER = b"publisher,product,metric,quantity,model,start\n"
BROKEN = {
    "nul bytes": (b"publisher,product\nA,B\x00C\n", "IMPORT_NUL_BYTE"),
    "missing columns": (b"product,colour\nA,red\n", "IMPORT_COLUMNS_MISSING"),
    "ten megabytes in one cell": (HEADER + b"A" * 10_000_000 + b",B,c,1,d,e\n", "IMPORT_CELL_TOO_LARGE"),
    "no row": (HEADER, "IMPORT_HEADER_ONLY"),
    "nothing": (b"", ""),
    "a picture": (b"\x89PNG\r\n\x1a\n....", "IMPORT_FORMAT_UNKNOWN"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_its_code_and_nothing_is_stored(name: str) -> None:
    """Files that cannot be read safely answer 400 with a stable code; no batch, no row, no file remains."""
    one = staffed()
    data, code = BROKEN[name]
    browser = signed_in(one, "it_admin")
    answer = browser.post("/api/v1/imports/", upload("x.csv", data))
    assert answer.status_code == 400, answer.content
    if code:
        assert answer.json()["code"] == code
    page = browser.post("/it/imports/", upload("x.csv", data))
    assert page.status_code in {400, 422}
    with one.reading():
        assert not ImportBatch.objects.exists()


def test_utf_16_and_formula_cells_are_read_with_care() -> None:
    """UTF-16 with its mark is recognised; a cell that a spreadsheet would compute is kept as text with a warning."""
    one = staffed()
    batch = imported(one, "entitlements", RIGHTS.replace("Tessel GIS", "=cmd|x"), encoding="utf-16")
    with one.reading():
        findings = [found["code"] for row in ImportRow.objects.filter(batch=batch, line=2) for found in row.findings]
    assert any("FORMULA" in code for code in findings), findings


def test_the_page_shows_each_row_and_hands_the_commit_to_a_worker() -> None:
    """Upload, dry run, commit and result through the pages; the worker's run is what writes."""
    one = staffed()
    browser = signed_in(one, "it_admin")
    answer = browser.post("/it/imports/", upload("rights.csv", RIGHTS.encode()), follow=True)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "QUANTITY" in text or "drei" in text
    with one.reading():
        batch = ImportBatch.objects.get()
        assert not Entitlement.objects.exists()
    assert browser.post(f"/it/imports/{batch.id}/commit/").status_code == 302
    with one.reading():
        run = JobRun.objects.get(kind="import.commit")
    carry_out(organization_id=one.organization.id, run_id=run.id, clock=DatabaseClock())
    with one.reading():
        assert JobRun.objects.get(id=run.id).state == RunState.DONE
        assert Entitlement.objects.count() == 2
    done = browser.get(f"/it/imports/{batch.id}/progress/")
    assert done["HX-Refresh"] == "true"
    errors = browser.get(f"/it/imports/{batch.id}/errors.csv")
    assert "drei" in BytesIO(errors.content).read().decode("utf-8-sig")
    assert browser.post(f"/it/imports/{batch.id}/commit/", follow=True).status_code in {200, 409}


def test_only_those_with_the_permission_import_and_only_their_own() -> None:
    """Visitors sign in first, other roles are refused, and another organisation's import does not exist."""
    one = staffed()
    with one.writing() as trail:
        batch = examine(kind_name="entitlements", file_name="r.csv", data=RIGHTS.encode(), source="", trail=trail)
    finance = signed_in(one, "finance")
    assert finance.get("/it/imports/").status_code == 403
    assert finance.get(f"/api/v1/imports/{batch.id}/").status_code == 403
    stranger = signed_in(tenant(), "it_admin")
    assert stranger.get(f"/it/imports/{batch.id}/").status_code == 404
    assert stranger.get(f"/api/v1/imports/{batch.id}/").status_code == 404
    assert stranger.post(f"/api/v1/imports/{batch.id}/commit/").status_code == 404
    stranger.logout()
    assert stranger.get("/it/imports/").status_code == 302
    assert stranger.get("/api/v1/imports/").status_code == 401


def test_unknown_kinds_are_refused() -> None:
    """A kind that nobody offers answers 400 and names those that exist."""
    one = staffed()
    answer = signed_in(one, "it_admin").post("/api/v1/imports/", upload("x.csv", RIGHTS.encode(), kind="invoices"))
    assert (answer.status_code, answer.json()["code"]) == (400, "IMPORT_KIND_UNKNOWN")
    assert "entitlements" in answer.json()["detail"]


def test_an_import_acts_in_the_name_of_whoever_asked() -> None:
    """The ledger entries of a commit carry the pseudonym of the account that pressed the button."""
    one = staffed()
    account, principal = member(one, "it_admin")
    with one.writing(principal) as trail:
        batch = examine(kind_name="entitlements", file_name="r.csv", data=RIGHTS.encode(), source="", trail=trail)
    with one.reading():
        assert ImportBatch.objects.get(id=batch.id).created_by == str(account.pseudonym)


def handed_over(one: Tenant) -> tuple[Client, ImportBatch, JobRun]:
    """A browser, an import whose commit was asked for on its page, and the run that waits for a worker."""
    browser = signed_in(one, "it_admin")
    browser.post("/it/imports/", upload("rights.csv", RIGHTS.encode()))
    with one.reading():
        batch = ImportBatch.objects.get()
    browser.post(f"/it/imports/{batch.id}/commit/")
    with one.reading():
        return browser, ImportBatch.objects.get(), JobRun.objects.get(kind="import.commit")


def committed_again(one: Tenant, browser: Client, batch: ImportBatch) -> None:
    """The page offers the button once more, and a second run writes what the first did not."""
    assert f"/it/imports/{batch.id}/commit/" in browser.get(f"/it/imports/{batch.id}/").content.decode()
    assert browser.get(f"/it/imports/{batch.id}/progress/")["HX-Refresh"] == "true"
    assert browser.post(f"/it/imports/{batch.id}/commit/").status_code == 302
    with one.reading():
        run = JobRun.objects.get(kind="import.commit", state=RunState.QUEUED)
    carry_out(organization_id=one.organization.id, run_id=run.id, clock=DatabaseClock())
    with one.reading():
        assert ImportBatch.objects.get().state == "committed"
        assert Entitlement.objects.count() == 2


def test_an_import_that_failed_unforeseen_can_be_committed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever went wrong, the batch is not "being committed" for ever: it says so and offers the button again."""
    one = staffed()
    browser, batch, run = handed_over(one)
    with monkeypatch.context() as patched:
        patched.setattr("licensing.operations.imports.file_of", lambda _batch: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            carry_out(organization_id=one.organization.id, run_id=run.id, clock=DatabaseClock())
    with one.reading():
        batch = ImportBatch.objects.get()
        assert (batch.state, batch.error_code) == ("failed", "INTERNAL")
    committed_again(one, browser, batch)


def test_an_import_whose_worker_was_lost_can_be_committed_again() -> None:
    """A worker that died three times could not say so; that its run was given up is enough."""
    one = staffed()
    browser, batch, run = handed_over(one)
    assert "HX-Refresh" not in browser.get(f"/it/imports/{batch.id}/progress/")
    with one.reading():
        JobRun.objects.filter(id=run.id).update(
            state=RunState.FAILED, error_code="WORKER_LOST", finished_at=run.created_at
        )
    assert "WORKER_LOST" in browser.get(f"/it/imports/{batch.id}/").content.decode()
    committed_again(one, browser, batch)


def test_an_import_without_its_file_says_so() -> None:
    """After a restore without files the page is no error of the server: 409 and what to do."""
    one = staffed()
    with one.writing():
        batch = licensing.import_batch(one.organization)
    answer = signed_in(one, "it_admin").get(f"/it/imports/{batch.id}/")
    assert answer.status_code == 409
    assert "upload it again" in answer.content.decode()
