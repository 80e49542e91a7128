"""A licence's life over REST and GraphQL: each step works; who may not is in test_issuing_rest."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from licensing.models import License
from tests.factories.tenants import signed_in
from tests.licensing.vendors import Vendor, ask, vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


@pytest.fixture
def operator(lumen: Vendor) -> Client:
    return signed_in(lumen.house, "vendor_ops")


def post(browser: Client, path: str, body: Any = None) -> Any:
    return browser.post(f"/api/v1/{path}/", body or {}, content_type="application/json")


def test_each_step_over_rest(lumen: Vendor, operator: Client) -> None:
    """From draft to renewal: 200, the licence in its new state, and validation says the same."""
    license = lumen.license(is_draft=True)
    key = lumen.key(license)
    path = f"licenses/{license.id}"
    for step, body, column, filled, code in (
        ("activate", {}, "status", True, "VALID"),
        ("pause", {}, "paused_at", True, "PAUSED"),
        ("resume", {}, "paused_at", False, "VALID"),
        ("cancel", {}, "cancel_at", True, "VALID"),
        ("keep", {}, "cancel_at", False, "VALID"),
        ("renew", {"confirmed": False}, "status", True, "VALID"),
        ("renew", {}, "expires_at", True, "VALID"),
        ("past-due", {"since": None}, "past_due_since", True, "VALID"),
        ("settle", {}, "past_due_since", False, "VALID"),
    ):
        answer = post(operator, f"{path}/{step}", {"reason": "as agreed", **body})
        assert answer.status_code == 200, (step, answer.content)
        assert bool(answer.json()[column]) is filled, step
        assert ask(key).json()["code"] == code, step
    renewals = operator.get("/api/v1/license-renewals/", {"license": str(license.id)}).json()["results"]
    assert [bool(one["confirmed_at"]) for one in renewals] == [True]


def test_a_quote_is_confirmed_over_rest(lumen: Vendor, operator: Client) -> None:
    """The quote says amount and lines; another amount is refused; whoever may not see money sees no price."""
    kind = lumen.license_type(unit_price=Decimal("99.90"), currency="EUR", charge_period="year")
    path = f"licenses/{lumen.license(kind, quantity=1).id}"
    quote = post(operator, f"{path}/quote", {"quantity": 3}).json()
    assert (quote["units"], quote["amount"], quote["currency"], len(quote["lines"])) == (2, "199.80", "EUR", 1)
    wrong = post(operator, f"{path}/quantity", {"quantity": 3, "reason": "growth", "confirmed": "1.00"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "LICENSE_QUOTE_CHANGED")
    right = post(operator, f"{path}/quantity", {"quantity": 3, "reason": "growth", "confirmed": quote["amount"]})
    assert (right.status_code, right.json()["quantity"]) == (200, 3)
    support = signed_in(lumen.house, "support")
    assert support.get(f"/api/v1/license-types/{kind.id}/").json()["unit_price"] is None
    assert operator.get(f"/api/v1/license-types/{kind.id}/").json()["unit_price"] == "99.9000"


def test_many_are_issued_with_their_keys_once(lumen: Vendor, operator: Client) -> None:
    """Two licences and two keys that validate; the same request again shows no key."""
    body = {"license_type": str(lumen.license_type().id), "licensee": str(lumen.customer.id), "count": 2}
    again: Any = {"content_type": "application/json", "headers": {"Idempotency-Key": "many-1"}}
    first, second = (operator.post("/api/v1/licenses/bulk/", body, **again) for _ in range(2))
    assert first.status_code == 201, first.content
    assert [ask(key).json()["code"] for key in first.json()["keys"]] == ["VALID", "VALID"]
    assert (second.json()["keys"], second.json()["numbers"]) == (None, first.json()["numbers"])
    with lumen.house.reading():
        assert License.objects.count() == 2


def test_a_version_is_previewed_and_applied_over_rest(lumen: Vendor, operator: Client) -> None:
    """The preview writes nothing; applied with its number, the licence carries the version."""
    first = lumen.license_type()
    license = lumen.license(first)
    body = {"name": "CAD", "model": "subscription", "duration_months": 12, "features": [{"code": "render"}]}
    second = post(operator, f"license-types/{first.id}/versions", body).json()["id"]
    (change,) = operator.get(f"/api/v1/license-types/{second}/preview/").json()
    assert (change["license"], change["gained"], change["lost"]) == (
        str(license.id), ["feature:render"], ["grace 14 → 0"],
    )  # fmt: skip
    wrong = post(operator, f"license-types/{second}/apply", {"reason": "for all", "confirmed": 7})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "LICENSE_TYPE_PREVIEW_OUTDATED")
    assert post(operator, f"license-types/{second}/apply", {"reason": "for all", "confirmed": 1}).status_code == 200
    with lumen.house.reading():
        assert str(License.objects.get(id=license.id).license_type_id) == second


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("past-due", {"reason": "x", "since": "2999-01-01T00:00:00Z"}),
        ("past-due", {"reason": "x", "since": "soon"}),
        ("quantity", {"reason": "x", "quantity": 0}),
        ("quantity", {"reason": "x", "quantity": 10**9}),
        ("quote", {"quantity": "many"}),
        ("transfer", {"reason": "x", "licensee": "nobody"}),
        ("transfer", {"reason": "x", "licensee": "01900000-0000-7000-8000-000000000000"}),
        ("pause", {"reason": "a\0b"}),
        ("renew", {"reason": " "}),
    ],
)
def test_bad_input_is_refused(lumen: Vendor, operator: Client, path: str, body: dict[str, Any]) -> None:
    """400 with a code, and the licence is as it was."""
    license = lumen.license()
    answer = post(operator, f"licenses/{license.id}/{path}", body)
    assert answer.status_code == 400, answer.content
    with lumen.house.reading():
        row = License.objects.get()
    assert (row.status, row.quantity, row.expires_at) == ("active", 1, license.expires_at)


def test_each_step_over_graphql(lumen: Vendor, operator: Client) -> None:
    """The mutations do the same steps and give the licence back; support gets none of them."""
    license = lumen.license(is_draft=True)
    support = signed_in(lumen.house, "support")

    def put(browser: Client, name: str, more: str = "", fields: str = "status") -> Any:
        given = f'{{id: "{license.id}", reason: "as agreed"{more}}}'
        query = {"query": f"mutation {{ {name}(input: {given}) {{ {fields} }} }}"}
        return browser.post("/graphql/", query, content_type="application/json").json()

    for name, more, fields in (
        ("activateLicense", "", "status"),
        ("pauseLicense", "", "pausedAt"),
        ("resumeLicense", "", "pausedAt"),
        ("cancelLicense", "", "cancelAt"),
        ("keepLicense", "", "cancelAt"),
        ("renewLicense", "", "renewals { nodes { confirmedAt } }"),
        ("recordLicenseRenewal", "", "startsAt"),
        ("markLicensePastDue", "", "dunningStage"),
        ("settleLicensePayment", "", "dunningStage"),
        ("changeLicenseQuantity", ", quantity: 4", "quantity"),
    ):
        refused = put(support, name, more, fields)
        assert refused["errors"], refused
        done = put(operator, name, more, fields)
        assert "errors" not in done, (name, done)
        assert done["data"][name] is not None
    with lumen.house.reading():
        assert License.objects.get().quantity == 4
