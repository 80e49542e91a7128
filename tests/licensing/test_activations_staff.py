"""Activations for staff, over REST, GraphQL and admin, each by the same list; and the sweep of silent machines."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jobs.ports import bindings
from kernel.clock import FixedClock
from licensing.models import Activation, License, LicenseType
from licensing.queries.license_facts import license_behind
from licensing.rest.client_calls import key_digests
from licensing.rules.machines import FingerprintMatching, HeartbeatRule, Resurrection
from licensing.schedules import end_lost_activations
from tests.factories import licensing
from tests.factories.tenants import signed_in
from tests.graphs import ask as ask_graph
from tests.graphs import codes, data
from tests.licensing.vendors import Vendor, ask_for, vendor
from tests.seats.books import kinds

pytestmark = pytest.mark.django_db
UNKNOWN = "01900000-0000-7000-8000-000000000000"
RELEASE = "mutation M($input: ReleaseActivationInput!) { releaseActivation(input: $input) { id releasedAt endReason } }"
RULES = {
    "fingerprint_matching": "most",
    "uniqueness_scope": "product",
    "heartbeat": "from_creation",
    "heartbeat_seconds": 120,
    "resurrection": "5_minutes",
    "virtual_machines": "denied",
    "connectivity_grace_hours": 48,
    "connectivity_fail_open": True,
    "transfers_per_year": 2,
    "overage": "percent",
    "overage_by": 20,
    "overage_until": "2030-01-01T00:00:00Z",
}


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


@pytest.fixture
def operator(lumen: Vendor) -> Client:
    return signed_in(lumen.house, "vendor_ops")


def activated(lumen: Vendor, *machines: str) -> tuple[License, list[str]]:
    """A licence on these machines, with the ids of their activations."""
    license, key = lumen.on_machines(None)
    return license, [ask_for("activate", key, one).json()["activation"]["id"] for one in machines]


def post(browser: Client, path: str, body: Any = None) -> Any:
    return browser.post(f"/api/v1/{path}/", body or {}, content_type="application/json")


def row_of(lumen: Vendor, key: str) -> Activation:
    with lumen.house.reading():
        return Activation.objects.get(id=key)


def test_rest_lists_machines_and_releases_them(lumen: Vendor, operator: Client) -> None:
    """No fingerprint is shown; a release needs a reason, has an entry, and happens once."""
    _license, [first, _second] = activated(lumen, "a", "b")
    listed = operator.get("/api/v1/activations/").json()["results"]
    assert len(listed) == 2
    assert not {"fingerprint", "scope_key", "pepper_version"} & set(listed[0])
    answer = post(operator, f"activations/{first}/release", {"reason": "laptop stolen"})
    assert (answer.status_code, answer.json()["end_reason"]) == (200, "released")
    assert int(answer["Ledger-Entry"]) > 0
    again = post(operator, f"activations/{first}/release", {"reason": "laptop stolen"})
    assert (again.status_code, again.json()["code"]) == (409, "ACTIVATION_ENDED")
    for body in ({}, {"reason": ""}, {"reason": "x" * 501}):
        assert post(operator, f"activations/{first}/release", body).status_code == 400
    assert kinds(lumen.house, "activation.released") == ["activation.released"]


def test_rest_finds_a_machine_by_what_its_client_sends(lumen: Vendor, operator: Client) -> None:
    """The plain fingerprint, the licence, whether it holds a place; other words find nothing."""
    license, [first, second] = activated(lumen, "a", "b")
    post(operator, f"activations/{second}/release", {"reason": "sold"})

    def found(**query: str) -> set[str]:
        return {one["id"] for one in operator.get("/api/v1/activations/", query).json()["results"]}

    assert found(fingerprint=" a ") == found(live="true") == {first}
    assert found(fingerprint="c") == set()
    assert found(license=str(license.id)) == found(licensee=str(lumen.customer.id)) == {first, second}
    assert found(end_reason="released") == {second}


def test_rest_by_the_list(lumen: Vendor, operator: Client) -> None:
    """401 for visitors, 403 without the permission, 404 for another organisation; reading alone releases nothing."""
    _license, [key] = activated(lumen, "a")
    visitor, member = Client(HTTP_HOST="127.0.0.1"), signed_in(lumen.house, "member")
    reader, stranger = signed_in(lumen.house, "auditor"), signed_in(vendor().house, "vendor_ops")
    for path in ("/api/v1/activations/", f"/api/v1/activations/{key}/"):
        assert [one.get(path).status_code for one in (visitor, member, reader)] == [401, 403, 200]
    theirs, nobodys = (stranger.get(f"/api/v1/activations/{one}/") for one in (key, UNKNOWN))
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content
    path, body = f"activations/{key}/release", {"reason": "because"}
    assert [post(one, path, body).status_code for one in (visitor, reader, stranger)] == [401, 403, 404]
    assert post(signed_in(lumen.house, "support"), path, body).status_code == 403


def test_rest_lists_in_a_constant_number_of_queries(lumen: Vendor, operator: Client) -> None:
    """One machine or forty."""
    license, _ids = activated(lumen, "a")
    counts = []
    for more in (0, 39):
        with lumen.house.writing():
            for _ in range(more):
                licensing.activation(license)
        with CaptureQueriesContext(connection) as queries:
            assert operator.get("/api/v1/activations/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_graphql_shows_machines_and_releases_them(lumen: Vendor, operator: Client) -> None:
    """A licence with its machines; the mutation asks for its permission, a reason and an own row."""
    license, [key] = activated(lumen, "a")
    query = """query Q($id: ID!) { license(id: $id) { firstActivatedAt licenseType { heartbeat overageBy }
        activations { nodes { id endReason license { number } } } } }"""
    told = data(operator, query, id=str(license.id))["license"]
    assert told["activations"]["nodes"] == [{"id": key, "endReason": "", "license": {"number": license.number}}]
    assert told["firstActivatedAt"] is not None
    given = {"input": {"id": key, "reason": "sold"}}
    assert codes(ask_graph(signed_in(lumen.house, "auditor"), RELEASE, **given)) == ["PERMISSION_DENIED"]
    assert codes(ask_graph(signed_in(vendor().house, "vendor_ops"), RELEASE, **given)) == ["NOT_FOUND"]
    wordless = {"input": {"id": key, "reason": " "}}
    assert codes(ask_graph(operator, RELEASE, **wordless)) == ["ACTIVATION_REASON_REQUIRED"]
    released = data(operator, RELEASE, **given)["releaseActivation"]
    assert (released["endReason"], released["releasedAt"] is not None) == ("released", True)


def test_admin_shows_machines_and_releases_them(lumen: Vendor, operator: Client) -> None:
    """On the licence's page with a button, in a list of their own, and gone after a stated reason."""
    license, [key] = activated(lumen, "a")
    page, release = (
        reverse("admin:licensing_license_change", args=[license.id]),
        f"/admin/licensing/activation/{key}/release/",
    )
    assert release in operator.get(page).content.decode()
    assert key in operator.get("/admin/licensing/activation/").content.decode()
    shown = operator.get(f"/admin/licensing/activation/{key}/change/").content.decode()
    assert release in shown
    assert row_of(lumen, key).fingerprint not in shown
    assert operator.post(release, {"reason": ""}).status_code == 200
    assert row_of(lumen, key).is_live
    assert operator.post(release, {"reason": "laptop stolen"}).status_code == 302
    assert row_of(lumen, key).end_reason == "released"
    after = operator.get(page).content.decode()
    assert release not in after
    assert "laptop stolen" in after
    assert operator.post(release, {"reason": "laptop stolen"}).status_code == 409


