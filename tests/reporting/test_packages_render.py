"""The report as PDF, and the process that makes it."""

import gc
import os
import re
import subprocess
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from pikepdf.pdfa import validate_written
from pypdf import PdfReader

from reporting.packages import child, render
from reporting.packages.child import RenderingFailed, render_report
from reporting.packages.csv_evidence import listings
from reporting.packages.encoding import address, digests, to_bytes
from reporting.packages.fetcher import ForbiddenResource, StaticOnlyFetcher
from reporting.packages.snapshot import LedgerFinding, Snapshot
from tests.reporting import packages

# 3a is 3b and tags; the validator knows 3b only and says that the file claims more.
CLAIMS_3A = "pdfaid:conformance is 'A', expected 'B'"


def _violations(path: Path) -> list[str]:
    return [finding.message for finding in validate_written(path, "3b").violations if finding.message != CLAIMS_3A]


def _texts(path: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(path).pages]


def _stored(folder: Path, snapshot) -> Path:
    path = folder / "snapshot.json"
    path.write_bytes(to_bytes(snapshot))
    return path


def _rendered(snapshot) -> bytes:
    """The PDF from this process; WeasyPrint leaves its colour profile open, which is a warning here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        content = render.pdf(snapshot)
        gc.collect()
    return content


def test_the_report_is_an_archival_pdf(report):
    """The file is valid PDF/A-3 by an independent validator, tagged, titled and in its language."""
    assert _violations(report) == []
    with pikepdf.open(report) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "en"
        assert "Halden Energy AS" in str(document.docinfo["/Title"])
        assert str(document.docinfo["/CreationDate"]) == "D:20260930220000Z"


def test_the_cover_tells_what_this_is_and_how_to_confirm_it(report):
    """Organisation, period, moment, requester's role, key fingerprint and the command stand on the first page."""
    cover = " ".join(_texts(report)[0].split())
    for words in (
        "Halden Energy AS",
        "1 Jul 2026 – 30 Sept 2026",
        "30 Sept 2026, 22:00 UTC",
        "Auditor",
        "verify.py --key",
        address(digests(packages.snapshot())),
    ):
        assert words in cover
    assert packages.ledger().fingerprint.replace(" ", "") in cover.replace(" ", "")


def test_pages_are_numbered_and_the_contents_are_right(report):
    """Every page but the cover says which of how many it is; the contents name the page where a section begins."""
    pages = [" ".join(page.split()) for page in _texts(report)]
    assert all(f"Page {number} of {len(pages)}" in page for number, page in enumerate(pages[1:], 2))
    for title in ("3 Effective licence position", "9 Ledger verification", "11 Attached listings"):
        listed = re.search(rf"{title} (\d+)", pages[0])
        assert listed
        assert title in pages[int(listed[1]) - 1]


def test_the_summary_begins_with_what_is_wrong(report):
    """The second page holds the key figures and the open issues, the gravest first."""
    summary = " ".join(_texts(report)[1].split())
    assert "3 of 12 lines were used beyond their rights" in summary
    assert summary.index("More seats assigned than rights in force") < summary.index("4 rights short")


def test_the_listings_ride_along(report):
    """Each CSV is attached as data, byte for byte, with a manifest of them."""
    expected = {listing.name.removeprefix("evidence/"): listing.content for listing in listings(packages.snapshot())}
    with pikepdf.open(report) as document:
        attached = {name: document.attachments[name] for name in document.attachments}
        assert set(attached) == {*expected, "listings.json"}
        for name, content in expected.items():
            assert attached[name].get_file().read_bytes() == content
        assert all(spec.obj.AFRelationship == pikepdf.Name.Data for spec in attached.values())


def test_the_layout_engine_has_nothing_to_complain_about(caplog):
    """Style sheet and document are understood completely: no ignored rule, no lost anchor, no missing file."""
    _rendered(packages.snapshot(seat_history=()))
    assert [record.getMessage() for record in caplog.records if record.name == "weasyprint"] == []


