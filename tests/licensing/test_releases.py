"""Releases: their states, what validation makes of them, which a licence may run, and the report of upgrades."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from licensing.models import License, Release
from licensing.operations import revoke_license
from licensing.operations.releases import NewRelease, draft_release, publish_release, yank_release
from licensing.queries.license_facts import RELATED
from licensing.queries.releases import releases_for, upgrades
from tests.factories.tenants import signed_in
from tests.graphs import data
from tests.licensing.lives import approved
from tests.licensing.vendors import Vendor, ask, vendor

pytestmark = pytest.mark.django_db
UNKNOWN = "01900000-0000-7000-8000-000000000000"
NOW = datetime.now(UTC)


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


@pytest.fixture
def operator(lumen: Vendor) -> Client:
    return signed_in(lumen.house, "vendor_ops")


def send(browser: Client, path: str, body: Any = None) -> Any:
    return browser.post(f"/api/v1/{path}/", body or {}, content_type="application/json")


def release(lumen: Vendor, version: str, *, days: int = 0, **columns: Any) -> Release:
    """Published this many days ago."""
    with lumen.house.writing() as trail:
        drafted = draft_release(release=NewRelease(product=lumen.product, version=version, **columns), trail=trail)
        at = NOW - timedelta(days=days) if days else None
        return publish_release(release_id=drafted.id, released_at=at, trail=trail)


def yank(lumen: Vendor, row: Release) -> None:
    with lumen.house.writing() as trail:
        yank_release(release_id=row.id, reason="Loses drawings", trail=trail)


def test_a_release_goes_from_draft_to_published_to_yanked(lumen: Vendor, operator: Client) -> None:
    """Each step once, in this order, with the version written in three numbers."""
    body = {"product": str(lumen.product.id), "version": "2.4", "required_features": ["render", "render"]}
    made = send(operator, "releases", body)
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["version"], row["status"], row["required_features"]) == ("2.4.0", "draft", ["render"])
    path = f"releases/{row['id']}"
    assert send(operator, f"{path}/yank", {"reason": "x"}).status_code == 409
    published = send(operator, f"{path}/publish", {"released_at": "2026-01-31T12:00:00Z"})
    assert (published.json()["status"], published.json()["released_at"]) == ("published", "2026-01-31T12:00:00Z")
    assert send(operator, f"{path}/publish").json()["code"] == "RELEASE_STATUS_CONFLICT"
    assert send(operator, f"{path}/yank", {"reason": " "}).status_code == 400
    yanked = send(operator, f"{path}/yank", {"reason": "Loses drawings"})
    assert (yanked.json()["status"], yanked.json()["yanked_reason"]) == ("yanked", "Loses drawings")
    again = send(operator, "releases", {**body, "version": "v2.4.0"})
    assert (again.status_code, again.json()["code"]) == (409, "RELEASE_EXISTS")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"version": "newest"}, "RELEASE_INVALID"),
        ({"version": "2.0.0-beta.1"}, "RELEASE_INVALID"),
        ({"version": "2.0.0", "channel": "nightly"}, "INVALID_INPUT"),
        ({"version": "2.0.0", "required_features": ["Render 3D"]}, "RELEASE_INVALID"),
        ({"version": "2.0.0", "product": UNKNOWN}, "INVALID_INPUT"),
        ({"version": "2.0\0"}, "INVALID_INPUT"),
    ],
)
def test_bad_releases_are_refused(lumen: Vendor, operator: Client, changes: dict[str, Any], code: str) -> None:
    """400 with a code, and no row."""
    answer = send(operator, "releases", {"product": str(lumen.product.id), **changes})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert operator.get("/api/v1/releases/").json()["results"] == []


def test_a_release_is_not_published_tomorrow(lumen: Vendor, operator: Client) -> None:
    """A date to come would let clients in that maintenance does not cover yet."""
    row = send(operator, "releases", {"product": str(lumen.product.id), "version": "3"}).json()
    answer = send(operator, f"releases/{row['id']}/publish", {"released_at": "2090-01-01T00:00:00Z"})
    assert (answer.status_code, answer.json()["code"]) == (400, "RELEASE_INVALID")


def test_a_release_requires_features_of_its_licence(lumen: Vendor) -> None:
    """A client of that version misses the feature without asking for it; other versions ask for nothing."""
    release(lumen, "3.0.0", required_features=["render"])
    _license, key = lumen.keyed("perpetual")
    assert ask(key, scope={"version": "3.0"}).json()["code"] == "FEATURE_MISSING"
    assert ask(key, scope={"version": "2.0"}).json()["code"] == "VALID"
    assert ask(key).json()["code"] == "VALID"


@pytest.mark.requirement("REQ-172")
def test_eligibility_is_what_a_validation_would_say(lumen: Vendor, operator: Client) -> None:
    """Maintenance until 30 days ago covers what was published up to then; yanked, out of range and lacking a feature
    are named; the report shows the best version in reach and what keeps the licence from the newest."""
    until = NOW - timedelta(days=30)
    license = lumen.license(lumen.license_type("perpetual"), maintenance_until=until, version_range=">=1 <4")
    release(lumen, "1.0.0", days=400)
    yank(lumen, release(lumen, "1.1.0", days=300))
    release(lumen, "2.0.0", days=30)
    release(lumen, "2.1.0", days=29)
    release(lumen, "2.0.1", days=40, required_features=["render"])
    release(lumen, "4.0.0", days=5)
    with lumen.house.writing() as trail:
        draft_release(release=NewRelease(product=lumen.product, version="9"), trail=trail)
    answer = operator.get(f"/api/v1/licenses/{license.id}/releases/").json()
    assert datetime.fromisoformat(answer["eligible_until"]) == until
    assert {one["version"]: one["codes"] for one in answer["releases"]} == {
        "4.0.0": ["VERSION_OUT_OF_RANGE", "MAINTENANCE_LAPSED"],
        "2.1.0": ["MAINTENANCE_LAPSED"],
        "2.0.0": [],
        "2.0.1": ["FEATURE_MISSING"],
        "1.1.0": ["RELEASE_YANKED"],
        "1.0.0": [],
    }
    assert [one["version"] for one in answer["releases"] if one["eligible"]] == ["2.0.0", "1.0.0"]
    [row] = operator.get("/api/v1/license-upgrades/").json()["results"]
    assert (row["eligible_version"], row["newest_version"]) == ("2.0.0", "4.0.0")
    assert row["codes"] == ["VERSION_OUT_OF_RANGE", "MAINTENANCE_LAPSED"]
    query = "query Q($id: ID!) { licenseReleases(id: $id) { eligibleUntil releases { version eligible codes } } }"
    seen = data(operator, query, id=str(license.id))["licenseReleases"]["releases"]
    assert [one["version"] for one in seen] == [one["version"] for one in answer["releases"]]


def test_a_revoked_licence_runs_nothing(lumen: Vendor, operator: Client) -> None:
    """What no validation would let through is not offered either."""
    license = lumen.license()
    release(lumen, "1.0.0")
    with lumen.house.writing() as trail:
        approval = approved("license.revoke", license.id, reason="Returned")
        revoke_license(license_id=license.id, reason="Returned", approval=approval, trail=trail)
    [one] = operator.get(f"/api/v1/licenses/{license.id}/releases/").json()["releases"]
    assert (one["eligible"], one["codes"]) == (False, ["REVOKED"])


def test_reports_by_the_list(lumen: Vendor, operator: Client) -> None:
    """401, 403, 404 and a constant number of queries, however many licences and releases."""
    license = lumen.license()
    release(lumen, "1.0.0")
    counts = []
    paths = (f"/api/v1/licenses/{license.id}/releases/", "/api/v1/license-upgrades/", "/api/v1/releases/")
    for more in (0, 3):
        for number in range(more):
            release(lumen, f"2.{number}.0")
            lumen.license(lumen.license_type(code=f"type-{number}"))
        with CaptureQueriesContext(connection) as queries:
            for path in paths:
                assert operator.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 33
    member, stranger = signed_in(lumen.house, "member"), signed_in(vendor().house, "vendor_ops")
    for path in paths:
        assert Client(HTTP_HOST="127.0.0.1").get(path).status_code == 401
        assert member.get(path).status_code == 403
    assert stranger.get(paths[0]).status_code == 404
    assert stranger.get(paths[1]).json()["results"] == stranger.get(paths[2]).json()["results"] == []


@pytest.mark.parametrize("path", ["releases", "releases/{id}/publish", "releases/{id}/yank"])
def test_writes_by_the_list(lumen: Vendor, path: str) -> None:
    """401 for visitors, 403 for who may only look, 404 for strangers."""
    path = path.format(id=release(lumen, "1.0.0").id)
    assert send(Client(HTTP_HOST="127.0.0.1"), path).status_code == 401
    assert send(signed_in(lumen.house, "support"), path, {"reason": "x"}).status_code == 403
    if "/" in path:
        assert send(signed_in(vendor().house, "vendor_ops"), path, {"reason": "x"}).status_code == 404


def test_releases_over_graphql_and_in_the_admin(lumen: Vendor, operator: Client) -> None:
    """Prepared in the admin, published and taken back by mutation; the page offers what its state allows."""
    page = "/admin/licensing/release"
    typed = {
        "product": str(lumen.product.id),
        "version": "5.1",
        "channel": "stable",
        "required_features": "render, bim",
    }
    made = operator.post(f"{page}/add/", typed)
    assert made.status_code == 302, made.content
    with lumen.house.reading():
        row = Release.objects.get()
    assert (row.version, row.required_features) == ("5.1.0", ["bim", "render"])
    assert f"{page}/{row.id}/publish/" in operator.get(f"{page}/{row.id}/change/").content.decode()
    publish = "mutation M($input: PublishReleaseInput!) { publishRelease(input: $input) { status product { code } } }"
    done = data(operator, publish, input={"id": str(row.id)})["publishRelease"]
    assert done == {"status": "published", "product": {"code": "lumen-cad"}}
    assert operator.get(f"{page}/{row.id}/yank/").status_code == 200
    back = "mutation M($input: YankReleaseInput!) { yankRelease(input: $input) { yankedReason } }"
    assert (
        data(operator, back, input={"id": str(row.id), "reason": "Broken"})["yankRelease"]["yankedReason"] == "Broken"
    )
    assert data(operator, "{ releases { nodes { version channel } } }")["releases"]["nodes"] == [
        {"version": "5.1.0", "channel": "stable"}
    ]
    bad = operator.post(f"{page}/add/", {**typed, "version": "newest"})
    assert b"A version looks like" in bad.content


def test_no_more_releases_are_read_than_are_looked_at(lumen: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest published of a product are judged, in the list of a licence and in the report."""
    monkeypatch.setattr("licensing.queries.releases.MOST_RELEASES", 2)
    for number, days in ((4, 30), (3, 20), (2, 10)):
        release(lumen, f"{number}.0.0", days=days)
    license = lumen.license(lumen.license_type("perpetual"))
    with lumen.house.reading():
        row = License.objects.select_related(*RELATED).get(id=license.id)
        found = releases_for(license=row, at=NOW)
        [report] = upgrades(licenses=[row], at=NOW)
    assert [one.row.version for one in found.releases] == ["2.0.0", "3.0.0"]
    assert report.newest is not None
    assert report.newest.version == "3.0.0"
