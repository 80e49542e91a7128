"""Features of the catalogue and add-ons over REST, GraphQL and the admin, by the same list;
and what validation makes of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from licensing.models import AddOn, Feature, License
from licensing.operations import NewFeature, create_feature, issue_certificate, revoke_license
from licensing.signing import TokenKind
from tests.factories.tenants import signed_in
from tests.graphs import data
from tests.graphs import response as graph_response
from tests.licensing.lives import approved
from tests.licensing.vendors import Vendor, ask, vendor, verified

pytestmark = pytest.mark.django_db
UNKNOWN = "01900000-0000-7000-8000-000000000000"
QUOTA = {"limit": 100, "period": "month", "overage": {"kind": "percent", "amount": 10}}


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


@pytest.fixture
def operator(lumen: Vendor) -> Client:
    return signed_in(lumen.house, "vendor_ops")


def send(browser: Client, path: str, body: Any = None, *, verb: str = "post") -> Any:
    return getattr(browser, verb)(f"/api/v1/{path}/", body or {}, content_type="application/json")


def feature(lumen: Vendor, code: str, kind: str = "boolean", *choices: str) -> Feature:
    with lumen.house.writing() as trail:
        new = NewFeature(product=lumen.product, code=code, name=code.title(), kind=kind, choices=choices)
        return create_feature(feature=new, trail=trail)


def add_on_body(row: License, **changes: Any) -> dict[str, Any]:
    return {"license": str(row.id), "name": "Rendering", "features": [{"code": "render"}], **changes}


def rows(lumen: Vendor, operator: Client) -> dict[str, str]:
    """One row of each resource, by its id."""
    body = {"product": str(lumen.product.id), "code": "render", "name": "Rendering"}
    return {
        "features": send(operator, "features", body).json()["id"],
        "add-ons": send(operator, "add-ons", add_on_body(lumen.license())).json()["id"],
    }


@pytest.mark.requirement("REQ-042", "REQ-170", "REQ-177")
def test_an_add_on_is_effective_at_the_next_validation(lumen: Vendor, operator: Client) -> None:
    """The same key misses the feature, has it once the add-on is attached, and misses it again once it is removed."""
    license, key = lumen.keyed("subscription")
    asked: dict[str, Any] = {"scope": {"features": ["render"]}}
    assert ask(key, **asked).json()["code"] == "FEATURE_MISSING"
    row = send(operator, "add-ons", add_on_body(license))
    assert row.status_code == 201, row.content
    assert ask(key, **asked).json()["code"] == "VALID"
    removed = send(operator, f"add-ons/{row.json()['id']}/remove", {"reason": "Not renewed"})
    assert removed.json()["removed_at"]
    assert ask(key, **asked).json()["code"] == "FEATURE_MISSING"
    again = send(operator, f"add-ons/{row.json()['id']}/remove", {"reason": "Once more"})
    assert (again.status_code, again.json()["code"]) == (409, "ADD_ON_REMOVED")
    with lumen.house.reading():
        kinds = set(Event.objects.filter(subject_id=row.json()["id"]).values_list("kind", flat=True))
    assert kinds == {"add_on.attached", "add_on.removed"}


@pytest.mark.requirement("REQ-177")
def test_an_add_on_depends_on_its_base(lumen: Vendor, operator: Client) -> None:
    """It ends with a revoked licence, cannot come to one, and cannot outlive one that ends."""
    license = lumen.license()
    assert license.expires_at is not None
    late = {"ends_at": (license.expires_at + timedelta(microseconds=1)).isoformat()}
    refused = send(operator, "add-ons", add_on_body(license, **late))
    assert (refused.status_code, refused.json()["code"]) == (400, "ADD_ON_INVALID")
    exact = {"ends_at": license.expires_at.isoformat()}
    row = send(operator, "add-ons", add_on_body(license, **exact)).json()
    with lumen.house.writing() as trail:
        approval = approved("license.revoke", license.id, reason="Returned")
        revoke_license(license_id=license.id, reason="Returned", approval=approval, trail=trail)
    with lumen.house.reading():
        ended = AddOn.objects.get(id=row["id"])
    assert (ended.removed_at is not None, ended.removed_reason) == (True, "Returned")
    refused = send(operator, "add-ons", add_on_body(license))
    assert (refused.status_code, refused.json()["code"]) == (409, "ADD_ON_REFUSED")


def test_an_add_on_holds_between_its_dates(lumen: Vendor, operator: Client) -> None:
    """One that begins tomorrow grants nothing today, whatever the dates of its features."""
    license, key = lumen.keyed("subscription")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert send(operator, "add-ons", add_on_body(license, starts_at=tomorrow)).status_code == 201
    assert ask(key, scope={"features": ["render"]}).json()["code"] == "FEATURE_MISSING"


def test_a_certificate_carries_the_add_ons(lumen: Vendor, operator: Client) -> None:
    """What a machine without a connection reads is what a validation would say."""
    license = lumen.license()
    send(operator, "add-ons", add_on_body(license))
    with lumen.house.writing() as trail:
        token = issue_certificate(license_id=license.id, trail=trail).token
    claims = verified(token, kind=TokenKind.LICENSE, slug="lumen").claims
    assert claims["features"] == {"render": None}


def test_grants_are_judged_by_the_catalogue(lumen: Vendor, operator: Client) -> None:
    """Types, licences and add-ons alike: a stable code for each mistake, with its place; what fits is stored as
    given."""
    feature(lumen, "export", "quantity")
    feature(lumen, "support", "choice", "silver", "gold")
    good = [{"code": "export", "value": QUOTA}, {"code": "support", "value": "gold"}, {"code": "undescribed"}]
    bad = [{"code": "export"}, {"code": "support", "value": "platinum"}, {"code": "undescribed", "value": "x"}]
    type_body = {"code": "cad", "name": "CAD", "product": str(lumen.product.id), "model": "perpetual"}
    license = lumen.license()
    targets: dict[str, dict[str, Any]] = {
        "license-types": type_body,
        "licenses": {"license_type": str(license.license_type_id), "licensee": str(lumen.customer.id)},
        "add-ons": {"license": str(license.id), "name": "More"},
    }
    for path, body in targets.items():
        refused = send(operator, path, {**body, "features": bad})
        assert (refused.status_code, refused.json()["code"]) == (400, "FEATURE_GRANT_INVALID"), refused.content
        assert [one["code"] for one in refused.json()["mistakes"]] == [
            "FEATURE_VALUE_MISSING",
            "FEATURE_CHOICE_UNKNOWN",
            "FEATURE_NOT_IN_CATALOGUE",
        ]
        assert [one["pointer"] for one in refused.json()["errors"]] == ["/features/0", "/features/1", "/features/2"]
        taken = send(operator, path, {**body, "features": good})
        assert (taken.status_code, taken.json()["features"]) == (201, good), taken.content


def test_a_feature_keeps_its_kind_and_its_choices(lumen: Vendor, operator: Client) -> None:
    """Words change, choices are added, none goes away; the code is unique in the product."""
    row = feature(lumen, "support", "choice", "silver", "gold")
    path = f"features/{row.id}"
    changed = send(operator, path, {"name": "Help", "choices": ["silver", "gold", "platinum"]}, verb="patch")
    assert (changed.json()["name"], changed.json()["choices"][-1]) == ("Help", "platinum")
    refusals: list[dict[str, Any]] = [
        {"choices": ["gold"]},
        {"choices": []},
        {"name": " "},
        {"choices": ["1", "silver", "gold", "platinum"]},
    ]
    for body in refusals:
        refused = send(operator, path, body, verb="patch")
        assert refused.status_code == 400, body
    twice = {"product": str(lumen.product.id), "code": "support", "name": "x"}
    refused = send(operator, "features", twice)
    assert (refused.status_code, refused.json()["code"]) == (409, "FEATURE_EXISTS")


@pytest.mark.parametrize("resource", ["features", "add-ons"])
def test_each_resource_by_the_list(lumen: Vendor, operator: Client, resource: str) -> None:
    """Read by the operator in as many queries however long; 401, 403 and 404 for the others."""
    row = rows(lumen, operator)[resource]
    visitor = Client(HTTP_HOST="127.0.0.1")
    member, stranger = signed_in(lumen.house, "member"), signed_in(vendor().house, "vendor_ops")
    for path in (f"/api/v1/{resource}/", f"/api/v1/{resource}/{row}/"):
        assert operator.get(path).status_code == 200
        assert visitor.get(path).status_code == 401
        assert member.get(path).status_code == 403
    theirs, nobodys = (stranger.get(f"/api/v1/{resource}/{one}/") for one in (row, UNKNOWN))
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content
    with CaptureQueriesContext(connection) as one_row:
        operator.get(f"/api/v1/{resource}/")
    for number in range(3):
        feature(lumen, f"more-{number}")
        send(operator, "add-ons", add_on_body(lumen.license(lumen.license_type(code=f"t-{number}"))))
    with CaptureQueriesContext(connection) as more_rows:
        assert len(operator.get(f"/api/v1/{resource}/").json()["results"]) == 4
    assert len(more_rows) == len(one_row) <= 10


WRITES = ("features", "features/{features}", "add-ons", "add-ons/{add-ons}/remove")


@pytest.mark.requirement("REQ-169")
@pytest.mark.parametrize("path", WRITES)
def test_writes_by_the_list(lumen: Vendor, operator: Client, path: str) -> None:
    """401 for visitors, 403 for who may only look, 404 with another organisation's row, 400 for nonsense."""
    verb = "patch" if path == "features/{features}" else "post"
    path = path.format(**rows(lumen, operator))
    assert send(Client(HTTP_HOST="127.0.0.1"), path, verb=verb).status_code == 401
    assert send(signed_in(lumen.house, "support"), path, {"reason": "x"}, verb=verb).status_code == 403
    if "/" in path:
        stranger = signed_in(vendor().house, "vendor_ops")
        assert send(stranger, path, {"reason": "x", "name": "x"}, verb=verb).status_code == 404
    assert send(operator, path, {"name": "a\0b", "reason": "", "features": 5}, verb=verb).status_code == 400


