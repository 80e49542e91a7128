"""Access tokens at the door: what opens, and each way of forging or stretching one that must not."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from oauth2_provider.models import AccessToken

from audit.queries import events
from identity.models import TokenSigningKey
from identity.operations import end_membership, ensure_token_key, revoke_api_client, rotate_token_key
from identity.queries.access_tokens import AccessTokenRefused, principal_of_token
from identity.queries.token_keys import private_half, signing_key
from identity.rules.access_tokens import Audience, audience_of
from kernel.clock import SystemClock
from tests.factories import identity
from tests.factories.oauth import app_client, bearer, code_for, exchanged, own_client, token_of
from tests.factories.tenants import Tenant, member, signed_in, tenant

pytestmark = pytest.mark.django_db
PEOPLE = "/api/v1/people/"
API = audience_of(settings.BASE_URL, Audience.API)


def parts(token: str) -> tuple[dict, dict]:
    header, claims, _signature = token.split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims))


def packed(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def stored_as(token: str, like: str) -> str:
    """Gives a forged token the row of a good one, so that nothing but its own contents can be what refuses it."""
    row = AccessToken.objects.get(token_checksum=hashlib.sha256(like.encode()).hexdigest())
    AccessToken.objects.filter(pk=row.pk).update(token_checksum=hashlib.sha256(token.encode()).hexdigest())
    return token


def resigned(token: str, *, header: dict | None = None, **claims: Any) -> str:
    """The same token, signed by our own key, with other claims; what is None is left out."""
    old_header, old_claims = parts(token)
    key = signing_key()
    assert key is not None
    changed = {name: value for name, value in {**old_claims, **claims}.items() if value is not None}
    forged = jwt.encode({**old_header, **(header or {})}, changed, private_half(key), algorithms=["RS256"])
    return stored_as(forged, token)


def asked_of(token: str) -> int:
    return int(bearer(token).get(PEOPLE).status_code)


@pytest.fixture
def one() -> Tenant:
    return tenant()


@pytest.fixture
def token(one: Tenant) -> str:
    return token_of(own_client(one))


def now() -> int:
    return int(SystemClock().now().timestamp())


@pytest.mark.requirement("REQ-178")
def test_what_is_signed_again_unchanged_opens(token):
    """The forgeries below are refused for what they change, not for how they are made."""
    assert asked_of(resigned(token)) == 200


@pytest.mark.requirement("REQ-178")
@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://elsewhere.example.org/api"},
        {"aud": audience_of(settings.BASE_URL, Audience.SCIM)},
        {"aud": audience_of(settings.BASE_URL, Audience.GRAPHQL)},
        {"aud": [API, audience_of(settings.BASE_URL, Audience.SCIM)]},
        {"aud": None},
        {"iss": "https://elsewhere.example.org"},
        {"iss": settings.BASE_URL + "/"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": True},
        {"exp": 10**18},
        {"nbf": 4102444800},
        {"iat": 4102444800},
        {"sub": "somebody else"},
        {"client_id": "another"},
        {"jti": None},
        {"organization": None},
        {"organization": "none"},
        {"organization": "01900000-0000-7000-8000-000000000000"},
    ],
    ids=str,
)
def test_claims_that_do_not_fit_are_refused(token, changes):
    """Audience, issuer, times, subject, client and organisation: each alone refuses a token that our key signed."""
    assert asked_of(resigned(token, **changes)) == 401


@pytest.mark.requirement("REQ-178")
@pytest.mark.parametrize("kind", ["JWT", "id+jwt", "", "at+jwt+more"])
def test_another_type_is_refused(token, kind):
    """An ID token or any other JWT of ours is no access token."""
    assert asked_of(resigned(token, header={"typ": kind})) == 401


@pytest.mark.requirement("REQ-178")
@pytest.mark.parametrize("name", ["none", "None", "NONE", ""])
def test_unsigned_tokens_are_refused(token, name):
    """alg none, in any spelling, with and without a signature."""
    header, claims = parts(token)
    for signature in ("", token.split(".")[2]):
        forged = f"{packed({**header, 'alg': name})}.{packed(claims)}.{signature}"
        assert asked_of(stored_as(forged, token)) == 401
        stored_as(token, forged)


@pytest.mark.requirement("REQ-178")
@pytest.mark.parametrize("form", ["pem", "json"])
def test_the_public_key_is_no_shared_secret(token, form):
    """Key confusion: HS256 with the published key as the secret."""
    header, claims = parts(token)
    public = TokenSigningKey.objects.get().public
    secret = RSAKey.import_key(public).as_pem(private=False) if form == "pem" else json.dumps(public).encode()
    signed = f"{packed({**header, 'alg': 'HS256'})}.{packed(claims)}"
    mac = base64.urlsafe_b64encode(hmac.new(secret, signed.encode(), hashlib.sha256).digest()).decode().rstrip("=")
    assert asked_of(stored_as(f"{signed}.{mac}", token)) == 401


@pytest.mark.requirement("REQ-178")
def test_keys_of_others_are_refused(token):
    """Signed by another key under our kid, by a key in the header, with no kid, and with another algorithm."""
    header, claims = parts(token)
    foreign = RSAKey.generate_key(2048, private=True)
    curve = ECKey.generate_key("P-256", private=True)
    forgeries = [
        jwt.encode(header, claims, foreign, algorithms=["RS256"]),
        jwt.encode({**header, "jwk": foreign.as_dict(private=False)}, claims, foreign, algorithms=["RS256"]),
        jwt.encode({"alg": "RS256", "typ": "at+jwt"}, claims, foreign, algorithms=["RS256"]),
        jwt.encode({**header, "kid": "../../dev/null"}, claims, foreign, algorithms=["RS256"]),
        jwt.encode({**header, "alg": "ES256"}, claims, curve, algorithms=["ES256"]),
        jwt.encode({**header, "alg": "PS256"}, claims, foreign, algorithms=["PS256"]),
    ]
    known = token
    for forged in forgeries:
        assert asked_of(stored_as(forged, known)) == 401
        known = forged


@pytest.mark.parametrize(
    "text", ["", "x", ".", "..", "a.b.c", "e30.e30.e30", "[" * 3000, "é", "x" * 100_000, "e30" + "." * 50]
)
def test_what_is_no_token_is_refused(text):
    """Whatever stands behind Bearer, the answer is 401 and never an error of the server."""
    with pytest.raises(AccessTokenRefused):
        principal_of_token(token=text, audience=API, at=SystemClock().now())


def test_nested_brackets_are_no_token(token):
    """Headers and claims that no parser should follow to their end."""
    deep = base64.urlsafe_b64encode(b"[" * 2800).decode().rstrip("=")
    for forged in (f"{deep}.e30.e30", f"{packed({'alg': 'RS256', 'typ': 'at+jwt', 'kid': {'a': 1}})}.{deep}.e30"):
        with pytest.raises(AccessTokenRefused):
            principal_of_token(token=forged[:4000], audience=API, at=SystemClock().now())


@pytest.mark.requirement("REQ-178")
def test_after_five_minutes_it_is_over(one, token):
    """Half-open: at `exp` the token is refused."""
    at = SystemClock().now()
    assert principal_of_token(token=token, audience=API, at=at).organization_id == one.organization.id
    with pytest.raises(AccessTokenRefused):
        principal_of_token(token=token, audience=API, at=at + timedelta(seconds=301))


@pytest.mark.requirement("REQ-178")
def test_a_token_sees_its_organisation_alone(one, token):
    """Rows of another organisation are not listed and answer 404, as ids that do not exist."""
    other = tenant()
    with other.writing():
        foreign = identity.person(other.organization)
    with one.writing():
        own = identity.person(one.organization)
    assert [row["id"] for row in bearer(token).get(PEOPLE).json()["results"]] == [str(own.id)]
    answer = bearer(token).get(f"{PEOPLE}{foreign.id}/")
    missing = bearer(token).get(f"{PEOPLE}01900000-0000-7000-8000-000000000000/")
    assert (answer.status_code, answer.json()) == (404, missing.json())


def test_a_token_cannot_name_another_organisation(one, token):
    """Even signed by our key: the row belongs to a client of the organisation that got it."""
    assert asked_of(resigned(token, organization=str(tenant().organization.id))) == 401


def test_a_revoked_client_ends_its_tokens(one):
    """Tokens of a client end with it, from the next request on."""
    client = own_client(one)
    token = token_of(client)
    with one.writing() as trail:
        revoke_api_client(client_id=client.row.id, trail=trail)
    assert asked_of(token) == 401


def test_a_closed_organisation_ends_its_tokens(one, token):
    """What an organisation gave out ends when it closes."""
    one.organization.closed_at = SystemClock().now()
    one.organization.save(update_fields=["closed_at"])
    assert asked_of(token) == 401


@pytest.mark.parametrize("end", ["membership", "account"])
def test_a_token_for_an_account_ends_with_its_membership(one, end):
    """Whoever may no longer enter is not represented either."""
    account, _principal = member(one, "it_admin", email="kim@example.org")
    browser = signed_in(one, "it_admin")
    client = app_client(one)
    token = exchanged(client, code_for(browser, client)).json()["access_token"]
    assert asked_of(token) == 200
    row = AccessToken.objects.select_related("user").get()
    if end == "account":
        row.user.is_active = False
        row.user.save(update_fields=["is_active"])
    else:
        with one.writing() as trail:
            end_membership(membership=row.user.memberships.get(), trail=trail)
    assert asked_of(token) == 401
    assert account.is_active


@pytest.mark.parametrize(
    ("scopes", "roles", "status"),
    [
        (("people:read",), ("it_admin",), 200),
        (("people:read",), ("vendor_ops",), 403),
        (("seats:read",), ("it_admin",), 403),
        (("people:read",), ("vendor_ops", "auditor"), 200),
    ],
)
def test_scope_and_role_must_both_allow(one, scopes, roles, status):
    """A scope opens nothing that the roles do not, and a role nothing that the scopes do not."""
    answer = bearer(token_of(own_client(one, *scopes, roles=roles))).get(PEOPLE)
    assert answer.status_code == status
    if "people:read" not in scopes:
        assert answer.json()["code"] == "INSUFFICIENT_SCOPE"
        assert (answer.json()["permission"], answer.json()["scope"]) == ("identity.person.view", "people:read")
        assert 'error="insufficient_scope", scope="people:read", resource_metadata=' in answer["WWW-Authenticate"]
    elif status == 403:
        # Another token would not help, and a client that asks for one would never stop.
        assert answer.json()["code"] == "PERMISSION_DENIED"
        assert "WWW-Authenticate" not in answer


def test_a_scope_that_nobody_gives_is_not_asked_for(one):
    """What is for people alone is refused as such: a program would ask in vain for a wider token."""
    answer = bearer(token_of(own_client(one, "people:read", roles=("owner",)))).get("/api/v1/api-clients/")
    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")
    assert "WWW-Authenticate" not in answer


def test_money_stays_hidden_without_its_scope(one):
    """A role that sees prices shows none through a token without money:read."""
    with_money = token_of(own_client(one, "entitlements:read", "money:read", roles=("finance",)))
    without = token_of(own_client(one, "entitlements:read", roles=("finance",)))
    at = SystemClock().now()
    assert principal_of_token(token=with_money, audience=API, at=at).may("licensing.money.view")
    assert not principal_of_token(token=without, audience=API, at=at).may("licensing.money.view")


def test_no_token_makes_api_clients(one):
    """A program that makes programs could outlive its own revocation."""
    everything = token_of(own_client(one, "organization:read", roles=("owner", "it_admin")))
    assert bearer(everything).get("/api/v1/api-clients/").status_code == 403


def test_a_refusal_tells_where_to_get_a_token():
    """401 as problem+json with a stable code; WWW-Authenticate names the fault and the metadata (RFC 6750, 9728)."""
    answer = bearer("nonsense").get(PEOPLE)
    assert (answer.status_code, answer.json()["code"]) == (401, "ACCESS_TOKEN_INVALID")
    metadata = f'resource_metadata="{settings.BASE_URL}/.well-known/oauth-protected-resource/api"'
    assert answer["WWW-Authenticate"] == f'Bearer realm="Seatledger", error="invalid_token", {metadata}'
    visitor = bearer("x")
    visitor.defaults.clear()
    visitor.defaults["HTTP_HOST"] = "127.0.0.1"
    answer = visitor.get(PEOPLE)
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_IN_REQUIRED")
    assert answer["WWW-Authenticate"] == f'Bearer realm="Seatledger", {metadata}, Session'


def test_a_session_does_not_help_a_bad_token(one):
    """A request with a token is judged by the token, whatever cookie stands beside it."""
    browser = signed_in(one, "owner")
    assert browser.get(PEOPLE).status_code == 200
    assert browser.get(PEOPLE, HTTP_AUTHORIZATION="Bearer nonsense").status_code == 401
    assert browser.get(PEOPLE, HTTP_AUTHORIZATION="Bearer").status_code == 401


def test_a_session_still_needs_its_csrf_token(one):
    """What tokens are spared, sessions are not."""
    browser = signed_in(one, "owner")
    browser.handler.enforce_csrf_checks = True
    answer = browser.post(PEOPLE, {"user_name": "x"}, content_type="application/json")
    assert answer.status_code == 403


def test_a_token_in_the_query_is_no_token(one, token):
    """RFC 9700 §4.3.2: addresses stand in logs and histories."""
    browser = bearer(token)
    browser.defaults.pop("HTTP_AUTHORIZATION")
    assert browser.get(f"{PEOPLE}?access_token={token}").status_code == 401


def test_tokens_outlive_the_change_of_the_key_and_no_longer(one, token):
    """A retired key verifies what it signed until that is over, and signs nothing more."""
    old = TokenSigningKey.objects.get()
    with one.writing() as trail:
        fresh = rotate_token_key(trail=trail)
    assert (asked_of(token), fresh.id != old.id) == (200, True)
    assert parts(token_of(own_client(one)))[0]["kid"] == str(fresh.id)
    earlier = SystemClock().now() - timedelta(seconds=331)
    TokenSigningKey.objects.filter(id=old.id).update(created_at=earlier, retired_at=earlier)
    assert asked_of(token) == 401


def test_the_key_is_drawn_once(one):
    """The first request draws it, others find it; its private half is sealed and stands in the ledger nowhere."""
    with one.writing() as trail:
        first = ensure_token_key(trail=trail)
        assert ensure_token_key(trail=trail) == first
    assert set(first.public) == {"kty", "n", "e", "kid", "use", "alg"}
    assert b"PRIVATE" not in bytes(first.sealed_private)
    with one.reading():
        assert [event.kind for event in events()][-1] == "signing_key.created"


def test_a_token_costs_few_queries(one, token, django_assert_max_num_queries):
    """Key, token with client and organisation: two queries, and on PostgreSQL the scope round one of them."""
    with django_assert_max_num_queries(7):
        principal_of_token(token=token, audience=API, at=SystemClock().now())


def test_tokens_are_not_stored(token):
    """RFC 9700: the database holds a checksum, from which nobody makes a token."""
    assert AccessToken.objects.get().token == ""
