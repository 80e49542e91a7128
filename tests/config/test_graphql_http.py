"""GraphQL over HTTP: methods, media types, sessions with their CSRF token, bearer tokens, and the shape of answers."""

from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from audit.queries import events
from config import schema as composed
from identity.models import Person
from identity.oauth.bearer import BearerTokens
from identity.rules.access_tokens import Audience
from kernel.graphql import endpoint, http
from kernel.graphql import request as request_module
from kernel.graphql.limits import MOST_BYTES
from kernel.principal import Principal
from kernel.rest.problems import SignInRequired
from tests.factories.tenants import PASSWORD, Tenant, member, signed_in, tenant
from tests.graphs import codes, data, furnish, response

pytestmark = pytest.mark.django_db
HELLO = "{ viewer { label } }"
BODY = f'{{"query": "{HELLO}"}}'


@pytest.fixture
def house() -> Tenant:
    return tenant()


def test_an_answer_is_json_that_nobody_keeps(house: Tenant) -> None:
    """application/json, or the newer media type for clients that ask for it; caches leave it alone."""
    reader = signed_in(house, "member")
    plain = response(reader, HELLO)
    assert (plain.status_code, plain["Cache-Control"]) == (200, "no-store")
    assert plain["Content-Type"] == "application/json; charset=utf-8"
    newer = reader.post("/graphql/", BODY, content_type="application/json", headers={"Accept": http.ANSWER})
    assert newer["Content-Type"] == "application/graphql-response+json; charset=utf-8"
    assert newer.json() == plain.json() == {"data": {"viewer": {"label": "Kim Member"}}}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(house: Tenant, method: str) -> None:
    """405 with the methods that there are."""
    answer = signed_in(house, "owner").generic(method, "/graphql/", BODY, content_type="application/json")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, POST")
    assert codes(answer.json()) == ["METHOD_NOT_ALLOWED"]


def test_nothing_is_asked_by_get(house: Tenant) -> None:
    """A query in an address would be in logs, a mutation in every link: GET carries out neither."""
    reader = signed_in(house, "owner")
    query = 'mutation { createPerson(input: {userName: "kim"}) { id } }'
    answer = reader.get("/graphql/", {"query": query}, headers={"Accept": "application/json"})
    assert (answer.status_code, codes(answer.json())) == (405, ["METHOD_NOT_ALLOWED"])
    assert reader.get("/graphql/", {"query": query}, headers={"Accept": "text/html"}).status_code == 200
    assert data(reader, "{ people { nodes { id } } }") == {"people": {"nodes": []}}


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/graphql"],
)
def test_only_json_is_read(house: Tenant, kind: str) -> None:
    """415: what a form of another site can send is not read at all."""
    answer = signed_in(house, "owner").generic("POST", "/graphql/", BODY, content_type=kind)
    assert (answer.status_code, codes(answer.json())) == (415, ["MEDIA_TYPE_NOT_SUPPORTED"])


def test_a_body_beyond_the_limit_is_refused(house: Tenant) -> None:
    """413 with a code, and no more of it is read than the limit."""
    body = b'{"query": "' + b"x" * MOST_BYTES + b'"}'
    answer = signed_in(house, "owner").generic("POST", "/graphql/", body, content_type="application/json")
    assert (answer.status_code, codes(answer.json())) == (413, ["BODY_TOO_LARGE"])


def test_the_page_is_for_those_who_build_on_it(house: Tenant) -> None:
    """A browser of an owner, of IT and of a vendor gets GraphiQL; others the 403 page, visitors the sign-in."""
    html = {"Accept": "text/html"}
    for role in ("owner", "it_admin", "vendor_ops"):
        page = signed_in(house, role).get("/graphql/", headers=html)
        assert (page.status_code, b'id="explorer"' in page.content) == (200, True)
    assert signed_in(house, "auditor").get("/graphql/", headers=html).status_code == 403
    visitor = Client(HTTP_HOST="127.0.0.1").get("/graphql/", headers=html)
    assert (visitor.status_code, visitor["Location"]) == (302, "/accounts/sign-in/?next=/graphql/")