def test_admin_by_the_list(lumen: Vendor, operator: Client) -> None:
    """Visitors sign in first, readers see and release nothing, strangers find nothing."""
    _license, [key] = activated(lumen, "a")
    release = f"/admin/licensing/activation/{key}/release/"
    assert Client(HTTP_HOST="127.0.0.1").get(release).status_code == 302
    auditor, stranger = signed_in(lumen.house, "auditor"), signed_in(vendor().house, "vendor_ops")
    assert auditor.get("/admin/licensing/activation/").status_code == 200
    assert [one.post(release, {"reason": "because"}).status_code for one in (auditor, stranger)] == [403, 404]
    assert row_of(lumen, key).is_live


def test_admin_lists_in_a_constant_number_of_queries(lumen: Vendor, operator: Client) -> None:
    """The list, and the licence's page, with one machine or forty."""
    license, _ids = activated(lumen, "a")
    paths = ("/admin/licensing/activation/", reverse("admin:licensing_license_change", args=[license.id]))
    counts = []
    for more in (0, 39):
        with lumen.house.writing():
            for _ in range(more):
                licensing.activation(license)
        for path in paths:
            with CaptureQueriesContext(connection) as queries:
                assert operator.get(path).status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:]


def test_a_type_says_what_is_demanded_of_machines(lumen: Vendor, operator: Client) -> None:
    """Over REST and by the form the same columns; the next version's form begins with them; usual values without."""
    body = {"code": "cad-node", "name": "CAD", "product": str(lumen.product.id), "model": "node_locked"}
    plain = post(operator, "license-types", body)
    assert plain.status_code == 201, plain.content
    assert (plain.json()["heartbeat"], plain.json()["heartbeat_seconds"], plain.json()["overage"]) == (
        "off",
        600,
        "none",
    )
    given = post(operator, "license-types", {**body, "code": "cad-strict", **RULES})
    assert {name: given.json()[name] for name in RULES} == RULES
    form = {**body, **RULES, "code": "cad-form", "overage_until": "2030-01-01"}
    form |= {"duration_months": 12, "duration_days": 0, "expiry_basis": "creation", "grace_days": 0, "notice_days": 30}
    form |= {
        "trial_once": "none",
        "renewal_basis": "from_expiry",
        "dunning_restrict_days": 7,
        "dunning_suspend_days": 14,
    }
    answer = operator.post("/admin/licensing/licensetype/add/", {**form, "expiry_strategy": "restrict"})
    assert answer.status_code == 302, answer.content
    with lumen.house.reading():
        row = LicenseType.objects.get(code="cad-form")
        twin = LicenseType.objects.get(code="cad-strict")
    assert [getattr(row, name) for name in RULES] == [getattr(twin, name) for name in RULES]
    next_form = operator.get(reverse("admin:licensing_licensetype_version", args=[row.id])).content.decode()
    assert '<option value="5_minutes" selected>' in next_form
    assert 'value="2030-01-01"' in next_form


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"heartbeat_seconds": 59}, ["/heartbeat_seconds"]),
        ({"heartbeat": "sometimes"}, ["/heartbeat"]),
        ({"overage": "percent"}, ["/overage_by"]),
        ({"overage_by": 3}, ["/overage_by"]),
        ({"connectivity_fail_open": True}, ["/connectivity_fail_open"]),
        ({"connectivity_grace_hours": 0}, ["/connectivity_grace_hours"]),
        ({"transfers_per_year": -1}, ["/transfers_per_year"]),
    ],
)
def test_rules_that_contradict_themselves_are_refused(
    lumen: Vendor, operator: Client, changes: dict[str, Any], pointers: list[str]
) -> None:
    """400 with the place of the mistake."""
    body = {"code": "cad-node", "name": "CAD", "product": str(lumen.product.id), "model": "node_locked", **changes}
    answer = post(operator, "license-types", body)
    assert answer.status_code == 400, answer.content
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


