"""Requests as Microsoft Entra ID sends them, from its public tutorial for SCIM endpoints, and what it expects."""

from typing import Any
from uuid import uuid4

import pytest

from identity.models import GroupMember, Person
from tests.identity.scim.service import ENTERPRISE, GROUP, USER, Service, service

pytestmark = pytest.mark.django_db
FEATURE = "aadOptscim062020"


@pytest.fixture
def entra() -> Service:
    return service(name="Entra ID")


def newcomer(entra: Service, **more: Any) -> dict[str, Any]:
    """A person as Entra creates one."""
    body = {
        "schemas": [USER, ENTERPRISE],
        "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
        "userName": "Test_User_ab6490ee",
        "active": True,
        "displayName": "lennay",
        "emails": [{"primary": True, "type": "work", "value": "lennay@corp.local"}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "Lennay Moen", "familyName": "Moen", "givenName": "Lennay"},
        "roles": [],
        **more,
    }
    answer = entra.post("Users", body)
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def test_connection(entra: Service):
    """ "Test connection" asks for a user who does not exist and expects an empty list, not an error."""
    answer = entra.get(f'Users?filter=userName eq "{uuid4()}"')
    assert answer.status_code == 200
    assert answer.json()["totalResults"] == 0
    assert answer.json()["Resources"] == []


def test_create(entra: Service):
    """201 with the id, the same attributes, and where it is."""
    made = newcomer(entra)
    assert made["userName"] == "Test_User_ab6490ee"
    assert made["emails"] == [{"value": "lennay@corp.local", "type": "work", "primary": True}]
    assert made["meta"]["resourceType"] == "User"
    assert made["meta"]["location"].endswith(f"/scim/v2/Users/{made['id']}")
    assert "roles" not in made


def test_matching_by_filter(entra: Service):
    """The match before a create: by user name in any case, by external id, by work address, with Entra's own switch."""
    made = newcomer(entra)
    for asked in (
        'userName eq "test_user_AB6490ee"',
        'externalId eq "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef"',
        'emails[type eq "work"].value eq "LENNAY@corp.local"',
        'emails[type eq "work" and value eq "lennay@corp.local"]',
    ):
        answer = entra.get(f"Users?{FEATURE}&filter={asked}")
        assert [one["id"] for one in answer.json()["Resources"]] == [made["id"]], asked


def test_duplicate(entra: Service):
    """A second create of the same user name is 409 uniqueness."""
    newcomer(entra)
    answer = entra.post("Users", {"schemas": [USER], "userName": "TEST_USER_AB6490EE"})
    assert answer.status_code == 409
    assert answer.json()["scimType"] == "uniqueness"
    assert answer.json()["status"] == "409"


def test_update_with_capitalised_operations(entra: Service):
    """ "Replace" and "Add" with paths, an address that does not exist yet, and names with dots in a value."""
    made = newcomer(entra, emails=[])
    answer = entra.patch(
        f"Users/{made['id']}",
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "updated@corp.local"},
        {"op": "Add", "path": 'addresses[type eq "work"].country', "value": "NO"},
        {"op": "Replace", "path": "name.familyName", "value": "Hansen"},
        {"op": "Add", "value": {"name.givenName": "Lena", f"{ENTERPRISE}:department": "Grid", "nickName": "Len"}},
    )
    assert answer.status_code == 200, answer.content
    changed = answer.json()
    assert changed["emails"][0]["value"] == "updated@corp.local"
    assert changed["emails"][0]["type"] == "work"
    assert changed["name"] == {"formatted": "Lennay Moen", "familyName": "Hansen", "givenName": "Lena"}
    assert changed[ENTERPRISE] == {"department": "Grid"}
    assert changed["nickName"] == "Len"