BAD_ADD_ONS: dict[str, dict[str, Any]] = {
    "nothing": {"features": []},
    "no name": {"name": "  "},
    "code": {"features": [{"code": "Render 3D"}]},
    "value": {"features": [{"code": "render", "value": {"limit": "many"}}]},
    "value that is no value": {"features": [{"code": "render", "value": 5}]},
    "dates": {"starts_at": "2027-02-01T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z"},
    "over": {"ends_at": "2020-01-01T00:00:00Z"},
    "licence of nobody": {"license": UNKNOWN},
    "too many": {"features": [{"code": "render"}] * 201},
}


@pytest.mark.parametrize("name", BAD_ADD_ONS)
def test_bad_add_ons_are_refused(lumen: Vendor, operator: Client, name: str) -> None:
    """400, and no row."""
    answer = send(operator, "add-ons", add_on_body(lumen.license(), **BAD_ADD_ONS[name]))
    assert answer.status_code == 400, answer.content
    assert operator.get("/api/v1/add-ons/").json()["results"] == []


ATTACH = """mutation M($input: AttachAddOnInput!) { attachAddOn(input: $input) {
    id license { id } features { code choice quota { limit period overageUnits } }
} }"""
REMOVE = "mutation M($input: RemoveAddOnInput!) { removeAddOn(input: $input) { id removedAt } }"


