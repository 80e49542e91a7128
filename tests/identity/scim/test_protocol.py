"""The protocol: versions, selections, bodies, operations, addresses and methods."""

import pytest
from django.test import Client

from identity.models import Person
from tests.identity.scim.service import ENTERPRISE, ERROR, USER, Service, error, service

pytestmark = pytest.mark.django_db


@pytest.fixture
def one() -> Service:
    return service()


def test_head_is_a_get_without_a_body(one: Service):
    """HEAD answers with the headers of GET."""
    made = one.user("head")
    answer = one.send("HEAD", f"Users/{made['id']}")
    assert (answer.status_code, answer.content, answer["ETag"]) == (200, b"", 'W/"1"')


def test_versions(one: Service):
    """ETag on every resource, 304 for a version that is known, 412 for a write on an old one."""
    made = one.user("versions")
    path, tag = f"Users/{made['id']}", made["meta"]["version"]
    answer = one.get(path)
    assert answer["ETag"] == tag == 'W/"1"'
    assert one.get(path, **{"if-none-match": tag}).status_code == 304
    title = {"op": "replace", "path": "title", "value": "Chief"}
    changed = one.patch(path, title, **{"if-match": tag})
    assert changed["ETag"] == 'W/"2"'
    assert one.get(path, **{"if-none-match": tag}).status_code == 200
    error(one.patch(path, title, **{"if-match": tag}), 412)
    error(one.send("DELETE", path, **{"if-match": tag}), 412)
    error(one.patch(path, title, **{"if-match": '"x"'}), 412)
    assert one.patch(path, title, **{"if-match": "*"}).status_code == 200
    assert one.send("DELETE", path, **{"if-match": f'W/"1", {changed["ETag"]}'}).status_code == 204


def test_selections(one: Service):
    """`attributes` and `excludedAttributes` decide what is sent, on reads, lists and writes; the id is always there."""
    made = one.user("select", title="Chief", displayName="Select", **{ENTERPRISE: {"department": "Grid"}})
    path = f"Users/{made['id']}"
    assert set(one.get(f"{path}?attributes=title").json()) == {"schemas", "id", "title"}
    assert set(one.get("Users?attributes=title").json()["Resources"][0]) == {"schemas", "id", "title"}
    assert "title" not in one.get(f"{path}?excludedAttributes=title,userName").json()
    only = one.get(f"{path}?attributes={ENTERPRISE}:department").json()
    assert only[ENTERPRISE] == {"department": "Grid"}
    answer = one.send(
        "PATCH", f"{path}?attributes=title", {"Operations": [{"op": "replace", "path": "title", "value": "T"}]}
    )
    assert set(answer.json()) == {"schemas", "id", "title"}
    error(one.get(f"{path}?attributes=title&excludedAttributes=userName"), 400, "invalidValue")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'"x"',
        b"{",
        b'{"userName": "\xff"}',
        b'{"userName": "\\ud800"}',
        b'{"schemas": []}',
        b'{"userName": 5, "schemas": ["x"]}',
        b'{"userName": {"a": 1}}',
        b'{"userName": ""}',
        b'{"userName": "x\\u0000y", "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}',
        b'{"userName": "' + b"x" * 300 + b'", "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}',
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b'{"userName": "x", "emails": [{"value": "a", "primary": true}, {"value": "b", "primary": true}]}',
        b'{"userName": "x", "emails": "x"}',
        b'{"userName": "x", "emails": [5]}',
        b'{"userName": "x", "active": "perhaps"}',
        b'{"userName": "x", "name": 7}',
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_bad_bodies(one: Service, body: bytes, method: str):
    """Whatever is wrong with a body is a SCIM error, never an error of the server, and nothing is written."""
    path = "Users" if method == "POST" else f"Users/{one.user('already')['id']}"
    answer = one.send(method, path, body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["schemas"] == [ERROR]
    with one.tenant.reading():
        assert Person.objects.exclude(user_name="already").count() == 0


def test_large_bodies(one: Service):
    """More than 1 MiB is 413."""
    error(one.send("POST", "Users", b'{"userName": "' + b"x" * (1024 * 1024) + b'"}'), 413)


def test_media_types(one: Service):
    """JSON under either name; everything else is 415."""
    for kind, status in (("application/json", 201), ("application/scim+json; charset=utf-8", 201), ("text/xml", 415)):
        answer = Client(HTTP_HOST="127.0.0.1").post(
            "/scim/v2/Users",
            f'{{"schemas": ["{USER}"], "userName": "u{len(kind)}"}}',
            content_type=kind,
            headers={"authorization": f"Bearer {one.token}"},
        )
        assert answer.status_code == status, answer.content


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "smash", "path": "title", "value": "x"},
        {"op": "replace", "path": "id", "value": "x"},
        {"op": "replace", "path": "groups", "value": []},
        {"op": "remove"},
        {"op": "remove", "path": "userName"},
        {"op": "replace", "path": "title[", "value": "x"},
        {"op": "add", "path": "title"},
        {"op": "replace", "path": "active", "value": "perhaps"},
        {"op": "replace", "path": 'emails[type co "w"].value', "value": "x"},
        {"op": "replace", "path": "userName", "value": ""},
        {"op": "add", "path": "manager", "value": "no id"},
        {"op": 5},
        7,
    ],
)
def test_bad_operations(one: Service, operation):
    """An operation that cannot be carried out is 400 with a type, and the person stays as it was."""
    made = one.user("patched", title="Chief")
    answer = one.patch(f"Users/{made['id']}", operation)
    assert answer.status_code == 400, answer.content
    assert answer.json()["schemas"] == [ERROR]
    assert one.get(f"Users/{made['id']}").json() == made


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "Users", 405),
        ("DELETE", "Groups", 405),
        ("POST", "Schemas", 405),
        ("POST", "Users/01a217ad-54ad-73db-8af8-9997adfa696e", 405),
        ("OPTIONS", "Users", 405),
        ("GET", "Bulk", 405),
        ("GET", "Nothing", 404),
        ("GET", "Users/x/y", 404),
        ("GET", "Users/no-id", 404),
        ("GET", "Schemas/x", 404),
        ("GET", "Schemas?filter=id pr", 403),
    ],
)
def test_addresses_and_methods(one: Service, method: str, path: str, status: int):
    """Methods and addresses that do not exist are SCIM errors as well."""
    error(one.send(method, path, {} if method in {"PUT", "POST"} else None), status)
