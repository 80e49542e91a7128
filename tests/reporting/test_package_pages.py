"""Pages of audit packages: works, visitor, wrong role, other organisation, bad input, constant cost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.queries import events
from jobs.models import JobRun
from reporting.models import AuditPackage
from tests.factories import licensing, reporting
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.reporting.counted import queries_of

pytestmark = pytest.mark.django_db
NOBODY = "01900000-0000-7000-8000-000000000000"
TODAY = datetime.now(UTC).date()
ORDER = {"period": "last_quarter", "scope": "all", "language": "en"}
ADDRESSES = ("", "{id}/", "{id}/progress/", "{id}/retry/", "{id}/download/")
POSTED = ("{id}/retry/", "{id}/download/")


def page(address: str, package: AuditPackage | str) -> str:
    return "/audit/packages/" + address.format(id=package if isinstance(package, str) else package.id)


def asked(browser: Client, address: str, package: AuditPackage | str):
    return (browser.post if address in POSTED else browser.get)(page(address, package))


def ready(one: Tenant, content: bytes = b"PK" + bytes(998)) -> AuditPackage:
    """A package that is ready, with a file of the recorded size."""
    with one.writing():
        row = reporting.package(one.organization, **reporting.BUILT)
        row.archive_file = f"{one.organization.id}/{row.number}.zip"
        row.save()
    path = Path(settings.PACKAGE_DIR) / row.archive_file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return row


def sent(answer: Any) -> bytes:
    """The whole body of a file that was sent."""
    return b"".join(answer.streaming_content)


def kinds(one: Tenant) -> list[str]:
    with one.reading():
        return [event.kind for event in events() if event.kind.startswith(("audit_package.", "access."))]


def test_a_package_is_ordered_and_followed():
    """The form leads to the package's page, which says that it waits; the fragment asks for itself again."""
    one = tenant()
    browser = signed_in(one, "auditor")
    answer = browser.post("/audit/packages/", ORDER)
    assert answer.status_code == 302
    shown = browser.get(answer["Location"])
    assert b"Queued" in shown.content
    assert b"hx-get" in shown.content
    fragment = browser.get(answer["Location"] + "progress/")
    assert "HX-Refresh" not in fragment
    with one.reading():
        package, run = AuditPackage.objects.get(), JobRun.objects.get()
    assert (package.requested_by_role, package.job_run_id) == ("Auditor", run.id)
    assert package.number.encode() in browser.get("/audit/packages/").content


@pytest.mark.parametrize("period", ["this_quarter", "last_quarter", "last_month", "days"])
def test_each_period_of_the_form_is_understood(period):
    """Presets count from the organisation's today; own days are taken as they are, both included."""
    one = tenant()
    days = {"first_day": (TODAY - timedelta(days=10)).isoformat(), "last_day": TODAY.isoformat()}
    assert signed_in(one, "auditor").post("/audit/packages/", {**ORDER, **days, "period": period}).status_code == 302
    with one.reading():
        package = AuditPackage.objects.get()
    assert package.period_start <= TODAY
    if period == "days":
        assert (package.period_start, package.period_end) == (TODAY - timedelta(days=10), TODAY + timedelta(days=1))
    else:
        assert package.period_start.day == 1
        assert package.period_end <= TODAY + timedelta(days=1)


def test_a_publisher_and_a_product_can_be_chosen():
    """The form offers what the organisation has, and the package keeps the name."""
    one, other = tenant(), tenant()
    with one.writing():
        product = licensing.product(one.organization, name="Lumen CAD")
    with other.writing():
        foreign = licensing.product(other.organization, name="Secret Tool")
    browser = signed_in(one, "auditor")
    assert b"Secret Tool" not in browser.get("/audit/packages/").content
    assert browser.post("/audit/packages/", {**ORDER, "scope": f"product:{product.id}"}).status_code == 302
    with one.reading():
        assert AuditPackage.objects.get().scope == {"kind": "product", "id": str(product.id), "name": "Lumen CAD"}
    refused = browser.post("/audit/packages/", {**ORDER, "scope": f"product:{foreign.id}"})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"period": "days", "first_day": "2026-10-02", "last_day": "2026-10-01"},
        {"period": "days", "first_day": "", "last_day": "2026-10-01"},
        {"period": "days", "first_day": "0001-01-01", "last_day": "2026-10-01"},
        {"period": "days", "first_day": "tomorrow", "last_day": "2026-10-01"},
        {"period": "decade"},
        {"scope": "product:not-an-id"},
        {"scope": "licensee"},
        {"language": "xx"},
    ],
)
def test_a_wrong_order_is_shown_on_the_form(wrong):
    """422 with the mistake beside its field; nothing is ordered."""
    one = tenant()
    answer = signed_in(one, "auditor").post("/audit/packages/", {**ORDER, **wrong})
    assert answer.status_code in {400, 422}
    assert b'aria-invalid="true"' in answer.content or b"field__error" in answer.content
    with one.reading():
        assert not AuditPackage.objects.exists()


