"""The vendor's REST resources, each by the same list: works, anonymous, wrong role, other organisation, bad input,
number of queries."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from licensing.armour import read_armour
from licensing.models import License, LicenseKey
from licensing.rules.key_format import normalise
from licensing.signing import TokenKind
from tests.factories.tenants import signed_in
from tests.licensing.vendors import Vendor, vendor, verified

pytestmark = pytest.mark.django_db
RESOURCES = ("license-types", "licenses", "license-keys", "certificates", "license-renewals")
UNKNOWN = "01900000-0000-7000-8000-000000000000"


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


@pytest.fixture
def operator(lumen: Vendor) -> Client:
    return signed_in(lumen.house, "vendor_ops")


def post(browser: Client, path: str, body: Any = None, **headers: str) -> Any:
    return browser.post(f"/api/v1/{path}/", body or {}, content_type="application/json", headers=headers)


def type_body(lumen: Vendor, **changes: Any) -> dict[str, Any]:
    return {
        "code": "cad-yearly",
        "name": "CAD, a year",
        "product": str(lumen.product.id),
        "model": "subscription",
        "duration_months": 12,
        "features": [{"code": "render", "ends_at": "2030-01-01T00:00:00Z"}],
        "limits": {"projects": 5},
        "territories": ["NO"],
        "version_range": ">=2 <3",
        **changes,
    }


def issued(lumen: Vendor, browser: Client) -> dict[str, str]:
    """One row of each resource, by its id."""
    license = lumen.license()
    return {
        "license-types": str(license.license_type_id),
        "licenses": str(license.id),
        "license-keys": post(browser, f"licenses/{license.id}/keys").json()["id"],
        "certificates": post(browser, f"licenses/{license.id}/certificates").json()["id"],
        "license-renewals": _recorded(browser, license),
    }


def _recorded(browser: Client, license: License) -> str:
    """A renewal that waits for its confirmation."""
    asked = post(browser, f"licenses/{license.id}/renew", {"reason": "ordered", "confirmed": False})
    assert asked.status_code == 200, asked.content
    found = browser.get("/api/v1/license-renewals/", {"license": str(license.id)}).json()["results"]
    return str(found[0]["id"])


def test_the_journey_from_type_to_certificate(lumen: Vendor, operator: Client) -> None:
    """A type, a licence, a key and a certificate, each 201 with its ledger entry; key and file verify."""
    kind = post(operator, "license-types", type_body(lumen))
    assert kind.status_code == 201, kind.content
    assert int(kind["Ledger-Entry"]) > 0
    license = post(
        operator, "licenses", {"license_type": kind.json()["id"], "licensee": str(lumen.customer.id), "quantity": 3}
    )
    assert license.status_code == 201, license.content
    assert (license.json()["status"], license.json()["quantity"]) == ("active", 3)
    path = f"licenses/{license.json()['id']}"
    key = post(operator, f"{path}/keys")
    assert key.status_code == 201
    assert key["Cache-Control"] == "no-store"
    assert normalise(key.json()["key"]).startswith(key.json()["prefix"])
    certificate = post(operator, f"{path}/certificates")
    assert certificate.status_code == 201, certificate.content
    token = read_armour(certificate.json()["file"])
    assert token == certificate.json()["token"]
    claims = verified(token, kind=TokenKind.LICENSE, slug="lumen", iss="lumen", aud="lumen-cad").claims
    assert (claims["sub"], claims["seq"], claims["limits"]) == (license.json()["id"], 1, {"projects": 5})


def test_a_changed_type_is_a_new_version(lumen: Vendor, operator: Client) -> None:
    """The version before is closed to new licences, and a second change of it is refused."""
    first = post(operator, "license-types", type_body(lumen)).json()
    body = {"name": "CAD, two years", "model": "subscription", "duration_months": 24}
    second = post(operator, f"license-types/{first['id']}/versions", body)
    assert second.status_code == 201, second.content
    assert (second.json()["version"], second.json()["code"]) == (2, "cad-yearly")
    again = post(operator, f"license-types/{first['id']}/versions", body)
    assert (again.status_code, again.json()["code"]) == (409, "LICENSE_TYPE_SUPERSEDED")
    late = post(operator, "licenses", {"license_type": first["id"], "licensee": str(lumen.customer.id)})
    assert (late.status_code, late.json()["code"]) == (409, "LICENSE_TYPE_SUPERSEDED")
    twice = post(operator, "license-types", type_body(lumen))
    assert (twice.status_code, twice.json()["code"]) == (409, "LICENSE_TYPE_EXISTS")


def test_suspend_reinstate(lumen: Vendor, operator: Client) -> None:
    """Each step with a reason, from the state that it starts from and from no other."""
    path = f"licenses/{lumen.license().id}"
    steps = [("suspend", "suspended"), ("reinstate", "active")]
    for step, state in steps:
        answer = post(operator, f"{path}/{step}", {"reason": "as agreed"})
        assert (answer.status_code, answer.json()["status"]) == (200, state)
    for step in ("reinstate", "resume", "keep", "settle", "activate", "convert"):
        answer = post(operator, f"{path}/{step}", {"reason": "once more"})
        assert (answer.status_code, answer.json()["code"]) == (409, "LICENSE_STATUS_CONFLICT")


def test_a_key_is_shown_once_even_to_who_asks_again(lumen: Vendor, operator: Client) -> None:
    """A replay under the same Idempotency-Key draws no second key and gives null for the first."""
    license = lumen.license()
    path = f"licenses/{license.id}/keys"
    first, again = (post(operator, path, **{"Idempotency-Key": "k-1"}) for _ in range(2))
    assert first.json()["key"]
    assert (again.json()["id"], again.json()["key"]) == (first.json()["id"], None)
    assert again.json()["code"] == "SECRET_ALREADY_SHOWN"
    with lumen.house.reading():
        assert LicenseKey.objects.filter(license=license).count() == 1


def test_keys_are_listed_by_prefix_and_revoked_once(lumen: Vendor, operator: Client) -> None:
    """No list shows more of a key than its first six symbols."""
    ids = issued(lumen, operator)
    (row,) = operator.get("/api/v1/license-keys/").json()["results"]
    assert set(row) == {"id", "license", "prefix", "issued_at", "revoked_at"}
    assert len(row["prefix"]) == 6
    assert post(operator, f"license-keys/{ids['license-keys']}/revoke").json()["revoked_at"]
    again = post(operator, f"license-keys/{ids['license-keys']}/revoke")
    assert (again.status_code, again.json()["code"]) == (409, "LICENSE_KEY_REVOKED")


@pytest.mark.parametrize("resource", RESOURCES)
def test_each_resource_by_the_list(lumen: Vendor, operator: Client, resource: str) -> None:
    """Read by the operator; 401 for visitors, 403 without the permission, 404 for another organisation and alike."""
    row = issued(lumen, operator)[resource]
    assert operator.get(f"/api/v1/{resource}/").json()["results"]
    assert operator.get(f"/api/v1/{resource}/{row}/").json()["id"] == row
    visitor = Client(HTTP_HOST="127.0.0.1")
    member, stranger = signed_in(lumen.house, "member"), signed_in(vendor().house, "vendor_ops")
    for path in (f"/api/v1/{resource}/", f"/api/v1/{resource}/{row}/"):
        assert visitor.get(path).status_code == 401
        assert member.get(path).status_code == 403
    theirs, nobodys = (stranger.get(f"/api/v1/{resource}/{one}/") for one in (row, UNKNOWN))
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content
    assert stranger.get(f"/api/v1/{resource}/").json()["results"] == []


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_list_costs_the_same_queries_however_long(lumen: Vendor, operator: Client, resource: str) -> None:
    """One row or four: the same number, and a small one."""
    counts = []
    issued(lumen, operator)
    for more in (0, 3):
        for number in range(more):
            license = lumen.license(lumen.license_type(code=f"type-{number}"))
            post(operator, f"licenses/{license.id}/keys")
            post(operator, f"licenses/{license.id}/certificates")
            _recorded(operator, license)
        with CaptureQueriesContext(connection) as queries:
            assert len(operator.get(f"/api/v1/{resource}/").json()["results"]) == 1 + more
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10


WRITES = (
    "license-types",
    "license-types/{license-types}/versions",
    "licenses",
    "licenses/{licenses}/activate",
    "licenses/{licenses}/suspend",
    "licenses/{licenses}/reinstate",
    "licenses/{licenses}/pause",
    "licenses/{licenses}/resume",
    "licenses/{licenses}/cancel",
    "licenses/{licenses}/keep",
    "licenses/{licenses}/renew",
    "licenses/{licenses}/convert",
    "licenses/{licenses}/quote",
    "licenses/{licenses}/quantity",
    "licenses/{licenses}/past-due",
    "licenses/{licenses}/settle",
    "licenses/{licenses}/revoke",
    "licenses/{licenses}/transfer",
    "license-renewals/{license-renewals}/confirm",
    "license-renewals/{license-renewals}/withdraw",
    "licenses/{licenses}/keys",
    "licenses/{licenses}/certificates",
    "license-keys/{license-keys}/revoke",
)


@pytest.mark.parametrize("path", WRITES)
def test_writes_by_the_list(lumen: Vendor, operator: Client, path: str) -> None:
    """401 for visitors, 403 for who may only look, 404 with another organisation's id; nothing is written."""
    path = path.format(**issued(lumen, operator))
    assert post(Client(HTTP_HOST="127.0.0.1"), path).status_code == 401
    refused = post(signed_in(lumen.house, "support"), path, {"reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "PERMISSION_DENIED")
    if "/" in path:
        body = {"reason": "x", "name": "x", "model": "perpetual", "quantity": 2, "licensee": UNKNOWN}
        assert post(signed_in(vendor().house, "vendor_ops"), path, body).status_code == 404
    with lumen.house.reading():
        assert License.objects.get().status == "active"


BAD_TYPES: dict[str, tuple[dict[str, Any], str]] = {
    "no term": ({"duration_months": 0}, "LICENSE_TYPE_INVALID"),
    "perpetual with a term": ({"model": "perpetual"}, "LICENSE_TYPE_INVALID"),
    "model": ({"model": "eternal"}, "INVALID_INPUT"),
    "code": ({"code": "CAD Yearly"}, "LICENSE_TYPE_INVALID"),
    "NUL": ({"name": "CAD\0"}, "INVALID_INPUT"),
    "negative grace": ({"grace_days": -1}, "INVALID_INPUT"),
    "endless term": ({"duration_months": 10**6}, "LICENSE_TYPE_INVALID"),
    "number beyond the column": ({"duration_days": 10**30}, "INVALID_INPUT"),
    "version range": ({"version_range": "newest"}, "LICENSE_CONDITIONS_INVALID"),
    "territory": ({"territories": ["no"]}, "LICENSE_CONDITIONS_INVALID"),
    "limit": ({"limits": {"projects": -1}}, "INVALID_INPUT"),
    "limit code": ({"limits": {"Big Projects": 1}}, "LICENSE_CONDITIONS_INVALID"),
    "limit beyond whole numbers": ({"limits": {"projects": 2**53}}, "LICENSE_CONDITIONS_INVALID"),
    "feature": ({"features": [{"code": "Render 3D"}]}, "LICENSE_CONDITIONS_INVALID"),
    "feature that ends first": (
        {"features": [{"code": "a", "starts_at": "2027-01-01T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"}]},
        "INVALID_INPUT",
    ),
    "product of nobody": ({"product": UNKNOWN}, "INVALID_INPUT"),
    "converts, but is no trial": ({"converts_to": "itself"}, "INVALID_INPUT"),
}


@pytest.mark.parametrize("name", BAD_TYPES)
def test_bad_licence_types_are_refused(lumen: Vendor, operator: Client, name: str) -> None:
    """400 with a code, and no row."""
    changes, code = BAD_TYPES[name]
    answer = post(operator, "license-types", type_body(lumen, **changes))
    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.content
    assert operator.get("/api/v1/license-types/").json()["results"] == []


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"quantity": 0}, 400, "INVALID_INPUT"),
        ({"quantity": "many"}, 400, "INVALID_INPUT"),
        ({"licensee": UNKNOWN}, 400, "INVALID_INPUT"),
        ({"valid_from": "9999-12-31T00:00:00Z"}, 400, "LICENSE_INVALID"),
        ({"territories": ["??"]}, 400, "LICENSE_CONDITIONS_INVALID"),
    ],
)
def test_bad_licences_are_refused(lumen: Vendor, operator: Client, changes: Any, status: int, code: str) -> None:
    """400 with a code, and no licence."""
    body = {"license_type": str(lumen.license_type().id), "licensee": str(lumen.customer.id), **changes}
    answer = post(operator, "licenses", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert operator.get("/api/v1/licenses/").json()["results"] == []


@pytest.mark.parametrize("reason", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 501}, {"reason": "a\0b"}])
def test_a_reason_is_needed(lumen: Vendor, operator: Client, reason: dict[str, str]) -> None:
    """400, and the licence stays active."""
    license = lumen.license()
    assert post(operator, f"licenses/{license.id}/suspend", reason).status_code == 400
    with lumen.house.reading():
        assert License.objects.get(id=license.id).status == "active"
