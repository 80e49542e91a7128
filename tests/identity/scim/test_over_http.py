"""The journeys of Entra ID and Okta over HTTP, against gunicorn on PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from audit.models import Event
from identity.models import GroupMember, Person
from identity.operations.provisioning import create_scim_token
from tests.factories.tenants import Tenant, tenant
from tests.identity.scim.service import ENTERPRISE, GROUP, PATCH, USER
from tests.plugins.servers import GunicornProcess

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def one(gunicorn: list[GunicornProcess]) -> Tenant:
    return tenant(name="Halden Energy")


@pytest.fixture(scope="module")
def clients(gunicorn: list[GunicornProcess], one: Tenant) -> Iterator[list[httpx.Client]]:
    """One client at each of two processes, with the same token."""
    with one.writing() as trail:
        token = create_scim_token(name="Directory", trail=trail).token
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
    opened = [httpx.Client(base_url=f"{server.url}/scim/v2/", headers=headers, timeout=60) for server in gunicorn]
    yield opened
    for client in opened:
        client.close()


def patch(client: httpx.Client, path: str, *operations: dict[str, Any]) -> httpx.Response:
    return client.patch(path, json={"schemas": [PATCH], "Operations": list(operations)})


def new(client: httpx.Client, user_name: str, **more: Any) -> dict[str, Any]:
    answer = client.post("Users", json={"schemas": [USER], "userName": user_name, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_cycle_of_entra(clients: list[httpx.Client]):
    """Test the connection, create, match, change, group, disable, enable, delete: as the provisioning cycle goes."""
    entra = clients[0]
    asked = {"filter": f'userName eq "{uuid4()}"'}
    assert entra.get("Users", params=asked).json()["totalResults"] == 0
    boss = new(entra, "boss@halden.local")
    made = new(
        entra, "Lennay@halden.local", externalId="0a21", active=True, emails=[{"type": "work", "value": "l@h.local"}]
    )
    found = entra.get("Users", params={"filter": 'userName eq "lennay@HALDEN.local"', "aadOptscim062020": ""}).json()
    assert [row["id"] for row in found["Resources"]] == [made["id"]]
    answer = patch(
        entra,
        f"Users/{made['id']}",
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "lennay@halden.local"},
        {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": boss["id"]},
    )
    assert answer.json()["emails"][0]["value"] == "lennay@halden.local"
    assert answer.json()[ENTERPRISE]["manager"]["value"] == boss["id"]
    group = entra.post("Groups", json={"schemas": [GROUP], "displayName": "Grid"}).json()["id"]
    add = {"op": "Add", "path": "members", "value": [{"$ref": None, "value": made["id"]}]}
    assert patch(entra, f"Groups/{group}", add).status_code == 204
    member = {"filter": f'id eq "{group}" and members eq "{made["id"]}"', "excludedAttributes": "members"}
    assert entra.get("Groups", params=member).json()["totalResults"] == 1
    off = {"op": "Replace", "path": "active", "value": "False"}
    assert patch(entra, f"Users/{made['id']}", off).json()["active"] is False
    assert patch(entra, f"Users/{made['id']}", {**off, "value": "True"}).json()["active"] is True
    assert entra.delete(f"Users/{made['id']}").status_code == 204
    gone = entra.get(f"Users/{made['id']}")
    assert (gone.status_code, gone.json()["status"]) == (404, "404")
    assert entra.get("Groups", params=member).json()["totalResults"] == 0


def test_a_cycle_of_okta(clients: list[httpx.Client]):
    """Look for the user, create, duplicate, PUT, deactivate, push a group, wrong token."""
    okta = clients[1]
    profile = {
        "schemas": [USER],
        "userName": "test.user@okta.local",
        "name": {"givenName": "Test", "familyName": "User"},
        "displayName": "Test User",
        "password": "1mz050nq",
        "active": True,
    }
    listed = okta.get("Users", params={"filter": 'userName eq "test.user@okta.local"', "startIndex": 1, "count": 100})
    assert listed.json()["Resources"] == []
    made = okta.post("Users", json=profile).json()
    twice = okta.post("Users", json={**profile, "userName": "TEST.user@okta.local"})
    assert (twice.status_code, twice.json()["scimType"]) == (409, "uniqueness")
    changed = okta.put(f"Users/{made['id']}", json={**profile, "id": made["id"], "displayName": "Renamed"})
    assert (changed.status_code, changed.json()["displayName"]) == (200, "Renamed")
    assert changed.headers["etag"] == 'W/"2"'
    assert patch(okta, f"Users/{made['id']}", {"op": "replace", "value": {"active": False}}).json()["active"] is False
    group = okta.post("Groups", json={"schemas": [GROUP], "displayName": "Pushed"}).json()["id"]
    operations = (
        {"op": "replace", "value": {"id": group, "displayName": "Pushed again"}},
        {"op": "add", "path": "members", "value": [{"value": made["id"]}]},
    )
    assert patch(okta, f"Groups/{group}", *operations).status_code == 204
    assert okta.get(f"Groups/{group}").json()["displayName"] == "Pushed again"
    wrong = okta.get("Users", headers={"Authorization": "Bearer slscim_wrong"})
    assert (wrong.status_code, wrong.json()["status"]) == (401, "401")
    assert wrong.headers["content-type"] == "application/scim+json"


def test_two_processes_create_the_same_person(clients: list[httpx.Client], one: Tenant):
    """Of many attempts at one moment exactly one is created; all others are told so, and no answer is an error."""
    with ThreadPoolExecutor(8) as threads:
        body = {"schemas": [USER], "userName": "race@halden.local"}
        answers = list(threads.map(lambda n: clients[n % 2].post("Users", json=body).status_code, range(16)))
    assert sorted(answers) == [201] + [409] * 15
    with one.reading():
        assert Person.objects.filter(user_name_lower="race@halden.local").count() == 1


def test_members_join_from_both_sides_at_once(clients: list[httpx.Client], one: Tenant):
    """Changes of one group by two processes are all kept: the row lock puts them in a line."""
    people = [new(clients[0], f"both{n}@halden.local")["id"] for n in range(16)]
    group = clients[0].post("Groups", json={"schemas": [GROUP], "displayName": "Both"}).json()["id"]

    def join(n: int) -> int:
        add = {"op": "add", "path": "members", "value": [{"value": people[n]}, {"value": people[0]}]}
        return patch(clients[n % 2], f"Groups/{group}", add).status_code

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(join, range(16))) == {204}
    with one.reading():
        assert GroupMember.objects.filter(group_id=group).count() == 16
        told = Event.objects.filter(kind="group.members_added", subject_id=group).count()
    # The first person is in every request and joins once: whoever comes second adds one, and nobody adds nothing but
    # the request of the first person alone, unless it is the first to come.
    assert told in {15, 16}
