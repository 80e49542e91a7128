"""The steps of the journey in Chromium, as the demo's people walk them on a site that was started for it.

`make walk` keeps a picture of each stop in docs/screenshots; test_walk.py walks the same way and judges each page.
"""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.browser.connecting import connect_a_directory, connect_single_sign_on
from tests.browser.stops import Walk

SAMPLES = Path(__file__).parents[2] / "samples"
# A worker of two processes builds a package and writes an import; CI machines are slow.
WORK_MILLISECONDS = 180_000


def whole_journey(walk: Walk, downloads: Path) -> Path:
    """All steps after the start; returns the audit package that was downloaded."""
    arrive(walk)
    read_the_figures(walk)
    walk.sign_in("it_admin")
    import_sheets(walk)
    meet_the_limit(walk)
    issue_a_licence(walk)
    find_a_violation(walk)
    other_looks(walk)
    archive = take_evidence_away(walk, downloads)
    connect_a_directory(walk)
    connect_single_sign_on(walk, downloads / "provider")
    return archive


def arrive(walk: Walk) -> None:
    """A visitor is asked to sign in and lands on the home page of the role."""
    walk.go("/")
    expect(walk.page).to_have_url(re.compile("/accounts/sign-in/"))
    walk.look("sign-in", walk.page)
    walk.sign_in("it_admin")
    walk.look("home", walk.page)
    walk.go("/it/")
    walk.look("it-overview", walk.page)


def import_sheets(walk: Walk) -> None:
    """Rights, then seats: dry run of every row, commit, and the use without a right on the overview."""
    walk.go("/it/imports/")
    walk.look("imports", walk.page)
    _upload(walk, "entitlements", "entitlements-messy.csv")
    walk.look("import-dry-run", walk.page)
    _commit(walk)
    _upload(walk, "assignments", "assignments-messy.csv")
    walk.page.get_by_role("link", name=re.compile("Error")).first.click()
    walk.look("import-findings", walk.page)
    _commit(walk)
    walk.go("/it/")
    expect(walk.page.locator("#observed")).to_be_visible()


def _upload(walk: Walk, kind: str, name: str) -> None:
    walk.go("/it/imports/")
    walk.page.locator("[name=kind]").select_option(kind)
    walk.page.locator("[name=file]").set_input_files(SAMPLES / name)
    walk.press("Examine the file")
    expect(walk.page.get_by_role("heading", name="What each row would do")).to_be_visible()


def _commit(walk: Walk) -> None:
    """The page shows the progress and loads itself anew when the worker is done."""
    walk.page.get_by_role("button", name=re.compile("^Commit ")).click()
    done = walk.page.get_by_role("heading", name="What became of each row")
    expect(done).to_be_visible(timeout=WORK_MILLISECONDS)
    expect(walk.page.locator("#progress")).to_have_count(0, timeout=WORK_MILLISECONDS)


def meet_the_limit(walk: Walk) -> None:
    """One seat more than there are rights for is refused in words."""
    walk.go("/it/seats/")
    walk.look("seats", walk.page)
    walk.page.get_by_role("link", name="Tessel Maps").first.click()
    walk.page.locator("[name=search]").press_sequentially("kvam", delay=20)
    walk.page.locator("#candidates label").filter(has_not_text="holds a seat").first.click()
    walk.page.locator("[name=reason]").fill("Joins the map team")
    walk.press("Assign the seat")
    expect(walk.page.get_by_text("is full").first).to_be_visible()
    walk.look("seat-refused", walk.page)


def read_the_figures(walk: Walk) -> None:
    """Finance and procurement each on their own page; records in the administration."""
    walk.sign_in("finance")
    walk.go("/finance/")
    walk.look("finance", walk.page)
    walk.sign_in("procurement")
    walk.go("/procurement/")
    walk.look("procurement", walk.page)
    walk.go("/admin/licensing/entitlement/")
    walk.look("records", walk.page)


def issue_a_licence(walk: Walk) -> None:
    """The vendor's operator issues a key and a certificate; software that has the key asks and is answered."""
    walk.sign_in("lumen-vendor_ops")
    walk.go("/admin/licensing/license/?status__exact=active&model__exact=subscription")
    walk.page.locator("#result_list tbody a").first.click()
    walk.look("licence", walk.page)
    walk.press("Issue a key")
    walk.press("Issue the key")
    key = walk.page.get_by_label("Licence key")
    expect(key).to_be_visible()
    walk.look("licence-key", walk.page)
    asked = {"key": key.input_value(), "nonce": "d2Fsaw", "scope": {"product": "lumen-cad-studio"}}
    answer: Any = walk.page.request.post(f"{walk.origin}/api/v1/validate", data=asked).json()
    assert (answer["valid"], answer["nonce"]) == (True, "d2Fsaw"), answer
    walk.press("I have copied it")
    walk.press("Sign a certificate")
    with walk.page.expect_download() as certificate:
        walk.press("Sign and download")
    assert "SEATLEDGER LICENSE" in certificate.value.path().read_text()


def find_a_violation(walk: Walk) -> None:
    """The scan finds the planted over-deployment."""
    walk.sign_in("compliance_officer")
    walk.go("/violations/")
    walk.press("Scan now")
    row = walk.page.get_by_role("row").filter(has_text="Tessel Maps")
    expect(row).to_have_count(1)
    walk.look("violations", walk.page)
    row.get_by_role("link").first.click()
    walk.look("violation", walk.page)


def other_looks(walk: Walk) -> None:
    """The overview in the dark and on a phone."""
    walk.sign_in("it_admin")
    walk.page.emulate_media(color_scheme="dark")
    walk.go("/it/")
    walk.look("it-overview-dark", walk.page)
    walk.page.emulate_media(color_scheme="light")
    desk = walk.page.viewport_size
    walk.page.set_viewport_size({"width": 390, "height": 844})
    walk.go("/it/")
    assert walk.page.evaluate("document.documentElement.scrollWidth") <= 390
    walk.look("it-overview-phone", walk.page)
    if desk:
        walk.page.set_viewport_size(desk)


def take_evidence_away(walk: Walk, downloads: Path) -> Path:
    """The auditor reads the ledger, orders the package of the quarter and downloads it."""
    walk.sign_in("auditor")
    walk.go("/audit/")
    walk.look("audit-centre", walk.page)
    walk.go("/audit/packages/")
    walk.look("packages", walk.page)
    walk.page.get_by_label("Period", exact=True).select_option("this_quarter")
    walk.press("Build the package")
    download = walk.page.get_by_role("button", name="Download")
    expect(download).to_be_visible(timeout=WORK_MILLISECONDS)
    walk.look("package", walk.page)
    with walk.page.expect_download() as archive:
        download.click()
    target = downloads / archive.value.suggested_filename
    archive.value.save_as(target)
    return target