@pytest.mark.parametrize("manager", ["text", "object", "list"])
def test_manager(entra: Service, manager: str):
    """A manager comes as a bare string, as an object with `$ref: null`, or in a list of one."""
    boss, made = entra.user("boss"), newcomer(entra)
    value: Any = {
        "text": boss["id"],
        "object": {"$ref": None, "value": boss["id"]},
        "list": [{"$ref": "../Users/x", "value": boss["id"]}],
    }[manager]
    answer = entra.patch(f"Users/{made['id']}", {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": value})
    assert answer.json()[ENTERPRISE]["manager"]["value"] == boss["id"]
    answer = entra.patch(f"Users/{made['id']}", {"op": "Remove", "path": f"{ENTERPRISE}:manager"})
    assert ENTERPRISE not in answer.json()


def test_manager_in_a_create(entra: Service):
    """The same bare string in a new person."""
    boss = entra.user("boss")
    made = newcomer(entra, **{ENTERPRISE: {"manager": boss["id"], "department": "Grid"}})
    assert made[ENTERPRISE]["manager"]["value"] == boss["id"]


@pytest.mark.parametrize("value", ["False", False, "false"])
def test_disable(entra: Service, value: Any):
    """Soft deletion: active "False" as text; the person is still returned, and inactive."""
    made = newcomer(entra)
    answer = entra.patch(f"Users/{made['id']}", {"op": "Replace", "path": "active", "value": value})
    assert answer.status_code == 200
    assert answer.json()["active"] is False
    assert entra.get(f"Users/{made['id']}").json()["active"] is False
    answer = entra.patch(f"Users/{made['id']}", {"op": "Replace", "path": "active", "value": "True"})
    assert answer.json()["active"] is True


def test_delete(entra: Service):
    """Hard deletion: 204, then 404, the user name is free again, and the record stays for us."""
    made = newcomer(entra)
    assert entra.send("DELETE", f"Users/{made['id']}").status_code == 204
    gone = entra.get(f"Users/{made['id']}")
    assert gone.status_code == 404
    assert gone.json()["status"] == "404"
    assert entra.send("DELETE", f"Users/{made['id']}").status_code == 404
    again = newcomer(entra)
    assert again["id"] != made["id"]
    with entra.tenant.reading():
        assert Person.objects.get(id=made["id"]).deleted_at is not None


def test_groups(entra: Service):
    """A group without members in the answer, found by name, renamed with 204, deleted."""
    body = {
        "schemas": [GROUP],
        "externalId": "8aa1a0c0",
        "displayName": "Engineering",
        "meta": {"resourceType": "Group"},
    }
    made = entra.post("Groups", body).json()
    found = entra.get('Groups?excludedAttributes=members&filter=displayName eq "engineering"').json()
    assert [one["id"] for one in found["Resources"]] == [made["id"]]
    assert "members" not in found["Resources"][0]
    answer = entra.patch(f"Groups/{made['id']}", {"op": "Replace", "path": "displayName", "value": "Grid"})
    assert answer.status_code == 204
    assert not answer.content
    assert entra.get(f"Groups/{made['id']}?excludedAttributes=members").json()["displayName"] == "Grid"
    assert entra.send("DELETE", f"Groups/{made['id']}").status_code == 204
    assert entra.get(f"Groups/{made['id']}").status_code == 404


def test_members(entra: Service):
    """Members are added with `$ref: null`, checked by filter, and removed by value or by path."""
    people = [entra.user(f"person{n}")["id"] for n in range(3)]
    group = entra.group("Engineering")["id"]
    add = {"op": "Add", "path": "members", "value": [{"$ref": None, "value": one} for one in people]}
    assert entra.patch(f"Groups/{group}", add).status_code == 204
    assert entra.patch(f"Groups/{group}", add).status_code == 204

    def is_member(person: str) -> bool:
        asked = f'Groups?excludedAttributes=members&filter=id eq "{group}" and members eq "{person}"'
        return bool(entra.get(asked).json()["totalResults"])

    assert all(is_member(one) for one in people)
    remove = {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": people[0]}]}
    assert entra.patch(f"Groups/{group}", remove).status_code == 204
    by_path = {"op": "Remove", "path": f'members[value eq "{people[1]}"]'}
    assert entra.patch(f"Groups/{group}", by_path).status_code == 204
    assert [is_member(one) for one in people] == [False, False, True]
    with entra.tenant.reading():
        assert GroupMember.objects.count() == 1


def test_unknown_attributes_are_ignored(entra: Service):
    """What the mapping sends and no record stores changes nothing and is no error."""
    made = newcomer(entra)
    answer = entra.patch(
        f"Users/{made['id']}",
        {"op": "Add", "path": 'roles[primary eq "True"].value', "value": "Admin"},
        {"op": "Replace", "path": 'phoneNumbers[type eq "mobile"].value', "value": "+47 1"},
        {"op": "Replace", "path": "urn:ietf:params:scim:schemas:extension:custom:2.0:User:tag", "value": "x"},
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["meta"]["version"] == made["meta"]["version"]