def test_an_empty_book_is_a_report_too():
    """An organisation without a single row gets every section, and each says that nothing was there."""
    snapshot = Snapshot(parameters=packages.parameters(), ledger=packages.ledger())
    text = render.html(snapshot, listings(snapshot), "")
    for words in (
        "No line is on record.",
        "No position has been computed.",
        "No violation was open in the period.",
        "No seat changed hands in the period.",
        "No entitlement is on record.",
        "No row of this report was imported from a file.",
        "The verification has no finding.",
    ):
        assert words in text


def test_findings_of_the_verification_are_printed():
    """A broken ledger shows its first broken entry in its section and on the summary."""
    finding = LedgerFinding("edited", "the body is not the one that was recorded", 4711)
    snapshot = packages.snapshot(ledger=replace(packages.ledger(), findings=(finding,)))
    text = render.html(snapshot, listings(snapshot), "")
    assert text.count("the body is not the one that was recorded") == 2
    assert "4,711" in text
    assert "The verification has no finding." not in text


def test_another_process_makes_the_same_bytes(report, tmp_path):
    """Two processes with other settings and other hash seeds write the same file; one of them tells its progress."""
    assert _rendered(packages.snapshot()) == report.read_bytes()
    target, seen = tmp_path / "report.pdf", list[int]()
    render_report(snapshot=_stored(tmp_path, packages.snapshot()), target=target, on_progress=seen.append)
    assert target.read_bytes() == report.read_bytes()
    assert seen == sorted(set(seen))
    assert seen[-1] == 100
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.pdf", "snapshot.json"]


HOSTILE = (
    "<img src=file:///etc/passwd>",
    "<link rel=attachment href=file:///etc/passwd>",
    "<style>@import url(file:///etc/passwd)</style>",
    "</td></table><script>alert(1)</script>",
    "{% include '/etc/passwd' %}{{ report.title }}",
    '=HYPERLINK("http://127.0.0.1/")',
    "url(http://127.0.0.1:1/)",
    "مرحبا שלום \u202egnp.exe",
    "中文 \U0001f600 \ue000 नमस्ते",
    "x" * 5000,
    "<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> tuple[Path, list[str]]:
    """A report full of hostile names, in German, and every address that the renderer asked for."""
    asked: list[str] = []

    class Recorder(StaticOnlyFetcher):
        def fetch(self, url, headers=None):
            asked.append(url)
            return super().fetch(url, headers)

    rows = tuple(packages.inventory_row(text, text, text, text, 1, 1, 2, 1, "1.00", 40) for text in HOSTILE)
    snapshot = packages.snapshot(
        parameters=packages.parameters(
            organization=HOSTILE[0] + "y" * 5000, language="de", requested_by_role=HOSTILE[3]
        ),
        inventory=rows,
        positions=tuple(packages.position_row(text, text, text, text, 1, 1, 2, 1, "1.00", 40) for text in HOSTILE),
    )
    path = tmp_path_factory.mktemp("hostile") / "report.pdf"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "StaticOnlyFetcher", Recorder)
        path.write_bytes(_rendered(snapshot))
    return path, asked


def test_hostile_names_make_the_renderer_read_nothing(hostile):
    """Names that look like markup, templates or style sheets open no file and no address."""
    path, asked = hostile
    assert {url for url in asked if not url.startswith("static:///")} == set()
    assert b"root:" not in b"".join(page.encode() for page in _texts(path))
    with pikepdf.open(path) as document:
        assert "passwd" not in list(document.attachments)