def test_a_session_needs_the_csrf_token(house: Tenant) -> None:
    """Without the token that only pages of this site know a session can do nothing, not even read."""
    account, _principal = member(house, "it_admin")
    careful = Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True)
    careful.get("/accounts/sign-in/")
    token = careful.cookies[settings.CSRF_COOKIE_NAME].value
    form = {"username": account.email, "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert careful.post("/accounts/sign-in/", form).status_code == 302
    without = careful.post("/graphql/", BODY, content_type="application/json")
    assert (without.status_code, codes(without.json())) == (403, ["PERMISSION_DENIED"])
    token = careful.cookies[settings.CSRF_COOKIE_NAME].value
    answer = careful.post("/graphql/", BODY, content_type="application/json", headers={"X-CSRFToken": token})
    assert answer.status_code == 200, answer.content


class Tokens:
    """Stands for identity's access tokens: knows one."""

    def __init__(self, principal: Principal) -> None:
        self.principal = principal
        self.asked: list[tuple[str, str]] = []

    def __call__(self, *, token: str, audience: str, at: datetime) -> Principal:
        self.asked.append((token, audience))
        assert at.tzinfo is not None
        if token != "good":
            raise SignInRequired("The access token is not valid here.")
        return self.principal


@pytest.fixture
def tokens(house: Tenant, monkeypatch: pytest.MonkeyPatch) -> Tokens:
    _account, principal = member(house, "auditor")
    found = Tokens(principal)
    monkeypatch.setattr(
        composed,
        "answer",
        endpoint(composed.schema, principal_of_token=found, challenge=BearerTokens(Audience.GRAPHQL).challenge),
    )
    return found


def with_token(client: Client, token: str, body: str = BODY) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    return client.post("/graphql/", body, content_type="application/json", headers=headers)


def test_a_bearer_token_needs_no_session_and_no_csrf_token(tokens: Tokens) -> None:
    """The token is asked about with the audience of this address, and says who reads."""
    client = Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True)
    answer = with_token(client, "good")
    assert answer.json() == {"data": {"viewer": {"label": "Kim Member"}}}
    assert tokens.asked == [("good", f"{settings.BASE_URL}/graphql")]


def test_a_bad_token_is_not_made_good_by_a_session(house: Tenant, tokens: Tokens) -> None:
    """Whoever brings a token is who the token says: 401, and not the session of the browser."""
    answer = with_token(signed_in(house, "owner"), "bad")
    assert (answer.status_code, codes(answer.json())) == (401, ["SIGN_IN_REQUIRED"])
    assert answer["WWW-Authenticate"] == (
        'Bearer realm="Seatledger", error="invalid_token", '
        f'resource_metadata="{settings.BASE_URL}/.well-known/oauth-protected-resource/graphql"'
    )
    visitor = Client(HTTP_HOST="127.0.0.1").post("/graphql/", BODY, content_type="application/json")
    assert visitor["WWW-Authenticate"].startswith('Bearer realm="Seatledger", resource_metadata=')
    assert visitor["WWW-Authenticate"].endswith(", Session")


def test_a_token_has_its_roles_alone(tokens: Tokens) -> None:
    """An auditor's token reads and changes nothing."""
    body = '{"query": "mutation { createPerson(input: {userName: \\"kim\\"}) { id } }"}'
    answer = with_token(Client(HTTP_HOST="127.0.0.1"), "good", body)
    assert (answer.status_code, codes(answer.json())) == (200, ["PERMISSION_DENIED"])