def test_the_facts_of_a_validation_carry_machine_and_terms(lumen: Vendor) -> None:
    """The gatherer counts live places, finds the machine by its digest, and says what the type demands."""
    license, key = lumen.on_machines(
        5, fingerprint_matching="two", heartbeat="from_first_ping", resurrection="always", virtual_machines="denied",
        connectivity_grace_hours=24, overage="absolute", overage_by=2,
    )  # fmt: skip
    for machine in ("a", "b", "c"):
        ask_for("activate", key, machine, scope={"components": {"cpu": machine}})
    ask_for("deactivate", key, "c")
    with lumen.house.reading():
        row = Activation.objects.live().filter(license=license).earliest("first_seen_at")
        known = license_behind(
            digests=key_digests(key), version=None, at=row.last_seen_at, fingerprints=["0" * 64, row.fingerprint]
        )
        other = license_behind(digests=key_digests(key), version=None, at=row.last_seen_at, fingerprints=["0" * 64])
    assert known is not None
    assert other is not None
    facts = known.facts
    assert (facts.machines.bound, facts.machines.virtual_machines_allowed) == (True, False)
    assert facts.machines.matching is FingerprintMatching.TWO
    assert facts.machines.heartbeat is HeartbeatRule.FROM_FIRST_PING
    assert facts.machines.resurrection is Resurrection.ALWAYS
    assert facts.activations is not None
    assert (facts.activations.limit, facts.activations.used, facts.activations.overage.amount) == (5, 2, 2)
    assert facts.activation == row.as_fact
    assert (facts.last_check_in_at, facts.connectivity_grace) == (row.last_seen_at, timedelta(hours=24))
    assert (other.facts.activation, other.facts.last_check_in_at) == (None, None)


def test_the_sweep_ends_what_is_lost_and_nothing_else(lumen: Vendor) -> None:
    """Exactly from the instant on at which no ping brings it back; a second sweep ends nothing; each has an entry."""
    _license, key = lumen.on_machines(None, heartbeat="from_creation", resurrection="1_minute")
    first = ask_for("activate", key, "a").json()["activation"]
    ask_for("activate", key, "b")
    other, _machines = activated(vendor("other"), "a")
    lost = datetime.fromisoformat(first["lost_at"])
    house = lumen.house.organization.id
    end_lost_activations(house, FixedClock(lost - timedelta(microseconds=1)))
    assert kinds(lumen.house, "activation.ended") == []
    for _ in range(2):
        end_lost_activations(house, FixedClock(lost))
        assert kinds(lumen.house, "activation.ended") == ["activation.ended"]
    row = row_of(lumen, first["id"])
    assert (row.released_at, row.end_reason) == (lost, "heartbeat_lost")
    assert end_lost_activations in bindings.each_minute
    assert other.organization_id != house
