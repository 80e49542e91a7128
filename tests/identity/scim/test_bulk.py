"""/Bulk: one trail and one status per operation, references between operations, and where it stops."""

from typing import Any

import pytest

from audit.models import Event
from identity.models import Person, ProvisioningEntry
from tests.identity.scim.service import BULK, ENTERPRISE, GROUP, PATCH, USER, Service, service

pytestmark = pytest.mark.django_db


@pytest.fixture
def one() -> Service:
    return service()


def new(bulk_id: str, user_name: str = "", more: Any = None) -> dict[str, Any]:
    data = {"schemas": [USER], "userName": user_name or bulk_id, **(more or {})}
    return {"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data}


def send(one: Service, *operations: Any, **more: Any) -> list[dict[str, Any]]:
    answer = one.post("Bulk", {"schemas": [BULK], "Operations": list(operations), **more})
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["Operations"]
    return found


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [result["status"] for result in results]


def test_every_operation_has_its_own_outcome(one: Service):
    """One refusal leaves the others done; each has a status as text, locations, and versions."""
    results = send(one, new("a"), new("b", "a"), new("c"))
    assert statuses(results) == ["201", "409", "201"]
    assert results[0]["location"].endswith(one.get('Users?filter=userName eq "a"').json()["Resources"][0]["id"])
    assert results[0]["version"] == 'W/"1"'
    assert results[1]["response"]["scimType"] == "uniqueness"
    assert "location" not in results[1]
    with one.tenant.reading():
        assert Event.objects.filter(kind="person.created").count() == 2
        assert sorted(ProvisioningEntry.objects.values_list("outcome", flat=True)) == ["done", "done", "refused"]


def test_all_methods(one: Service):
    """PUT, PATCH and DELETE work as they do alone, with versions as preconditions."""
    kept, gone = one.user("kept")["id"], one.user("gone")["id"]
    patch = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "title", "value": "Chief"}]}
    results = send(
        one,
        {"method": "PATCH", "path": f"/Users/{kept}", "version": 'W/"1"', "data": patch},
        {"method": "PATCH", "path": f"/Users/{kept}", "version": 'W/"1"', "data": patch},
        {"method": "PUT", "path": f"/Users/{kept}", "data": {"schemas": [USER], "userName": "renamed"}},
        {"method": "DELETE", "path": f"/Users/{gone}"},
        {"method": "DELETE", "path": f"/Users/{gone}"},
    )
    assert statuses(results) == ["200", "412", "200", "204", "404"]
    assert one.get(f"Users/{kept}").json()["userName"] == "renamed"


def test_references_backwards_and_forwards(one: Service):
    """A group names people by bulkId, before and after they are created; a manager too, and a path."""
    group = {
        "method": "POST",
        "path": "/Groups",
        "bulkId": "g",
        "data": {"schemas": [GROUP], "displayName": "Team", "members": [{"value": "bulkId:a"}, {"value": "bulkId:b"}]},
    }
    title = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "title", "value": "Chief"}]}
    results = send(
        one,
        new("a"),
        group,
        {"method": "PATCH", "path": "/Users/bulkId:b", "data": title},
        new("b", more={ENTERPRISE: {"manager": {"value": "bulkId:a"}}}),
    )
    assert statuses(results) == ["201", "201", "200", "201"]
    people = {row["userName"]: row for row in one.get("Users").json()["Resources"]}
    assert people["b"]["title"] == "Chief"
    assert people["b"][ENTERPRISE]["manager"]["value"] == people["a"]["id"]
    members = one.get("Groups").json()["Resources"][0]["members"]
    assert {member["value"] for member in members} == {people["a"]["id"], people["b"]["id"]}


def test_circles_and_missing_references(one: Service):
    """People who wait for each other are 409; a bulkId that nobody creates, or whose creation failed, is 400."""
    circle = [
        new("a", more={ENTERPRISE: {"manager": {"value": "bulkId:b"}}}),
        new("b", more={ENTERPRISE: {"manager": {"value": "bulkId:a"}}}),
    ]
    assert statuses(send(one, *circle, new("c"))) == ["409", "409", "201"]
    missing = new("d", more={ENTERPRISE: {"manager": {"value": "bulkId:nobody"}}})
    failed = new("e", more={ENTERPRISE: {"manager": {"value": "bulkId:twice"}}})
    assert statuses(send(one, missing, new("twice", "c"), failed)) == ["400", "409", "400"]
    with one.tenant.reading():
        assert list(Person.objects.values_list("user_name", flat=True)) == ["c"]


def test_stops_after_so_many_failures(one: Service):
    """failOnErrors: what comes after the last tolerated failure is not tried and has no result."""
    one.user("taken")
    results = send(one, new("a", "taken"), new("b"), new("c", "taken"), new("d"), failOnErrors=2)
    assert statuses(results) == ["409", "201", "409"]
    assert one.get('Users?filter=userName eq "d"').json()["totalResults"] == 0


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ({"method": "POST", "path": "/Users", "data": {"schemas": [USER], "userName": "x"}}, "400"),
        ({"method": "GET", "path": "/Users"}, "400"),
        ({"method": "POST", "path": "/Schemas", "bulkId": "x", "data": {}}, "400"),
        ({"method": "POST", "path": "/Users", "bulkId": "x"}, "400"),
        ({"method": "PATCH", "path": "/Users", "data": {}}, "405"),
        ({"method": "DELETE", "path": "/Users/no-id"}, "404"),
    ],
)
def test_bad_operations(one: Service, operation: dict[str, Any], status: str):
    """What is wrong with one operation is its own result."""
    assert statuses(send(one, operation)) == [status]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"Operations": []}, 400),
        ({"schemas": [BULK]}, 400),
        ({"schemas": [BULK], "Operations": [5]}, 400),
        ({"schemas": [BULK], "Operations": [{"method": 5}]}, 400),
        ({"schemas": [BULK], "Operations": [new("a")], "failOnErrors": "x"}, 400),
        ({"schemas": [BULK], "Operations": [new("a"), new("a", "b")]}, 400),
        ({"schemas": [BULK], "Operations": [new(f"u{n}") for n in range(101)]}, 413),
    ],
)
def test_bad_requests(one: Service, body: dict[str, Any], status: int):
    """A request that is no BulkRequest, or has more than 100 operations, is refused as a whole."""
    answer = one.post("Bulk", body)
    assert answer.status_code == status, answer.content
    with one.tenant.reading():
        assert not Person.objects.exists()
