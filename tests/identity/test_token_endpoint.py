"""The token endpoint: who gets a token, what it says, who gets none."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from joserfc import jws, jwt
from joserfc.jwk import KeySet

from audit.queries import events
from identity.hashers import DrawnSecretHasher
from identity.models import ApiClient
from identity.oauth import limits
from identity.operations import ensure_token_key, revoke_api_client
from kernel.clock import DatabaseClock
from tests.factories.oauth import TOKEN, asked, basic, bearer, own_client, post, program, token_of
from tests.factories.tenants import tenant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()


def claims_of(token: str) -> dict:
    keys = KeySet.import_key_set(program().get("/.well-known/jwks.json").json())
    return dict(jwt.decode(token, keys, algorithms=["RS256"]).claims)


@pytest.mark.requirement("REQ-178")
def test_a_client_gets_a_short_lived_token_of_its_organisation():
    """An at+jwt that verifies with the published keys, for five minutes, with the organisation in it (RFC 9068)."""
    one = tenant()
    client = own_client(one)
    answer = asked(client, scope="people:read")
    body = answer.json()
    assert (answer.status_code, body["token_type"]) == (200, "Bearer")
    assert "no-store" in answer["Cache-Control"]
    header = jws.extract_compact(body["access_token"].encode()).headers()
    assert (header["alg"], header["typ"]) == ("RS256", "at+jwt")
    claims = claims_of(body["access_token"])
    assert claims["exp"] - claims["iat"] == body["expires_in"] == 300
    assert {name: claims[name] for name in ("iss", "aud", "sub", "client_id", "scope", "organization")} == {
        "iss": settings.BASE_URL,
        "aud": f"{settings.BASE_URL}/api",
        "sub": client.row.client_id,
        "client_id": client.row.client_id,
        "scope": "people:read",
        "organization": str(one.organization.id),
    }


def test_a_token_opens_rest():
    """People are listed for a client with scope and role, without session and without CSRF token."""
    one = tenant()
    client = own_client(one, "people:write")
    browser = bearer(token_of(client))
    made = browser.post("/api/v1/people/", {"user_name": "kim"}, content_type="application/json")
    assert made.status_code == 201, made.content
    assert [row["user_name"] for row in browser.get("/api/v1/people/").json()["results"]] == ["kim"]
    with one.reading():
        [entry] = [event for event in events() if event.kind == "person.created"]
    assert entry.actor == str(client.row.pseudonym)


def test_the_secret_may_stand_in_the_body():
    """client_secret_post works as well as client_secret_basic."""
    client = own_client(tenant())
    form = {"client_id": client.row.client_id, "client_secret": client.secret, "grant_type": "client_credentials"}
    assert post(TOKEN, form).status_code == 200


def test_a_token_leaves_an_entry_and_the_moment_of_use():
    """The ledger says which client got a token for what and where; the client's last use is noted."""
    one = tenant()
    client = own_client(one)
    token_of(client, scope="people:read")
    with one.reading():
        entry = list(events())[-1]
        assert (entry.kind, entry.actor) == ("access_token.issued", str(client.row.pseudonym))
        assert json.loads(entry.body)["details"]["scopes"] == ["people:read"]
        assert ApiClient.objects.get(id=client.row.id).last_used_at is not None


@pytest.mark.parametrize("grant", ["password", "implicit", "urn:ietf:params:oauth:grant-type:device_code", "", "none"])
def test_other_grants_do_not_exist(grant):
    """No password, no implicit, no device grant: unsupported_grant_type, also for a client with the right secret."""
    form = {"grant_type": grant, "username": "a@example.org", "password": "x"}
    answer = post(TOKEN, form, **basic(own_client(tenant())))
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_a_wrong_secret_gets_nothing_and_leaves_nothing():
    """invalid_client with 401 and a Basic challenge; no entry, no token."""
    one = tenant()
    client = own_client(one)
    with one.writing() as trail:
        ensure_token_key(trail=trail)
    with one.reading():
        before = events().count()
    answer = post(TOKEN, {"grant_type": "client_credentials"}, **basic(client, "w" * 128))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer["WWW-Authenticate"].startswith("Basic")
    with one.reading():
        assert events().count() == before


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic !!!", "Basic //79", "Basic " + "QQ==" * 2000, "Bearer x", "Digest x", ""],
)
def test_nonsense_instead_of_credentials_is_refused(header):
    """Whatever stands in Authorization, the answer is invalid_client."""
    answer = post(TOKEN, {"grant_type": "client_credentials"}, HTTP_AUTHORIZATION=header)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("platform", [True, False])
def test_a_client_that_nobody_made_is_refused(platform):
    """With and without a platform organisation, in which an unknown id is looked for."""
    if platform:
        tenant(kind="platform")
    form = {"client_id": "nobody", "client_secret": "x", "grant_type": "client_credentials"}
    answer = post(TOKEN, form)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_the_secret_of_one_client_does_not_serve_another():
    """Not even within one organisation, and not when header and body name different clients."""
    one = tenant()
    first, second, foreign = own_client(one), own_client(one), own_client(tenant())
    answer = post(TOKEN, {"grant_type": "client_credentials"}, **basic(first, second.secret))
    assert answer.status_code == 401

    def two_proofs(other):
        form = {"grant_type": "client_credentials", "client_id": other.row.client_id, "client_secret": other.secret}
        return post(TOKEN, form, **basic(first, "w" * 128))

    # A wrong secret in the header and a right one in the body: whoever proved who it is, and never the other.
    answer = two_proofs(second)
    assert (answer.status_code, claims_of(answer.json()["access_token"])["client_id"]) == (200, second.row.client_id)
    # The header says in which organisation to look.
    assert two_proofs(foreign).status_code == 401