@pytest.mark.requirement("REQ-169")
def test_add_ons_and_features_over_graphql(lumen: Vendor, operator: Client) -> None:
    """Attached, seen from the licence and from the catalogue, and removed; the wrong role and strangers change
    nothing."""
    license, described = lumen.license(), feature(lumen, "export", "quantity")
    stated = {
        "license": str(license.id),
        "name": "Export",
        "features": [
            {"code": "export", "quota": {"limit": 5, "period": "day", "overageKind": "absolute", "overageUnits": 2}},
            {"code": "render"},
        ],
    }
    made = data(operator, ATTACH, input=stated)["attachAddOn"]
    assert made["features"][0]["quota"] == {"limit": 5, "period": "day", "overageUnits": 2}
    query = "query Q($id: ID!) { license(id: $id) { addOns { nodes { name } } } productFeatures { nodes { id kind } } }"
    seen = data(operator, query, id=str(license.id))
    assert seen["license"]["addOns"]["nodes"] == [{"name": "Export"}]
    assert seen["productFeatures"]["nodes"] == [{"id": str(described.id), "kind": "quantity"}]
    gone = {"id": made["id"], "reason": "Not renewed"}
    for browser in (signed_in(lumen.house, "support"), signed_in(vendor().house, "vendor_ops")):
        assert graph_response(browser, REMOVE, input=gone).json().get("errors")
    assert data(operator, REMOVE, input=gone)["removeAddOn"]["removedAt"]
    naive = graph_response(operator, ATTACH, input={**stated, "startsAt": "2027-01-01T00:00:00"}).json()
    assert naive["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


def test_the_admin_describes_attaches_and_removes(lumen: Vendor, operator: Client) -> None:
    """Forms of one operation each: what was typed comes back with the refusal, and the licence's page shows all."""
    page = "/admin/licensing"
    words = {"product": str(lumen.product.id), "code": "support", "name": "Support", "kind": "choice"}
    assert b"Choices belong" in operator.post(f"{page}/feature/add/", words).content
    made = operator.post(f"{page}/feature/add/", {**words, "choices": "silver, gold"})
    assert made.status_code == 302, made.content
    operator.post(f"{made['Location'].removesuffix('change/')}words/", {"name": "Help", "choices": "silver, gold, top"})
    license = lumen.license()
    typed = {"license": str(license.id), "name": "Better help", "features": "support = top until 2099-01-01\nrender"}
    feature(lumen, "export", "quantity")
    more = f"{typed['features']}\nexport = 1000 per month near 90 over 10% over-until 2098-01-01"
    attached = operator.post(f"{page}/addon/add/?license={license.id}", {**typed, "features": more})
    assert attached.status_code == 302, attached.content
    shown = operator.get(f"{page}/license/{license.id}/change/").content.decode()
    assert "Better help" in shown
    assert "Attach an add-on" in shown
    with lumen.house.reading():
        row = AddOn.objects.get()
    assert [one["code"] for one in row.features] == ["support", "render", "export"]
    assert row.features[2]["value"]["overage"] == {
        "kind": "percent",
        "amount": 10,
        "until": "2098-01-01T00:00:00+00:00",
    }
    bad = operator.post(f"{page}/addon/add/", {**typed, "features": "export = 10 per week"})
    assert b"the quota cannot be read" in bad.content
    assert operator.get(f"{page}/addon/{row.id}/change/").status_code == 200
    assert operator.post(f"{page}/addon/{row.id}/remove/", {"reason": "Not renewed"}).status_code == 302
    support = signed_in(lumen.house, "support")
    assert support.get(f"{page}/addon/").status_code == 200
    assert support.get(f"{page}/addon/add/").status_code == 403
    assert signed_in(vendor().house, "vendor_ops").get(f"{page}/addon/{row.id}/remove/").status_code == 404