def test_hostile_names_are_printed_as_they_are(hostile):
    """Markup appears as text, a reversing sign by its number, signs without a glyph too; the file stays PDF/A."""
    path, _ = hostile
    text = "".join("".join(page.split()) for page in _texts(path))
    assert "<imgsrc=file:///etc/passwd>" in text
    assert "{%include'/etc/passwd'%}" in text
    assert "U+202E" in text
    assert "[U+E000]" in text
    assert _violations(path) == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/",
        "https://example.com/x.png",
        "ftp://example.com/",
        "static:////etc/passwd",
        "static:///../manage.py",
        "static:///%2e%2e/manage.py",
        "static:///packages/no-such-file.css",
        "static:///packages",
        "STATIC:///packages/report.css",
        "jar:file:///x",
    ],
)
def test_the_fetcher_denies_all_else(url):
    """Only files below static/ are opened; anything else stops the rendering with an exception that nobody swallows."""
    with pytest.raises(ForbiddenResource):
        StaticOnlyFetcher(render.STATIC).fetch(url)
    assert not issubclass(ForbiddenResource, Exception)


def test_the_fetcher_opens_our_style_sheet_and_data():
    """The style sheet has its type, and data inside the document needs no file."""
    fetcher = StaticOnlyFetcher(render.STATIC)
    assert fetcher.fetch("static:///packages/report.css").content_type == "text/css"
    assert fetcher.fetch("data:text/plain,abc").read() == b"abc"


def test_the_child_gets_no_secret(monkeypatch):
    """Addresses of databases and keys stay behind when the renderer's process starts."""
    for name in ("DATABASE_URL", "SEATLEDGER_SECRET_KEY", "SEATLEDGER_VAULT_KEYS", "PYTHONPATH"):
        monkeypatch.setenv(name, "secret")
    assert "secret" not in child._environment().values()


def test_a_damaged_snapshot_fails_with_its_reason(tmp_path):
    """The renderer's last words are in the exception, and no file is left behind."""
    source = tmp_path / "snapshot.json"
    source.write_bytes(b"{}")
    with pytest.raises(RenderingFailed, match="seatledger/audit-snapshot/v1"):
        render_report(snapshot=source, target=tmp_path / "report.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["snapshot.json"]


def test_rendering_ends_at_its_time_limit(tmp_path):
    """A child that takes too long is ended, and nothing is left behind."""
    source = _stored(tmp_path, packages.snapshot())
    with pytest.raises(RenderingFailed):
        render_report(snapshot=source, target=tmp_path / "report.pdf", timeout=0.01)
    assert not (tmp_path / "report.pdf").exists()


def test_a_listener_can_stop_the_work(tmp_path):
    """When the job is lost, the exception of the listener ends the child and comes through."""

    class LostJob(Exception):
        pass

    def lose(percent: int) -> None:
        raise LostJob

    started = time.monotonic()
    with pytest.raises(LostJob):
        render_report(snapshot=_stored(tmp_path, packages.large(200)), target=tmp_path / "report.pdf", on_progress=lose)
    assert not (tmp_path / "report.pdf").exists()
    assert time.monotonic() - started < 60


MEASURED = (
    "import resource, sys; from pathlib import Path; from reporting.packages.child import render_report;"
    "render_report(snapshot=Path(sys.argv[1]), target=Path(sys.argv[2]));"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)
"""In a process of its own: what a child is reported to need includes what its parent had when it was started."""


@pytest.mark.heavy
def test_twenty_thousand_rows_stay_within_memory(tmp_path):
    """20,000 lines: at most 1,000 rows in print, all rows attached, at most 600 MB."""
    snapshot, target = packages.large(), tmp_path / "report.pdf"
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(_stored(tmp_path, snapshot)), str(target)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout.split()[-1]) < 600 * 1024
    with pikepdf.open(target) as document:
        assert document.attachments["inventory.csv"].get_file().read_bytes().count(b"\r\n") == 20_001
        assert len(document.pages) < 60
    assert "280 of 20,000 rows" in " ".join(PdfReader(target).pages[2].extract_text().split())
    assert _violations(target) == []
    assert os.path.getsize(target) < 20_000_000