def test_each_root_mutation_is_a_trail_of_its_own(house: Tenant) -> None:
    """What one refuses leaves the others as they are; the answer names the entry that each wrote."""
    query = """mutation {
        a: createPerson(input: {userName: "kim"}) { id userName }
        b: createPerson(input: {userName: "KIM"}) { id }
        c: createPerson(input: {userName: "lee"}) { id userName }
    }"""
    answer = response(signed_in(house, "owner"), query)
    body = answer.json()
    assert answer.status_code == 200
    assert (body["data"]["a"]["userName"], body["data"]["b"], body["data"]["c"]["userName"]) == ("kim", None, "lee")
    [error] = body["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["b"], "PERSON_EXISTS")
    entries = body["extensions"]["ledgerEntries"]
    assert set(entries) == {"a", "c"}
    assert answer["Ledger-Entry"] == str(entries["c"])
    with house.reading():
        kinds = {event.sequence: event.kind for event in events()}
    assert kinds[entries["a"]] == kinds[entries["c"]] == "person.created"


def test_a_change_that_is_given_up_halfway_did_not_happen(house: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the statements run out: person and entry are there and the answer names it, or there is neither; and
    from one number of statements on it always happens."""
    browser = signed_in(house, "owner")
    done: list[bool] = []
    # Past the first success only the reading of the answer can be given up; a few more show that nothing else changes.
    for most in range(1, 40):
        monkeypatch.setattr(request_module, "MOST_STATEMENTS", most)
        body = response(browser, f'mutation {{ createPerson(input: {{userName: "kim-{most}"}}) {{ id }} }}').json()
        with house.reading():
            made = Person.objects.filter(user_name=f"kim-{most}").exists()
        assert made is ("extensions" in body), most
        assert made or codes(body) == ["QUERY_TOO_SLOW"], most
        done.append(made)
        if done[-3:] == [True] * 3:
            break
    # A trail of its own takes more than five statements; the last three had enough, and nothing lay between.
    assert done == sorted(done)
    assert done.count(False) > 5
    assert done.count(True) == 3
    with house.reading():
        assert [event.kind for event in events()].count("person.created") == done.count(True)


def test_a_read_leaves_no_entry(house: Tenant) -> None:
    """Neither in the ledger nor in the answer."""
    reader = signed_in(house, "owner")
    with house.reading():
        before = events().count()
    answer = response(reader, "{ people { nodes { id } } }")
    with house.reading():
        assert events().count() == before
    assert "extensions" not in answer.json()
    assert "Ledger-Entry" not in answer


def test_one_operation_of_several_is_named(house: Tenant) -> None:
    """operationName chooses; a name that is not there is a mistake."""
    reader = signed_in(house, "member")
    query = "query A { viewer { label } } query B { organization { slug } }"
    body = {"query": query, "operationName": "B"}
    answer = reader.post("/graphql/", body, content_type="application/json")
    assert answer.json() == {"data": {"organization": {"slug": house.organization.slug}}}


def test_a_mistake_of_the_program_stays_inside(house: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """INTERNAL_ERROR, with nothing of what went wrong; the field is null and the rest is answered."""

    def broken(_self: Principal, _permission: str) -> bool:
        raise ZeroDivisionError("a secret of the program")

    reader = signed_in(house, "owner")
    monkeypatch.setattr(Principal, "may", broken)
    answer = response(reader, "{ people { nodes { id } } __typename }")
    assert answer.json()["data"] == {"people": None, "__typename": "Query"}
    assert codes(answer.json()) == ["INTERNAL_ERROR"]
    assert b"secret" not in answer.content
    assert b"Zero" not in answer.content


def test_an_error_that_many_rows_share_is_told_once(house: Tenant) -> None:
    """A list of entitlements whose price nobody may see has one error, not one for each row."""
    furnish(house)
    answer = response(
        signed_in(house, "it_admin"), "{ entitlements { nodes { number purchaseLine { unitPrice } } } }"
    ).json()
    rows = answer["data"]["entitlements"]["nodes"]
    assert len(rows) == 3
    assert all(row["purchaseLine"] is None and row["number"] for row in rows)
    assert codes(answer) == ["PERMISSION_DENIED"]
    assert answer["errors"][0]["path"] == ["entitlements", "nodes", 0, "purchaseLine"]
