"""GraphQL for programs: scopes that are missing, requests that are too many, and requests that are sent twice."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from audit.queries import events
from identity.models import Person
from kernel.clock import FixedClock
from kernel.rest import pace
from tests.factories.moments import NOW
from tests.factories.oauth import bearer, own_client, token_of
from tests.factories.tenants import Tenant, member, signed_in, tenant
from tests.graphs import codes

pytestmark = pytest.mark.django_db
NEW = "mutation($name: String!) { createPerson(input: {userName: $name}) { id userName title } }"
HELLO = "{ viewer { label } }"


@pytest.fixture
def house() -> Tenant:
    return tenant()


def sent(browser: Client, query: str, key: str = "", **variables: Any) -> Any:
    body = json.dumps({"query": query, "variables": variables})
    headers = {"Idempotency-Key": key} if key else {}
    return browser.post("/graphql/", body, content_type="application/json", headers=headers)


def people(house: Tenant) -> list[str]:
    with house.reading():
        return list(Person.objects.order_by("user_name").values_list("user_name", flat=True))


def made(house: Tenant) -> int:
    with house.reading():
        return [event.kind for event in events()].count("person.created")


# --- Scopes ----------------------------------------------------------------------------------------------------------


def test_a_scope_that_is_missing_is_told(house: Tenant) -> None:
    """null for the field and INSUFFICIENT_SCOPE of class AUTHORIZATION, with the scope that would do; a role that is
    missing stays PERMISSION_DENIED, and the rest is answered."""
    token = token_of(own_client(house, "organization:read"), resource=f"{settings.BASE_URL}/graphql")
    body = sent(bearer(token), "{ people { nodes { id } } organization { slug } licenses { nodes { id } } }").json()
    assert body["data"] == {"people": None, "organization": {"slug": house.organization.slug}, "licenses": None}
    told = {error["path"][0]: error["extensions"] for error in body["errors"]}
    assert {name: told["people"][name] for name in ("code", "errorClass", "status", "scope", "permission")} == {
        "code": "INSUFFICIENT_SCOPE",
        "errorClass": "AUTHORIZATION",
        "status": 403,
        "scope": "people:read",
        "permission": "identity.person.view",
    }


# --- Pace ------------------------------------------------------------------------------------------------------------


def test_rest_and_graphql_share_one_count(house: Tenant, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two requests in a minute one may go to each; the third is 429 wherever it goes, with the seconds to wait, and
    others of the house are not held up."""
    settings.API_REQUESTS_PER_MINUTE = 2
    for module in ("kernel.graphql.http", "kernel.rest"):
        monkeypatch.setattr(f"{module}.SystemClock", lambda: FixedClock(NOW.replace(second=50)))
    browser, other = signed_in(house, "owner"), signed_in(house, "it_admin")
    assert sent(browser, HELLO).status_code == 200
    assert browser.get("/api/v1/people/").status_code == 200
    asked = sent(browser, HELLO)
    assert (asked.status_code, asked["Retry-After"], codes(asked.json())) == (429, "10", ["RATE_LIMITED"])
    assert asked.json()["errors"][0]["extensions"]["errorClass"] == "RATE_LIMITED"
    listed = browser.get("/api/v1/people/")
    assert (listed.status_code, listed["Retry-After"], listed.json()["code"]) == (429, "10", "RATE_LIMITED")
    assert browser.get("/").status_code == 200
    assert sent(other, HELLO).status_code == 200
    for module in ("kernel.graphql.http", "kernel.rest"):
        monkeypatch.setattr(f"{module}.SystemClock", lambda: FixedClock(NOW.replace(minute=NOW.minute + 1)))
    assert sent(browser, HELLO).status_code == 200


def test_what_is_refused_is_counted_too(house: Tenant, settings: Any) -> None:
    """Whoever asks for what the roles do not allow has no more requests than others."""
    settings.API_REQUESTS_PER_MINUTE = 2
    browser = signed_in(house, "member")
    answers = [browser.get("/api/v1/api-clients/").status_code for _ in range(6)]
    assert set(answers) == {403, 429}


def test_each_organisation_has_a_count_of_its_own(house: Tenant, settings: Any) -> None:
    """The count goes by organisation and pseudonym: what one has used up, another has not."""
    settings.API_REQUESTS_PER_MINUTE = 1
    _account, first = member(house, "owner")
    _other, second = member(tenant(), "owner")
    pace.check_pace(first, at=NOW)
    with pytest.raises(pace.TooManyRequests):
        pace.check_pace(first, at=NOW)
    pace.check_pace(second, at=NOW)


# --- Idempotency-Key -------------------------------------------------------------------------------------------------


def test_a_mutation_with_a_key_happens_once(house: Tenant) -> None:
    """The second request gets the same object and does nothing; the header and `replayed` say so."""
    browser = signed_in(house, "owner")
    first, second = (sent(browser, NEW, "a key", name="kim") for _ in range(2))
    assert first.json()["data"] == second.json()["data"]
    assert (people(house), made(house)) == (["kim"], 1)
    assert "ledgerEntries" in first.json()["extensions"]
    assert second.json()["extensions"] == {"replayed": ["createPerson"]}
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert "Ledger-Entry" not in second


def test_another_body_under_the_same_key_is_a_mistake(house: Tenant) -> None:
    """IDEMPOTENCY_KEY_REUSED with the status that REST gives, and nothing happens."""
    browser = signed_in(house, "owner")
    sent(browser, NEW, "a key", name="kim")
    [error] = sent(browser, NEW, "a key", name="lee").json()["errors"]
    assert (error["extensions"]["code"], error["extensions"]["status"]) == ("IDEMPOTENCY_KEY_REUSED", 422)
    assert people(house) == ["kim"]


def test_each_mutation_of_a_request_is_remembered_by_its_name(house: Tenant) -> None:
    """Of three the one that was refused is tried again; those that were carried out are not."""
    browser = signed_in(house, "owner")
    sent(browser, NEW, name="lee")
    query = """mutation {
        a: createPerson(input: {userName: "kim"}) { userName }
        b: createPerson(input: {userName: "lee"}) { userName }
        c: createPerson(input: {userName: "mia"}) { userName }
    }"""
    assert sent(browser, query, "k").json()["data"] == {"a": {"userName": "kim"}, "b": None, "c": {"userName": "mia"}}
    with house.writing():
        Person.objects.filter(user_name="lee").update(user_name="leo", user_name_lower="leo")
    again = sent(browser, query, "k").json()
    assert again["data"]["b"] == {"userName": "lee"}
    assert again["extensions"]["replayed"] == ["a", "c"]
    assert list(again["extensions"]["ledgerEntries"]) == ["b"]
    assert people(house) == ["kim", "lee", "leo", "mia"]


def test_keys_of_others_are_others(house: Tenant) -> None:
    """Somebody else's key, and the same key at REST, are keys of their own; without a key everything happens twice."""
    sent(signed_in(house, "owner"), NEW, "k", name="kim")
    other = signed_in(house, "it_admin")
    assert codes(sent(other, NEW, "k", name="kim").json()) == ["PERSON_EXISTS"]
    assert sent(other, NEW, "k", name="lee").json()["data"]["createPerson"]["userName"] == "lee"
    assert sent(other, HELLO, "k").json()["data"] == {"viewer": {"label": "Kim Member"}}


def test_a_key_has_bounds(house: Tenant) -> None:
    """More than 200 characters are refused, as at REST."""
    answer = sent(signed_in(house, "owner"), NEW, "k" * 201, name="kim")
    assert (answer.status_code, codes(answer.json())) == (400, ["INVALID_INPUT"])
    assert people(house) == []