def test_scopes_beyond_the_own_are_refused():
    """A client asks for the scopes it was made with; without `scope` it gets all of them."""
    client = own_client(tenant(), "people:read", "seats:read")
    assert asked(client, scope="people:read audit:read").json()["error"] == "invalid_scope"
    assert asked(client, scope="nonsense").json()["error"] == "invalid_scope"
    assert set(asked(client).json()["scope"].split()) == {"people:read", "seats:read"}


def test_a_resource_is_one_of_three():
    """RFC 8707: each audience is asked for by name, one per token; others are invalid_target."""
    client = own_client(tenant())
    base = settings.BASE_URL
    for place in ("api", "graphql", "scim"):
        assert claims_of(token_of(client, resource=f"{base}/{place}"))["aud"] == f"{base}/{place}"
    assert claims_of(token_of(client, resource=base))["aud"] == f"{base}/api"
    for wrong in (f"{base}/", "https://elsewhere.example.org/api", "api", [f"{base}/api", f"{base}/scim"]):
        answer = asked(client, resource=wrong)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_target")


def test_a_revoked_client_gets_no_token():
    """From the revocation on, invalid_client."""
    one = tenant()
    client = own_client(one)
    with one.writing() as trail:
        revoke_api_client(client_id=client.row.id, trail=trail)
    assert asked(client).json()["error"] == "invalid_client"


def test_an_expired_client_gets_no_token():
    """At the moment it ends, invalid_client."""
    one = tenant()
    client = own_client(one, expires_at=DatabaseClock().now() + timedelta(days=1))
    assert asked(client).status_code == 200
    with one.reading():
        now = DatabaseClock().now()
        ApiClient.objects.filter(id=client.row.id).update(created_at=now - timedelta(days=2), expires_at=now)
    assert asked(client).json()["error"] == "invalid_client"


def test_a_client_of_a_closed_organisation_gets_no_token():
    """A closed organisation has no clients any more."""
    one = tenant()
    client = own_client(one)
    one.organization.closed_at = DatabaseClock().now()
    one.organization.save(update_fields=["closed_at"])
    assert asked(client).json()["error"] == "invalid_client"


def test_a_client_that_asks_too_often_waits(monkeypatch):
    """429 with Retry-After, per client and per network; others of the same network are not held up by one client."""
    monkeypatch.setattr(limits, "PER_CLIENT", 2)
    client, other = own_client(tenant()), own_client(tenant())
    assert [asked(client).status_code for _ in range(3)] == [200, 200, 429]
    assert int(asked(client)["Retry-After"]) > 0
    assert asked(other).status_code == 200
    monkeypatch.setattr(limits, "PER_NETWORK", 3)
    assert asked(other).status_code == 429


def test_only_post_is_answered():
    """A secret in a query would stand in logs."""
    assert program().get(TOKEN).status_code == 405


def test_a_token_costs_a_constant_number_of_queries(django_assert_max_num_queries):
    """Route, client, key, token, last use and the ledger: no more with more tokens."""
    client = own_client(tenant())
    for _ in range(3):
        asked(client)
    with django_assert_max_num_queries(24):
        assert asked(client).status_code == 200


def test_revoking_and_introspecting_are_for_the_own_tokens():
    """RFC 7009 and 7662: the client that got a token may end it and ask about it, another one may neither."""
    one = tenant()
    client, other = own_client(one), own_client(one)
    token = token_of(client, scope="people:read")
    told = post("/oauth/introspect/", {"token": token}, **basic(client)).json()
    assert (told["active"], told["scope"], told["client_id"]) == (True, "people:read", client.row.client_id)
    assert post("/oauth/introspect/", {"token": token}, **basic(other)).json() == {"active": False}
    assert post("/oauth/introspect/", {"token": token}, **basic(client, "w" * 128)).status_code == 401
    assert post("/oauth/introspect/", {}, **basic(client)).json()["error"] == "invalid_request"
    assert post("/oauth/revoke/", {"token": token}, **basic(other)).status_code == 200
    assert bearer(token).get("/api/v1/people/").status_code == 200
    assert post("/oauth/revoke/", {"token": token}, **basic(client, "w" * 128)).status_code == 401
    assert post("/oauth/revoke/", {"token": token}, **basic(client)).status_code == 200
    assert post("/oauth/introspect/", {"token": token}, **basic(client)).json() == {"active": False}
    assert bearer(token).get("/api/v1/people/").status_code == 401
    with one.reading():
        assert [event.kind for event in events()][-1] == "access_token.revoked"


def test_a_token_costs_little():
    """The secret has the fast digest, since it was drawn at random and stretching would add nothing; the key is not
    read again for each token: every further one costs the same few statements."""
    client = own_client(tenant())
    assert client.row.client_secret.startswith(f"{DrawnSecretHasher.algorithm}$")
    asked(client)
    costs = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as seen:
            assert asked(client).status_code == 200
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 30
