"""Limits of place: host names and departments on types and licences, beside territories."""

from typing import Any

import pytest
from django.test import Client

from licensing.models import License
from licensing.operations import Conditions
from licensing.queries.license_facts import RELATED, facts_of
from tests.factories.tenants import signed_in
from tests.graphs import data
from tests.licensing.vendors import Vendor, ask, vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


@pytest.fixture
def operator(lumen: Vendor) -> Client:
    return signed_in(lumen.house, "vendor_ops")


def issue(lumen: Vendor, operator: Client, **changes: Any) -> Any:
    """A licence of a type for two domains and one department."""
    of_type = {
        "code": "cad",
        "name": "CAD",
        "product": str(lumen.product.id),
        "model": "perpetual",
        "domains": ["b.example", "a.example", "a.example"],
        "departments": ["field service"],
    }
    kind = operator.post("/api/v1/license-types/", of_type, content_type="application/json").json()
    body = {"license_type": kind["id"], "licensee": str(lumen.customer.id), **changes}
    return operator.post("/api/v1/licenses/", body, content_type="application/json")


def test_a_licences_own_places_go_before_those_of_its_type(lumen: Vendor, operator: Client) -> None:
    """Sorted and each once; null leaves the type's, an empty list is a limit that nothing passes."""
    made = issue(lumen, operator, domains=[])
    assert made.status_code == 201, made.content
    with lumen.house.reading():
        facts = facts_of(License.objects.select_related(*RELATED).get())
    assert (facts.domains, facts.departments) == (frozenset(), frozenset({"field service"}))
    query = "query Q($id: ID!) { license(id: $id) { domains departments licenseType { domains } } }"
    row = data(operator, query, id=made.json()["id"])["license"]
    assert row == {"domains": [], "departments": None, "licenseType": {"domains": ["a.example", "b.example"]}}
    page = operator.get(f"/admin/licensing/license/{made.json()['id']}/change/").content.decode()
    assert "field service" in page


@pytest.mark.requirement("REQ-158")
@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ({"country": "NO", "department": "Field Service"}, "VALID"),
        ({"country": "DE", "department": "field service"}, "COUNTRY_DENIED"),
        ({"country": "NO", "department": "sales"}, "DEPARTMENT_DENIED"),
    ],
)
def test_a_site_licence_ends_at_its_boundary(lumen: Vendor, scope: dict[str, str], code: str) -> None:
    """Thirty people on thirty machines under one unit: all are told the same, and outside the reason is named."""
    site = Conditions(territories=("NO",), departments=("field service",))
    key = lumen.key(lumen.license(lumen.license_type("site", conditions=site)))
    for number in range(30):
        answer = ask(key, scope={**scope, "user": f"user-{number}", "fingerprint": f"machine-{number}"}).json()
        assert (answer["code"], answer["findings"]) == (code, [] if code == "VALID" else [code])


@pytest.mark.parametrize(
    "changes",
    [
        {"domains": ["Example.org"]},
        {"domains": ["exa mple.org"]},
        {"domains": [".org"]},
        {"domains": ["a" * 254]},
        {"domains": "example.org"},
        {"departments": ["Engineering"]},
        {"departments": [""]},
        {"departments": ["x" * 201]},
        {"departments": ["x"] * 251},
    ],
)
def test_bad_places_are_refused(lumen: Vendor, operator: Client, changes: dict[str, Any]) -> None:
    """400, and no licence."""
    assert issue(lumen, operator, **changes).status_code == 400
    with lumen.house.reading():
        assert not License.objects.exists()


def test_the_form_takes_names_in_any_case(lumen: Vendor, operator: Client) -> None:
    """Commas between them; the next version of the type begins with what stands."""
    typed = {
        "code": "cad-net",
        "name": "CAD",
        "product": str(lumen.product.id),
        "model": "perpetual",
        "duration_months": "0",
        "duration_days": "0",
        "grace_days": "0",
        "notice_days": "30",
        "expiry_basis": "creation",
        "expiry_strategy": "restrict",
        "domains": "Example.org, b.example",
        "departments": "Field Service",
        "trial_once": "none",
        "renewal_basis": "from_expiry",
        "dunning_restrict_days": "7",
        "dunning_suspend_days": "14",
    }
    made = operator.post("/admin/licensing/licensetype/add/", typed)
    assert made.status_code == 302, made.content
    again = operator.get(made["Location"].replace("change/", "version/")).content.decode()
    assert "b.example, example.org" in again
    assert "field service" in again
