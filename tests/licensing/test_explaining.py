"""Why is this licence invalid, over REST, GraphQL and on its page: works, anonymous, wrong role, other organisation,
bad input, number of queries."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from licensing.models import License
from licensing.operations import suspend_license
from tests.factories import licensing
from tests.factories.tenants import signed_in
from tests.graphs import NOBODY, codes, data
from tests.graphs import ask as ask_graph
from tests.licensing.vendors import Vendor, ask, vendor

pytestmark = pytest.mark.django_db
FAR = "2300-01-01T00:00:00Z"
GRAPH = """query Q($id: ID!, $scope: ValidationScopeInput, $at: DateTime, $whatIf: WhatIfInput) {
    licenseExplanation(id: $id, scope: $scope, at: $at, whatIf: $whatIf) {
        at valid code changed warnings { code until }
        findings { code rule fact actual required cure source { kind id } }
    } }"""


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


@pytest.fixture
def support(lumen: Vendor) -> Client:
    """Somebody who may see licences and change none."""
    return signed_in(lumen.house, "support")


def explain(browser: Client, license: object, **body: Any) -> Any:
    key = getattr(license, "id", license)
    return browser.post(f"/api/v1/licenses/{key}/explain/", body, content_type="application/json")


def page(license: License) -> str:
    return reverse("admin:licensing_license_why", args=[license.id])


def entries(lumen: Vendor) -> int:
    with lumen.house.reading():
        return Event.objects.count()


def test_each_finding_comes_with_rule_fact_row_and_cure(lumen: Vendor, support: Client) -> None:
    """The same findings in the same order as a client is told, each explained; nothing is written."""
    license = lumen.license(lumen.license_type("perpetual"))
    with lumen.house.writing() as trail:
        suspend_license(license_id=license.id, reason="unpaid", trail=trail)
    before = entries(lumen)
    answer = explain(support, license, scope={"product": "other", "features": ["render"]})
    assert (answer.status_code, entries(lumen)) == (200, before)
    body = answer.json()
    assert (body["valid"], body["code"], body["changed"]) == (False, "SUSPENDED", [])
    assert [(one["code"], one["rule"], one["fact"], one["source"]) for one in body["findings"]] == [
        ("SUSPENDED", "suspended", "status", {"kind": "license", "id": str(license.id)}),
        ("PRODUCT_MISMATCH", "product_mismatch", "product", {"kind": "product", "id": str(lumen.product.id)}),
        ("FEATURE_MISSING", "feature_missing", "features", {"kind": "license", "id": str(license.id)}),
    ]
    assert body["findings"][0]["cure"] == "Reinstate the licence."
    assert (body["findings"][2]["actual"], body["findings"][2]["required"]) == ([], ["render"])
    findings = ask(lumen.key(license), scope={"product": "other", "features": ["render"]}).json()["findings"]
    assert findings == [one["code"] for one in body["findings"]]


def test_another_day_and_what_is_supposed(lumen: Vendor, support: Client) -> None:
    """What happens on a day to come, and what would if the licence ended later or allowed so many."""
    license = lumen.license(lumen.license_type("subscription"))
    later = datetime.now(UTC) + timedelta(days=500)
    on = explain(support, license, at=later.isoformat()).json()
    assert (on["code"], on["at"]) == ("EXPIRED", f"{later.isoformat(timespec='microseconds')[:-6]}Z")
    assert on["findings"][0]["source"] == {"kind": "license", "id": str(license.id)}
    renewed = explain(support, license, at=later.isoformat(), what_if={"expires_at": FAR}).json()
    assert (renewed["valid"], renewed["changed"]) == (True, ["expires_at"])
    many = explain(support, license, what_if={"seats": 40, "used": {"users": 41}}).json()
    assert (many["code"], many["changed"]) == ("TOO_MANY_USERS", ["limits.users", "used.users"])
    assert (many["findings"][0]["actual"], many["findings"][0]["required"]) == (41, 40)
    assert explain(support, license).json()["valid"] is True


def test_no_term_begins_by_asking_why(lumen: Vendor, support: Client) -> None:
    """The obligation is told, and the licence stays as it was."""
    license = lumen.license(lumen.license_type("trial"))
    assert [one["code"] for one in explain(support, license).json()["obligations"]] == ["START_TERM"]
    with lumen.house.reading():
        assert License.objects.get(id=license.id).first_validated_at is None


def test_a_fact_is_kept_where_it_was_said(lumen: Vendor, support: Client) -> None:
    """The type's territories are blamed on the type, the licence's own on the licence, a release on the release."""
    with lumen.house.writing():
        kind = licensing.license_type(lumen.product, territories=["NO"])
        own = licensing.license(kind, territories=["SE"], maintenance_until=datetime(2026, 1, 1, tzinfo=UTC))
        plain = licensing.license(kind)
        release = licensing.release(lumen.product, version="3.1.0", released_at=datetime(2026, 6, 1, tzinfo=UTC))
    scope = {"country": "DE", "version": "3.1"}
    told = {
        one["code"]: one["source"]
        for license in (own, plain)
        for one in explain(support, license, scope=scope).json()["findings"]
        if one["code"] == "MAINTENANCE_LAPSED" or license is plain
    }
    assert told["COUNTRY_DENIED"] == {"kind": "license_type", "id": str(kind.id)}
    assert told["MAINTENANCE_LAPSED"] == {"kind": "release", "id": str(release.id)}
    [denied] = explain(support, own, scope={"country": "DE"}).json()["findings"]
    assert denied["source"] == {"kind": "license", "id": str(own.id)}


def test_only_who_may_see_the_licence_is_told_why(lumen: Vendor) -> None:
    """401 for visitors, 403 without the permission, 404 for another vendor and for an id that nobody has, alike."""
    license = lumen.license()
    assert explain(Client(HTTP_HOST="127.0.0.1"), license).status_code == 401
    assert explain(signed_in(lumen.house, "member"), license).status_code == 403
    stranger = signed_in(vendor().house, "vendor_ops")
    theirs, nobodys = explain(stranger, license), explain(stranger, NOBODY)
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content


def test_anonymous_clients_are_told_codes_and_no_facts(lumen: Vendor) -> None:
    """Asking why is no member of the public question."""
    license = lumen.license()
    answer = ask(lumen.key(license), explain=True)
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/explain"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"scope": {"machine": "x"}}, "/scope/machine"),
        ({"at": "tomorrow"}, "/at"),
        ({"what_if": {"quantity": 3}}, "/what_if/quantity"),
        ({"what_if": {"limits": {"print": 3}}}, "/what_if/limits/print"),
        ({"what_if": {"used": {"print": 3}}}, "/what_if/used/print"),
        ({"key": "A"}, "/key"),
    ],
)
def test_bad_questions_are_refused(lumen: Vendor, support: Client, body: Any, pointer: str) -> None:
    """400 INVALID_INPUT with the JSON pointer, over both interfaces for programs."""
    answer = explain(support, lumen.license(), **body)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_INPUT")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_body_that_is_no_object_is_refused(lumen: Vendor, support: Client) -> None:
    """400, as for every other question."""
    path = f"/api/v1/licenses/{lumen.license().id}/explain/"
    assert support.post(path, "[]", content_type="application/json").status_code == 400


def test_the_cure_is_told_in_the_readers_language(lumen: Vendor, support: Client) -> None:
    """German for a German browser."""
    path = f"/api/v1/licenses/{lumen.license().id}/explain/"
    body = {"what_if": {"status": "suspended"}}
    answer = support.post(path, body, content_type="application/json", headers={"Accept-Language": "de"})
    assert answer.json()["findings"][0]["cure"] == "Die Lizenz wieder einsetzen."


def test_graphql_says_the_same(lumen: Vendor, support: Client) -> None:
    """Scope, another day and suppositions as over REST, the values of facts as lists of texts."""
    license = lumen.license(lumen.license_type("subscription"))
    later = (datetime.now(UTC) + timedelta(days=500)).isoformat()
    given: dict[str, Any] = {
        "id": str(license.id),
        "at": later,
        "scope": {
            "product": "other",
            "components": [{"name": "board", "value": "b-1"}],
            "clientAt": later,
            "vm": False,
        },
        "whatIf": {"limits": [{"code": "activations", "number": 1}], "used": [{"code": "activations", "number": 2}]},
    }
    told = data(support, GRAPH, **given)["licenseExplanation"]
    body = {
        "at": later,
        "scope": {"product": "other", "components": {"board": "b-1"}, "client_at": later, "vm": False},
        "what_if": {"limits": {"activations": 1}, "used": {"activations": 2}},
    }
    same = explain(support, license, **body).json()
    assert [one["code"] for one in told["findings"]] == ["EXPIRED", "PRODUCT_MISMATCH", "TOO_MANY_ACTIVATIONS"]
    assert [one["code"] for one in same["findings"]] == [one["code"] for one in told["findings"]]
    assert (told["valid"], told["code"], told["changed"]) == (same["valid"], same["code"], same["changed"])
    assert [one["source"] for one in told["findings"]] == [one["source"] for one in same["findings"]]
    assert (told["findings"][2]["actual"], told["findings"][2]["required"]) == (["2"], ["1"])
    renewed = data(support, GRAPH, **{**given, "scope": None, "whatIf": {"expiresAt": None, "status": "active"}})
    assert renewed["licenseExplanation"]["changed"] == ["status", "expires_at"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"scope": {"country": "NOR"}}, "/scope/country"),
        ({"whatIf": {"status": "gone"}}, "/what_if/status"),
        ({"whatIf": {"limits": [{"code": "print", "number": 1}]}}, "/what_if/limits/print"),
        ({"at": "2026-03-01T00:00:00"}, "/at"),
    ],
)
def test_graphql_points_at_mistakes(lumen: Vendor, support: Client, changes: Any, pointer: str) -> None:
    """INVALID_INPUT with the pointer of REST."""
    answer = ask_graph(support, GRAPH, id=str(lumen.license().id), **changes)
    assert codes(answer) == ["INVALID_INPUT"]
    assert answer["errors"][0]["extensions"]["pointer"] == pointer


def test_the_page_explains_with_cures_and_links(lumen: Vendor, support: Client) -> None:
    """A day, a client and a supposition in a form; findings in a table with what helps and where it is kept."""
    license = lumen.license(lumen.license_type("subscription"))
    assert page(license) in support.get(reverse("admin:licensing_license_change", args=[license.id])).content.decode()
    assert "On the day" in support.get(page(license)).content.decode()
    before = entries(lumen)
    form = {
        "on": "2035-01-01",
        "product": "other",
        "features": "render, export",
        "vm": "yes",
        "users": "0",
        "user": "kim",
    }
    shown = support.post(page(license), form)
    text = shown.content.decode()
    assert (shown.status_code, shown["Cache-Control"], entries(lumen)) == (200, "no-store", before)
    for said in (
        "EXPIRED",
        "PRODUCT_MISMATCH",
        "FEATURE_MISSING",
        "TOO_MANY_USERS",
        "Renew the licence.",
        "1 Jan 2035",
    ):
        assert said in text
    assert reverse("admin:licensing_product_change", args=[lumen.product.id]) in text
    prolonged = support.post(page(license), {"on": "2035-01-01", "expires_at": "2036-01-01"}).content.decode()
    assert "Nothing was found" in prolonged


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"country": "NOR"}, "at most 2 characters"),
        ({"country": "1"}, "code of two letters"),
        ({"on": "tomorrow"}, "valid date"),
        ({"on": "9999-12-31"}, "less than or equal"),
        ({"vm": "perhaps"}, "valid choice"),
        ({"users": "-1"}, "greater than or equal"),
        ({"user": "   ", "features": "x " * 51}, "list of at most 50"),
        ({"fingerprint": "a\0b"}, "Null characters"),
    ],
)
def test_the_page_says_mistakes_beside_their_fields(lumen: Vendor, support: Client, form: Any, said: str) -> None:
    """The form comes back with a sentence, and no answer."""
    text = support.post(page(lumen.license()), form).content.decode()
    assert said in text
    assert "What helps" not in text


def test_the_page_is_for_who_may_see_the_licence(lumen: Vendor) -> None:
    """Visitors go to the sign-in, members are refused, another vendor finds nothing."""
    license = lumen.license()
    visitor = Client(HTTP_HOST="127.0.0.1").get(page(license), follow=True)
    assert visitor.request["PATH_INFO"] == "/accounts/sign-in/"
    for role, status in (("member", 403), ("support", 200)):
        assert signed_in(lumen.house, role).get(page(license)).status_code == status
    assert signed_in(vendor().house, "vendor_ops").post(page(license), {}).status_code == 404


def test_explaining_costs_the_same_queries_whatever_is_found(lumen: Vendor, support: Client) -> None:
    """One statement for the licence beside those of every request, with no finding or many, one licence or many."""
    kind = lumen.license_type("perpetual")
    license = lumen.license(kind)
    counts: list[int] = []
    for more, body in (
        (0, {}),
        (5, {"scope": {"product": "x", "version": "9", "features": ["a"], "fingerprints": []}}),
    ):
        for _ in range(more):
            lumen.license(kind)
        with CaptureQueriesContext(connection) as queries:
            assert explain(support, license, **body).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 13
