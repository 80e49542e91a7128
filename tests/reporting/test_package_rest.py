"""REST of audit packages: works, visitor, wrong role, other organisation, bad input, constant cost."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs.models import JobRun
from reporting.models import AuditPackage
from tests.factories import licensing, reporting
from tests.factories.tenants import signed_in, tenant
from tests.reporting.test_package_pages import NOBODY, kinds, ready, sent

pytestmark = pytest.mark.django_db
TODAY = datetime.now(UTC).date()
ORDER = {"first_day": "2026-07-01", "last_day": "2026-09-30"}
CALLS = (("get", ""), ("post", ""), ("get", "{id}/"), ("post", "{id}/download/"))


def called(browser: Client, method: str, path: str, package: object = NOBODY, **headers):
    address = f"/api/v1/audit-packages/{path.format(id=package)}"
    if method == "get":
        return browser.get(address, **headers)
    return browser.post(address, {} if path else ORDER, content_type="application/json", **headers)


def test_a_package_is_ordered():
    """202 with the package as it waits; days are both included, and the run is there."""
    one = tenant()
    answer = called(signed_in(one, "auditor"), "post", "")
    body = answer.json()
    assert answer.status_code == 202
    assert {name: body[name] for name in ("first_day", "last_day", "state", "scope", "language", "error_code")} == {
        "first_day": "2026-07-01",
        "last_day": "2026-09-30",
        "state": "queued",
        "scope": {"kind": "all"},
        "language": "en",
        "error_code": "",
    }
    assert "Ledger-Entry" in answer
    with one.reading():
        assert JobRun.objects.get().parameters == {"package": body["id"]}
    assert called(signed_in(one, "auditor"), "get", "{id}/", body["id"]).json() == body


def test_the_same_order_with_the_same_key_is_one_package():
    """A client that lost the answer asks again and gets the first one."""
    one = tenant()
    browser = signed_in(one, "auditor")
    first, again = (called(browser, "post", "", HTTP_IDEMPOTENCY_KEY="k-1") for _twice in range(2))
    assert first.json()["id"] == again.json()["id"]
    with one.reading():
        assert AuditPackage.objects.count() == 1


def test_a_scope_is_taken_by_id():
    """A publisher of the organisation; one of another does not exist."""
    one, other = tenant(), tenant()
    with one.writing():
        own = licensing.publisher(one.organization, name="Lumen")
    with other.writing():
        foreign = licensing.publisher(other.organization)
    browser = signed_in(one, "auditor")
    body = {**ORDER, "scope": {"kind": "publisher", "id": str(own.id)}}
    answer = browser.post("/api/v1/audit-packages/", body, content_type="application/json")
    assert answer.json()["scope"] == {"kind": "publisher", "id": str(own.id), "name": "Lumen"}
    body["scope"] = {"kind": "publisher", "id": str(foreign.id)}
    refused = browser.post("/api/v1/audit-packages/", body, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (400, "PACKAGE_SCOPE_UNKNOWN")


@pytest.mark.parametrize("accept", ["*/*", "application/zip"])
def test_the_archive_is_downloaded_and_recorded(accept):
    """The bytes, their digest in a header, no-store, and an entry of the ledger whose number is answered."""
    one = tenant()
    package = ready(one)
    answer = called(signed_in(one, "auditor"), "post", "{id}/download/", package.id, HTTP_ACCEPT=accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert (answer["Cache-Control"], answer["X-Content-SHA256"]) == ("no-store", package.archive_sha256)
    assert "Ledger-Entry" in answer
    assert sent(answer) == b"PK" + bytes(998)
    assert kinds(one) == ["audit_package.downloaded"]


def test_an_idempotency_key_does_not_swallow_a_download():
    """Each download is sent and recorded, with a key as well."""
    one = tenant()
    package = ready(one)
    browser = signed_in(one, "auditor")
    for _twice in range(2):
        answer = called(browser, "post", "{id}/download/", package.id, HTTP_IDEMPOTENCY_KEY="k-2")
        assert len(sent(answer)) == 1000
    assert kinds(one) == ["audit_package.downloaded"] * 2


def test_what_is_not_ready_is_not_handed_out():
    """409 with a code, also for a client that accepts nothing but a ZIP."""
    one = tenant()
    with one.writing():
        package = reporting.package(one.organization)
    answer = called(signed_in(one, "auditor"), "post", "{id}/download/", package.id, HTTP_ACCEPT="application/zip")
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert answer.json()["code"] == "PACKAGE_NOT_READY"
    assert kinds(one) == []


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"first_day": "2026-09-30", "last_day": "2026-07-01"}, "PACKAGE_PERIOD_INVALID", "/last_day"),
        ({"first_day": "0001-01-01", "last_day": "2026-07-01"}, "PACKAGE_PERIOD_INVALID", "/first_day"),
        ({"first_day": "2026-07-01", "last_day": "9999-12-31"}, "PACKAGE_PERIOD_INVALID", "/last_day"),
        ({"first_day": "yesterday", "last_day": "2026-07-01"}, "INVALID_INPUT", "/first_day"),
        ({"last_day": "2026-07-01"}, "INVALID_INPUT", "/first_day"),
        ({**ORDER, "scope": {"kind": "licensee"}}, "INVALID_INPUT", "/scope/kind"),
        ({**ORDER, "scope": {"kind": "product"}}, "PACKAGE_SCOPE_UNKNOWN", "/scope"),
        ({**ORDER, "scope": {"kind": "all", "id": NOBODY}}, "PACKAGE_SCOPE_UNKNOWN", "/scope"),
        ({**ORDER, "scope": {"kind": "product", "id": "x"}}, "INVALID_INPUT", "/scope/id"),
        ({**ORDER, "language": "xx"}, "INVALID_INPUT", "/language"),
    ],
)
def test_bad_input_points_at_the_mistake(body, code, pointer):
    """400 with a JSON pointer; nothing is ordered."""
    one = tenant()
    answer = signed_in(one, "auditor").post("/api/v1/audit-packages/", body, content_type="application/json")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, code)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    with one.reading():
        assert not AuditPackage.objects.exists()


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_visitors_are_asked_to_sign_in(method, path):
    """401 with a stable code, whatever is asked for."""
    answer = called(Client(HTTP_HOST="127.0.0.1"), method, path)
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_IN_REQUIRED")


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_members_without_the_permission_are_refused(method, path):
    """403, and nothing is ordered or handed out."""
    one = tenant()
    package = ready(one)
    answer = called(signed_in(one, "it_admin"), method, path, package.id)
    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")
    assert kinds(one) == []


@pytest.mark.parametrize(("method", "path"), [call for call in CALLS if call[1]])
def test_another_organisations_package_does_not_exist(method, path):
    """404, the same as for an id that nobody has; the list does not show it."""
    one, other = tenant(), tenant()
    package = ready(other)
    browser = signed_in(one, "auditor")
    foreign = called(browser, method, path, package.id)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "NOT_FOUND")
    assert foreign.json() == called(browser, method, path).json()
    assert called(browser, "get", "").json()["results"] == []
    assert kinds(other) == []


def test_the_list_costs_the_same_for_one_package_and_thirty():
    """No query per row; the newest come first."""
    one = tenant()
    browser = signed_in(one, "auditor")
    costs = []
    for more in (1, 29):
        with one.writing():
            for _number in range(more):
                newest = reporting.package(one.organization, created_at=datetime.now(UTC) + timedelta(seconds=1))
        called(browser, "get", "")
        with CaptureQueriesContext(connection) as queries:
            rows = called(browser, "get", "").json()["results"]
        costs.append(len(queries))
    assert costs[0] == costs[1]
    assert (len(rows), rows[0]["id"]) == (30, str(newest.id))
