"""Mistakes of the program and addresses that nothing answers: pages for people, bodies for programs."""

from typing import Any

import pytest
from django.test import Client

from identity.ports import bindings
from identity.scim import views
from kernel.principal import Principal
from tests.factories.tenants import signed_in
from tests.identity.scim.service import Service, error, service

pytestmark = pytest.mark.django_db


@pytest.fixture
def one() -> Service:
    return service()


def broken(*_arguments: object, **_names: object) -> None:
    raise ZeroDivisionError("a secret of the program")


def hidden(answer: Any, kind: str) -> dict[str, Any]:
    """The body of a 500 in JSON, which nobody keeps and which tells nothing of what went wrong."""
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (500, kind, "no-store")
    assert b"secret" not in answer.content
    assert b"<" not in answer.content
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_mistake_of_the_program_is_a_scim_error(one: Service, monkeypatch, method):
    """Wherever it happens, before the token is looked at or after: never a page."""
    client = Client(HTTP_HOST="127.0.0.1", raise_request_exception=False)
    headers = {"authorization": f"Bearer {one.token}"}
    monkeypatch.setattr(bindings, "plan", broken)
    error(client.generic(method, "/scim/v2/Users", b"{}", headers=headers), 500)
    monkeypatch.setattr(views, "authenticated", broken)
    answer = client.generic(method, "/scim/v2/Groups", b"{}", headers=headers)
    assert hidden(answer, "application/scim+json")["status"] == "500"


def test_a_mistake_of_the_program_is_a_problem_of_rest(one: Service, monkeypatch):
    """problem+json with INTERNAL_ERROR."""
    client = signed_in(one.tenant, "owner")
    client.raise_request_exception = False
    monkeypatch.setattr(Principal, "require", broken)
    found = hidden(client.get("/api/v1/people/"), "application/problem+json")
    assert (found["code"], found["status"]) == ("INTERNAL_ERROR", 500)


def test_a_mistake_of_the_program_is_an_error_of_graphql(one: Service, monkeypatch):
    """`errors` with INTERNAL_ERROR, also before the text of the request was read."""
    client = signed_in(one.tenant, "owner")
    client.raise_request_exception = False
    monkeypatch.setattr("kernel.graphql.http._asked", broken)
    answer = client.post("/graphql/", '{"query": "{ viewer { label } }"}', content_type="application/json")
    [found] = hidden(answer, "application/json")["errors"]
    assert (found["extensions"]["code"], found["extensions"]["errorClass"]) == ("INTERNAL_ERROR", "INTERNAL")


@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [
        ("/api/v1/nothing/", "application/problem+json", 404),
        ("/api/v1/people/?x=%00", "application/problem+json", 400),
        ("/scim/elsewhere", "application/scim+json", 404),
        ("/scim/v2/Users?x=%00", "application/scim+json", 400),
        ("/graphql/nothing", "application/json", 404),
    ],
)
def test_addresses_of_programs_have_no_pages(one: Service, path, kind, status):
    """What no view answers is said in the words of the interface, too."""
    answer = signed_in(one.tenant, "owner").get(path)
    assert (answer.status_code, answer["Content-Type"]) == (status, kind)
    assert answer.json()


def test_people_still_get_a_page(one: Service):
    """Everywhere else a mistaken address is answered with a page."""
    assert "text/html" in signed_in(one.tenant, "owner").get("/nothing/")["Content-Type"]