def test_a_ready_package_shows_digests_and_key():
    """Archive, manifest and facts by SHA-256, the fingerprint, and where the key is published."""
    one = tenant()
    package = ready(one)
    with one.writing():
        AuditPackage.objects.update(built_at=datetime.now(UTC))
    text = signed_in(one, "auditor").get(page("{id}/", package)).content.decode()
    for words in (package.archive_sha256, package.manifest_sha256, package.snapshot_sha256, "audit-keys.json"):
        assert words in text
    assert "hx-get" not in text


def test_a_download_is_recorded_and_kept_by_no_cache():
    """The bytes of the archive, no-store, and one entry for each download."""
    one = tenant()
    package = ready(one)
    browser = signed_in(one, "auditor")
    answer = browser.post(page("{id}/download/", package))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Disposition"] == f'attachment; filename="{package.number}.zip"'
    assert sent(answer) == b"PK" + bytes(998)
    assert kinds(one) == ["audit_package.downloaded"]
    assert len(sent(browser.post(page("{id}/download/", package)))) == 1000
    assert kinds(one) == ["audit_package.downloaded"] * 2


def test_a_package_without_its_file_says_so():
    """Back to its page with a message, and no entry of a download."""
    one = tenant()
    package = ready(one, b"cut off")
    answer = signed_in(one, "auditor").post(page("{id}/download/", package), follow=True)
    assert b"The archive of this package is lost" in answer.content
    assert kinds(one) == []


def test_a_failed_package_says_why_and_can_be_tried_again():
    """Code and sentence on the page; the button brings it back into the queue."""
    one = tenant()
    with one.writing():
        package = reporting.package(
            one.organization, state="failed", error_code="PACKAGE_STORAGE_FAILED", error="The disk is full."
        )
    browser = signed_in(one, "auditor")
    assert b"PACKAGE_STORAGE_FAILED" in browser.get(page("{id}/", package)).content
    assert browser.get(page("{id}/progress/", package))["HX-Refresh"] == "true"
    assert browser.post(page("{id}/retry/", package)).status_code == 302
    with one.reading():
        assert AuditPackage.objects.get().state == "queued"
    browser.post(page("{id}/retry/", package), follow=True)
    with one.reading():
        assert JobRun.objects.count() == 1


@pytest.mark.parametrize("address", ADDRESSES)
def test_visitors_are_asked_to_sign_in(address):
    """Whatever is asked for."""
    answer = asked(Client(HTTP_HOST="127.0.0.1"), address, NOBODY)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/sign-in/")


@pytest.mark.parametrize("address", ADDRESSES)
def test_members_without_the_permission_are_refused(address):
    """403, and nothing is recorded as handed out."""
    one = tenant()
    package = ready(one)
    assert asked(signed_in(one, "it_admin"), address, package).status_code == 403
    assert kinds(one) == []


@pytest.mark.parametrize("address", [address for address in ADDRESSES if address])
def test_another_organisations_package_does_not_exist(address):
    """404 like an id that nobody has, and its download leaves no trace in either house."""
    one, other = tenant(), tenant()
    package = ready(other)
    browser = signed_in(one, "auditor")
    assert asked(browser, address, package).status_code == asked(browser, address, NOBODY).status_code == 404
    assert kinds(one) == kinds(other) == []
    assert package.number.encode() not in browser.get("/audit/packages/").content


@pytest.mark.parametrize("address", POSTED)
def test_a_link_downloads_and_retries_nothing(address):
    """GET is refused: what leaves an entry is never done by following a link."""
    one = tenant()
    assert signed_in(one, "auditor").get(page(address, ready(one))).status_code == 405
    assert kinds(one) == []


def test_the_list_costs_the_same_for_one_package_and_twenty():
    """No query per row."""
    one = tenant()
    browser = signed_in(one, "auditor")
    costs = []
    for more in (1, 19):
        for _number in range(more):
            browser.post("/audit/packages/", ORDER)
        costs.append(queries_of(browser, "/audit/packages/"))
    assert costs[0] == costs[1]


def test_ordering_waits_for_nothing():
    """An order takes a fixed, small number of statements: building is the worker's."""
    one = tenant()
    browser = signed_in(one, "auditor")
    browser.post("/audit/packages/", ORDER)
    with CaptureQueriesContext(connection) as queries:
        browser.post("/audit/packages/", ORDER)
    assert len(queries) < 45
