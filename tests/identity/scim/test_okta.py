"""Requests as Okta sends them (its public SCIM 2.0 protocol reference), and what it expects."""

from typing import Any

import pytest

from identity.models import GroupMember
from tests.identity.scim.service import ERROR, GROUP, PATCH, USER, Service, service

pytestmark = pytest.mark.django_db


@pytest.fixture
def okta() -> Service:
    return service(name="Okta")


def profile(**more: Any) -> dict[str, Any]:
    """A person as Okta's profile editor sends one."""
    return {
        "schemas": [USER],
        "userName": "test.user@okta.local",
        "name": {"givenName": "Test", "familyName": "User"},
        "emails": [{"primary": True, "value": "test.user@okta.local", "type": "work"}],
        "displayName": "Test User",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": True,
        **more,
    }


def test_looks_for_the_user_first(okta: Service):
    """An empty ListResponse with whole numbers, not texts."""
    found = okta.get('Users?filter=userName eq "test.user@okta.local"&startIndex=1&count=100').json()
    assert found["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]
    assert (found["totalResults"], found["startIndex"], found["itemsPerPage"]) == (0, 1, 0)
    assert found["Resources"] == []


def test_create_and_read(okta: Service):
    """201 with everything but the password, which is accepted and ignored."""
    answer = okta.post("Users", profile())
    assert answer.status_code == 201
    made = answer.json()
    assert "password" not in made
    assert made["name"] == {"givenName": "Test", "familyName": "User"}
    assert made["locale"] == "en-US"
    assert okta.get(f"Users/{made['id']}").json() == made


def test_what_the_service_decides_is_ignored(okta: Service):
    """Ids, groups and foreign schemas in a new person are no error, and change nothing."""
    body = profile(
        id="mine",
        meta={"version": "7"},
        groups=[{"value": "x", "display": "Admins"}],
        schemas=[USER, "urn:okta:custom:1.0:User"],
        **{"urn:okta:custom:1.0:User": {"colour": "red"}},
    )
    answer = okta.post("Users", body)
    assert answer.status_code == 201, answer.content
    assert answer.json()["id"] != "mine"
    assert "groups" not in answer.json()
    assert answer.json()["schemas"] == [USER]


def test_duplicate_in_another_case(okta: Service):
    """409 with scimType uniqueness, as JSON."""
    okta.post("Users", profile())
    answer = okta.post("Users", profile(userName="Test.User@OKTA.local", externalId="other"))
    assert answer.status_code == 409
    assert answer.json()["schemas"] == [ERROR]
    assert answer.json()["scimType"] == "uniqueness"
    assert answer["Content-Type"] == "application/scim+json"


def test_update_by_put(okta: Service):
    """The whole profile with its id; what is left out is cleared."""
    made = okta.post("Users", profile()).json()
    body = profile(id=made["id"], meta=made["meta"], name={"givenName": "Another", "familyName": "User"})
    del body["locale"]
    answer = okta.send("PUT", f"Users/{made['id']}", body)
    assert answer.status_code == 200, answer.content
    changed = answer.json()
    assert changed["name"]["givenName"] == "Another"
    assert "locale" not in changed
    assert changed["id"] == made["id"]


def test_deactivate_by_patch_value_object(okta: Service):
    """`active` comes in the value, without a path; a PUT with false does the same."""
    made = okta.post("Users", profile()).json()
    answer = okta.patch(f"Users/{made['id']}", {"op": "replace", "value": {"active": False}})
    assert answer.status_code == 200
    assert answer.json()["active"] is False
    assert okta.send("PUT", f"Users/{made['id']}", profile(active=True)).json()["active"] is True
    assert okta.send("PUT", f"Users/{made['id']}", profile(active=False)).json()["active"] is False


def test_put_without_active_changes_nothing_about_it(okta: Service):
    """Nobody comes back because a body was silent."""
    made = okta.post("Users", profile(active=False)).json()
    body = profile()
    del body["active"]
    assert okta.send("PUT", f"Users/{made['id']}", body).json()["active"] is False


def test_unknown_user_is_404(okta: Service):
    """With SCIM's error body."""
    answer = okta.get("Users/23a35c27-23d3-4c03-b4c5-6443c09e7173")
    assert answer.status_code == 404
    assert answer.json()["schemas"] == [ERROR]
    assert answer.json()["status"] == "404"


def test_wrong_token_is_401_in_json(okta: Service):
    """401 with a JSON body and the scheme that works."""
    answer = Service(okta.tenant, "slscim_wrong").get("Users")
    assert answer.status_code == 401
    assert answer.json()["status"] == "401"
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_group_push(okta: Service):
    """A group is created empty, renamed with its id inside the value, and filled."""
    people = [okta.user(f"okta{n}")["id"] for n in range(2)]
    made = okta.post("Groups", {"schemas": [GROUP], "displayName": "Test SCIMv2", "members": []}).json()
    assert okta.get(f"Groups/{made['id']}").json()["displayName"] == "Test SCIMv2"
    answer = okta.send(
        "PATCH",
        f"Groups/{made['id']}",
        {
            "schemas": [PATCH],
            "Operations": [
                {"op": "replace", "value": {"id": made["id"], "displayName": "Renamed"}},
                {"op": "add", "path": "members", "value": [{"value": people[0], "display": "okta0"}]},
            ],
        },
    )
    assert answer.status_code == 204, answer.content
    shown = okta.get(f"Groups/{made['id']}").json()
    assert shown["displayName"] == "Renamed"
    assert [one["value"] for one in shown["members"]] == [people[0]]
    replace = {"op": "replace", "path": "members", "value": [{"value": people[1]}]}
    assert okta.patch(f"Groups/{made['id']}", replace).status_code == 204
    assert [one["value"] for one in okta.get(f"Groups/{made['id']}").json()["members"]] == [people[1]]


def test_group_by_put(okta: Service):
    """The whole group with its members; the difference is what changes."""
    people = [okta.user(f"okta{n}")["id"] for n in range(3)]
    made = okta.group("Group", people[0], people[1])
    body = {
        "schemas": [GROUP],
        "id": made["id"],
        "displayName": "Group",
        "members": [{"value": people[1]}, {"value": people[2]}],
    }
    answer = okta.send("PUT", f"Groups/{made['id']}", body)
    assert answer.status_code == 200
    assert {one["value"] for one in answer.json()["members"]} == {people[1], people[2]}
    with okta.tenant.reading():
        assert GroupMember.objects.count() == 2


def test_paging(okta: Service):
    """Pages by startIndex and count, each person once."""
    for n in range(5):
        okta.user(f"page{n}")
    first = okta.get("Users?startIndex=1&count=2").json()
    second = okta.get("Users?startIndex=3&count=2").json()
    third = okta.get("Users?startIndex=5&count=2").json()
    assert [page["itemsPerPage"] for page in (first, second, third)] == [2, 2, 1]
    assert first["totalResults"] == 5
    names = [one["userName"] for page in (first, second, third) for one in page["Resources"]]
    assert names == [f"page{n}" for n in range(5)]
