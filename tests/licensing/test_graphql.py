"""GraphQL of catalogue, rights and licences: what they show and to whom, and the two mutations of licences."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from licensing.models import License
from tests.factories import licensing
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.graphs import NOBODY, ask, codes, data, response
from tests.licensing.vendors import Vendor, vendor
from tests.seats.books import kinds

pytestmark = pytest.mark.django_db
REASON = "Unpaid since March"
SUSPEND = "mutation M($input: SuspendLicenseInput!) { suspendLicense(input: $input) { id status suspendedAt } }"
REINSTATE = "mutation M($input: ReinstateLicenseInput!) { reinstateLicense(input: $input) { id status suspendedAt } }"


@pytest.fixture
def house() -> Tenant:
    return tenant()


@pytest.fixture
def lumen() -> Vendor:
    return vendor()


def status_of(lumen: Vendor, license: License) -> str:
    with lumen.house.reading():
        return str(License.objects.get(id=license.id).status)


def test_the_catalogue_is_a_tree(house: Tenant) -> None:
    """Publisher, products, editions, and back from each to what it belongs to."""
    with house.writing():
        product = licensing.product(house.organization, name="CAD", code="cad")
        licensing.edition(product, name="Professional")
    query = """{ products(filter: { name: "cad" }) { nodes {
        name code publisher { name products { nodes { name } } } editions { nodes { name product { code } } }
    } } }"""
    [row] = data(signed_in(house, "support"), query)["products"]["nodes"]
    assert row["publisher"]["products"]["nodes"] == [{"name": "CAD"}]
    assert row["editions"]["nodes"] == [{"name": "Professional", "product": {"code": "cad"}}]


def test_rights_are_counted_and_narrowed(house: Tenant) -> None:
    """`rights` are quantity times rights per unit, null when unlimited; filters are those of REST."""
    with house.writing():
        counted = licensing.entitlement(house.organization, quantity=10, rights_per_unit=5)
        licensing.entitlement(house.organization, unlimited=True, quantity=None, state="draft")
    reader = signed_in(house, "it_admin")
    query = "query Q($f: EntitlementFilter) { entitlements(filter: $f) { nodes { rights unlimited product { id } } } }"
    assert [row["rights"] for row in data(reader, query)["entitlements"]["nodes"]] == [None, 50]
    product = {"product": str(counted.product_id)}
    for narrowed in ({"state": "active"}, product, {**product, "state": "active"}):
        assert [row["rights"] for row in data(reader, query, f=narrowed)["entitlements"]["nodes"]] == [50]
    assert data(reader, query, f={"product": NOBODY})["entitlements"]["nodes"] == []


def test_money_is_for_those_who_may_see_it(house: Tenant) -> None:
    """Finance sees what a right cost; IT sees the right, null for the price, and which permission is missing."""
    with house.writing():
        line = licensing.purchase_line(licensing.purchase(house.organization))
        licensing.entitlement(house.organization, purchase_line=line)
    query = "{ entitlements { nodes { number purchaseLine { unitPrice lineTotal purchase { currency } } } } }"
    [row] = data(signed_in(house, "finance"), query)["entitlements"]["nodes"]
    assert row["purchaseLine"] == {"unitPrice": "12.5000", "lineTotal": "125.00", "purchase": {"currency": "EUR"}}
    body = ask(signed_in(house, "it_admin"), query)
    [row] = body["data"]["entitlements"]["nodes"]
    assert (row["purchaseLine"], bool(row["number"])) == (None, True)
    assert codes(body) == ["PERMISSION_DENIED"]
    assert body["errors"][0]["extensions"]["permission"] == "licensing.money.view"


def test_what_nobody_may_see_is_not_read(house: Tenant) -> None:
    """The refused relation costs no statement: rows of money do not even come into the process."""
    with house.writing():
        line = licensing.purchase_line(licensing.purchase(house.organization))
        licensing.entitlement(house.organization, purchase_line=line)
    reader = signed_in(house, "it_admin")
    with CaptureQueriesContext(connection) as queries:
        ask(reader, "{ entitlements { nodes { purchaseLine { unitPrice } } } }")
    assert not [one for one in queries if "licensing_purchase_line" in one["sql"].split("FROM")[-1].split("WHERE")[0]]


def test_a_licence_shows_its_terms_and_no_key(lumen: Vendor) -> None:
    """Features and limits are lists with codes; the schema has no way to a key."""
    license = lumen.license()
    query = """query Q($id: ID!) { license(id: $id) {
        number status model quantity features { code startsAt } limits { code most } territories
        licensee { name } product { code } licenseType { code version licenses { nodes { id } } }
    } }"""
    row = data(signed_in(lumen.house, "support"), query, id=str(license.id))["license"]
    assert (row["number"], row["status"], row["licensee"]) == (license.number, "active", {"name": "Fjord Design"})
    assert row["licenseType"]["licenses"]["nodes"] == [{"id": str(license.id)}]
    assert codes(ask(signed_in(lumen.house, "vendor_ops"), "{ licenses { nodes { keys { prefix } } } }")) == [
        "QUERY_INVALID"
    ]


def test_licence_types_show_features_and_limits(house: Tenant) -> None:
    """Each with its code; what begins and ends with the licence says so by null, and limits may be of any size."""
    features = [{"code": "render", "starts_at": "2026-01-01T00:00:00Z"}, {"code": "export"}]
    with house.writing():
        licensing.license_type(licensing.product(house.organization), features=features, limits={"b": 2**40, "a": 1})
    query = "{ licenseTypes { nodes { features { code startsAt endsAt } limits { code most } } } }"
    [row] = data(signed_in(house, "support"), query)["licenseTypes"]["nodes"]
    assert row["features"] == [
        {"code": "render", "startsAt": "2026-01-01T00:00:00Z", "endsAt": None},
        {"code": "export", "startsAt": None, "endsAt": None},
    ]
    assert row["limits"] == [{"code": "a", "most": 1}, {"code": "b", "most": 2**40}]


def test_a_licence_is_suspended_and_reinstated(lumen: Vendor) -> None:
    """One entry each, the object back; what is not in the right state is refused."""
    license = lumen.license()
    browser, given = signed_in(lumen.house, "vendor_ops"), {"id": str(license.id), "reason": REASON}
    row = data(browser, SUSPEND, input=given)["suspendLicense"]
    assert (row["status"], row["suspendedAt"] is not None) == ("suspended", True)
    again = ask(browser, SUSPEND, input=given)
    assert (again["data"], codes(again)) == ({"suspendLicense": None}, ["LICENSE_STATUS_CONFLICT"])
    assert data(browser, REINSTATE, input=given)["reinstateLicense"] == {
        "id": str(license.id),
        "status": "active",
        "suspendedAt": None,
    }
    assert kinds(lumen.house, "license.")[-2:] == ["license.suspended", "license.reinstated"]


MUTATIONS = (SUSPEND, REINSTATE)


@pytest.mark.parametrize("mutation", MUTATIONS)
@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_reason_is_needed(lumen: Vendor, mutation: str, reason: str) -> None:
    """The code of all interfaces, at the member of the input."""
    license = lumen.license()
    body = ask(signed_in(lumen.house, "vendor_ops"), mutation, input={"id": str(license.id), "reason": reason})
    assert codes(body) == ["LICENSE_REASON_REQUIRED"]
    assert body["errors"][0]["extensions"]["pointer"] == "/input/reason"
    assert status_of(lumen, license) == "active"


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_visitors_are_asked_to_sign_in(mutation: str) -> None:
    """401 with a stable code."""
    answer = response(Client(HTTP_HOST="127.0.0.1"), mutation, input={"id": NOBODY, "reason": REASON})
    assert (answer.status_code, codes(answer.json())) == (401, ["SIGN_IN_REQUIRED"])


@pytest.mark.parametrize("mutation", MUTATIONS)
@pytest.mark.parametrize("role", ["support", "auditor", "it_admin"])
def test_only_vendor_operations_decide_about_licences(lumen: Vendor, mutation: str, role: str) -> None:
    """Whoever sees licences does not thereby change them."""
    license = lumen.license()
    body = ask(signed_in(lumen.house, role), mutation, input={"id": str(license.id), "reason": REASON})
    assert codes(body) == ["PERMISSION_DENIED"]
    assert status_of(lumen, license) == "active"


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_another_vendors_licence_does_not_exist(lumen: Vendor, mutation: str) -> None:
    """NOT_FOUND, the same as for an id that nobody has; INVALID_INPUT for what is no id."""
    other = vendor()
    license = other.license()
    browser = signed_in(lumen.house, "vendor_ops")
    foreign = ask(browser, mutation, input={"id": str(license.id), "reason": REASON})
    assert codes(foreign) == ["NOT_FOUND"]
    assert foreign == ask(browser, mutation, input={"id": NOBODY, "reason": REASON})
    assert codes(ask(browser, mutation, input={"id": "L-1", "reason": REASON})) == ["INVALID_INPUT"]
    assert status_of(other, license) == "active"


def test_a_mutation_costs_the_same_among_many_licences(lumen: Vendor) -> None:
    """Suspending and reinstating read no more when there are more licences."""
    kind = lumen.license_type()
    license = lumen.license(kind)
    browser = signed_in(lumen.house, "vendor_ops")
    counts: list[int] = []
    given: dict[str, Any] = {"id": str(license.id), "reason": REASON}
    for more in (0, 20):
        for _license in range(more):
            lumen.license(kind)
        with CaptureQueriesContext(connection) as queries:
            data(browser, SUSPEND, input=given)
            data(browser, REINSTATE, input=given)
        counts.append(len(queries))
    assert counts[0] == counts[1]
