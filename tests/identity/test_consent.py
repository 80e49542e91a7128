"""Acting for an account: what the consent page shows, where the answer goes, what a code and its tokens are worth."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from audit.queries import events
from identity.models import ClientKind
from identity.operations import end_membership, revoke_api_client
from kernel.clock import SystemClock
from tests.factories.oauth import (
    CALLBACK,
    TOKEN,
    VERIFIER,
    app_client,
    authorization,
    basic,
    bearer,
    challenge,
    code_for,
    exchanged,
    own_client,
    post,
    returned,
)
from tests.factories.tenants import signed_in, tenant

pytestmark = pytest.mark.django_db
ALLOW = {"decision": "allow"}


def refreshed(issued, refresh_token: str, **form: str):
    wanted = {"grant_type": "refresh_token", "refresh_token": refresh_token, **form}
    if issued.secret:
        return post(TOKEN, wanted, **basic(issued))
    return post(TOKEN, {**wanted, "client_id": issued.row.client_id})


def test_somebody_agrees_and_the_application_acts_in_the_own_name():
    """The page names application, scopes and where one goes; the code becomes a token that acts as the account."""
    one = tenant()
    browser, client = signed_in(one, "it_admin"), app_client(one, "people:read", "people:write")
    page = browser.get(authorization(client, scope="people:read people:write"))
    assert page.status_code == 200
    for words in (client.row.name, "See people, groups, units and devices.", "app.example.org", one.organization.name):
        assert words in page.content.decode()
    answer = browser.post(authorization(client, scope="people:read people:write"), ALLOW)
    back = returned(answer)
    assert answer["Location"].startswith(CALLBACK)
    assert (back["state"], back["iss"]) == ("a state", settings.BASE_URL)
    body = exchanged(client, back["code"]).json()
    made = bearer(body["access_token"]).post("/api/v1/people/", {"user_name": "kim"}, content_type="application/json")
    assert made.status_code == 201, made.content
    account = AccessToken.objects.select_related("user").get().user
    with one.reading():
        told = {event.kind: event.actor for event in events()}
    assert told["person.created"] == told["api_client.authorized"] == str(account.pseudonym)
    assert told["access_token.issued"] == str(client.row.pseudonym)


def test_the_page_says_what_the_roles_do_not_allow():
    """A scope beyond the roles is shown as not given, and is not given."""
    one = tenant()
    browser, client = signed_in(one, "vendor_ops"), app_client(one, "people:read")
    assert "will not get it" in browser.get(authorization(client)).content.decode()
    token = exchanged(client, code_for(browser, client)).json()["access_token"]
    assert bearer(token).get("/api/v1/people/").status_code == 403


def test_the_answer_may_redirect_to_the_application_alone():
    """form-action of this one page names the registered origin; no other page's does."""
    one = tenant()
    page = signed_in(one, "it_admin").get(authorization(app_client(one)))
    assert "form-action 'self' https://app.example.org;" in page["Content-Security-Policy"] + ";"


def test_visitors_sign_in_first():
    """Whoever is not signed in comes back to the request after the sign-in."""
    answer = Client(HTTP_HOST="127.0.0.1").get(authorization(app_client(tenant())))
    assert (answer.status_code, urlsplit(answer["Location"]).path) == (302, "/accounts/sign-in/")


def test_a_foreign_page_cannot_agree():
    """POST without the CSRF token is refused."""
    one = tenant()
    browser = signed_in(one, "it_admin")
    browser.handler.enforce_csrf_checks = True
    assert browser.post(authorization(app_client(one)), ALLOW).status_code == 403


@pytest.mark.parametrize("decision", ["deny", "", "yes"])
def test_refusing_tells_the_application(decision):
    """access_denied, and no code."""
    one = tenant()
    answer = signed_in(one, "it_admin").post(authorization(app_client(one)), {"decision": decision})
    assert returned(answer)["error"] == "access_denied"
    assert returned(answer)["state"] == "a state"
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        CALLBACK + "&more=1",
        CALLBACK + "/",
        CALLBACK.replace("https", "http"),
        CALLBACK.upper(),
        CALLBACK.replace("app.", "evil."),
        CALLBACK.replace("callback", "callback/../other"),
        "https://app.example.org:443/callback?from=seatledger",
        "https://app.example.org/callback",
        "javascript:alert(1)",
    ],
)
def test_the_redirect_address_is_exactly_a_registered_one(address):
    """Otherwise a page here, and nothing is sent anywhere."""
    one = tenant()
    browser, client = signed_in(one, "it_admin"), app_client(one)
    for answer in (
        browser.get(authorization(client, redirect_uri=address)),
        browser.post(authorization(client, redirect_uri=address), ALLOW),
    ):
        assert answer.status_code == 400
        assert "Location" not in answer


@pytest.mark.parametrize("whose", ["nobody", "other organisation", "revoked", "own name"])
def test_an_application_that_may_not_ask_is_not_answered(whose):
    """Unknown, of another organisation, or revoked: a page here. One that acts in its own name: an error."""
    one = tenant()
    client = {
        "nobody": app_client(one),
        "other organisation": app_client(tenant()),
        "revoked": app_client(one),
        "own name": own_client(one),
    }[whose]
    if whose == "revoked":
        with one.writing() as trail:
            revoke_api_client(client_id=client.row.id, trail=trail)
    named = {"client_id": "nobody"} if whose == "nobody" else {}
    answer = signed_in(one, "it_admin").get(authorization(client, **named))
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"scope": "audit:read"}, "invalid_scope"),
        ({"resource": "https://elsewhere.example.org/api"}, "invalid_target"),
        ({"resource": [f"{settings.BASE_URL}/api", f"{settings.BASE_URL}/scim"]}, "invalid_target"),
    ],
    ids=str,
)
def test_requests_without_protection_are_refused(changes, error):
    """No PKCE or an unhashed one, the implicit grant, foreign scopes and resources: an error to the application."""
    one = tenant()
    browser, client = signed_in(one, "it_admin"), app_client(one)
    for answer in (
        browser.get(authorization(client, **changes)),
        browser.post(authorization(client, **changes), ALLOW),
    ):
        back = returned(answer)
        assert (back["error"], back["iss"]) == (error, settings.BASE_URL)
    assert not Grant.objects.exists()


def test_a_code_serves_once():
    """The second use is refused and brings no token."""
    one = tenant()
    client = app_client(one)
    code = code_for(signed_in(one, "it_admin"), client)
    assert exchanged(client, code).status_code == 200
    answer = exchanged(client, code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert AccessToken.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 60},
        {"code_verifier": ""},
        {"code_verifier": challenge()},
        {"redirect_uri": "https://app.example.org/callback"},
        {"resource": f"{settings.BASE_URL}/scim"},
    ],
    ids=str,
)
def test_a_code_is_bound_to_its_request(changes):
    """Another verifier, redirect address or resource than the request had: no token."""
    one = tenant()
    client = app_client(one)
    code = code_for(signed_in(one, "it_admin"), client, resource=f"{settings.BASE_URL}/api")
    assert exchanged(client, code, **changes).status_code == 400
    assert not AccessToken.objects.exists()


def test_a_code_is_bound_to_its_client():
    """Another client of the same house cannot use it."""
    one = tenant()
    client, thief = app_client(one), app_client(one)
    code = code_for(signed_in(one, "it_admin"), client)
    assert exchanged(thief, code).json()["error"] == "invalid_grant"
    assert exchanged(client, code).status_code == 200


def test_a_code_is_over_after_a_minute():
    """An application that takes longer asks again."""
    one = tenant()
    client = app_client(one)
    code = code_for(signed_in(one, "it_admin"), client)
    Grant.objects.update(expires=SystemClock().now())
    assert exchanged(client, code).json()["error"] == "invalid_grant"


def test_a_public_client_proves_itself_by_pkce():
    """No secret, no Basic; an empty secret is none either."""
    one = tenant()
    client = app_client(one, client_type=ClientKind.PUBLIC)
    assert client.secret == ""
    browser = signed_in(one, "it_admin")
    body = exchanged(client, code_for(browser, client)).json()
    assert bearer(body["access_token"]).get("/api/v1/people/").status_code == 200
    assert refreshed(client, body["refresh_token"]).status_code == 200
    form = {"client_id": client.row.client_id, "token": body["access_token"]}
    assert post("/oauth/introspect/", {**form, "client_secret": ""}).status_code == 401


def test_a_confidential_client_cannot_pass_as_public():
    """Its code alone is not enough: the secret is asked for."""
    one = tenant()
    client = app_client(one)
    code = code_for(signed_in(one, "it_admin"), client)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    answer = post(TOKEN, {**form, "client_id": client.row.client_id})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_refresh_token_is_changed_at_each_use():
    """A new pair each time; the token before ends with it, and the audience stays the one that was granted."""
    one = tenant()
    client = app_client(one)
    first = exchanged(client, code_for(signed_in(one, "it_admin"), client, resource=f"{settings.BASE_URL}/api")).json()
    second = refreshed(client, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert bearer(first["access_token"]).get("/api/v1/people/").status_code == 401
    assert bearer(second["access_token"]).get("/api/v1/people/").status_code == 200
    elsewhere = refreshed(client, second["refresh_token"], resource=f"{settings.BASE_URL}/scim")
    assert elsewhere.json()["error"] == "invalid_target"


def test_a_refresh_token_that_comes_twice_ends_the_family():
    """Somebody else has it: all that descends from it ends, and the ledger says so, although the answer is an error."""
    one = tenant()
    client = app_client(one)
    first = exchanged(client, code_for(signed_in(one, "it_admin"), client)).json()
    second = refreshed(client, first["refresh_token"]).json()
    answer = refreshed(client, first["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert bearer(second["access_token"]).get("/api/v1/people/").status_code == 401
    assert refreshed(client, second["refresh_token"]).json()["error"] == "invalid_grant"
    with one.reading():
        assert "refresh_token.replayed" in [event.kind for event in events()]


def test_a_refresh_token_of_another_client_is_refused():
    """And does not end the family of its owner."""
    one = tenant()
    client, thief = app_client(one), app_client(one)
    first = exchanged(client, code_for(signed_in(one, "it_admin"), client)).json()
    assert refreshed(thief, first["refresh_token"]).json()["error"] == "invalid_grant"
    assert refreshed(client, first["refresh_token"]).status_code == 200


def test_scopes_do_not_grow_at_a_refresh():
    """Narrower is possible, wider is not."""
    one = tenant()
    client = app_client(one, "people:read", "seats:read", "organization:read")
    browser = signed_in(one, "it_admin")
    first = exchanged(client, code_for(browser, client, scope="people:read seats:read")).json()
    narrower = refreshed(client, first["refresh_token"], scope="people:read").json()
    assert narrower["scope"] == "people:read"
    assert refreshed(client, narrower["refresh_token"], scope="organization:read").json()["error"] == "invalid_scope"


@pytest.mark.parametrize("step", ["code", "refresh"])
def test_whoever_left_gets_no_further_tokens(step):
    """Neither a code nor a refresh token outlives the membership."""
    one = tenant()
    client = app_client(one)
    code = code_for(signed_in(one, "it_admin"), client)
    account = Grant.objects.select_related("user").get().user
    first = exchanged(client, code).json() if step == "refresh" else {}
    with one.writing() as trail:
        end_membership(membership=account.memberships.get(), trail=trail)
    answer = refreshed(client, first["refresh_token"]) if first else exchanged(client, code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_an_unused_refresh_token_ends_after_thirty_days():
    """An application that nobody uses for so long asks again."""
    one = tenant()
    client = app_client(one)
    first = exchanged(client, code_for(signed_in(one, "it_admin"), client)).json()
    AccessToken.objects.update(expires=SystemClock().now() - timedelta(days=30))
    assert refreshed(client, first["refresh_token"]).json()["error"] == "invalid_grant"


def test_revoking_the_access_token_ends_its_refresh_token():
    """Whoever gives one back gives both back."""
    one = tenant()
    client = app_client(one)
    first = exchanged(client, code_for(signed_in(one, "it_admin"), client)).json()
    assert post("/oauth/revoke/", {"token": first["access_token"]}, **basic(client)).status_code == 200
    assert refreshed(client, first["refresh_token"]).json()["error"] == "invalid_grant"


def test_revoking_a_client_removes_codes_and_refresh_tokens():
    """Nothing of it is left to use."""
    one = tenant()
    client = app_client(one)
    browser = signed_in(one, "it_admin")
    exchanged(client, code_for(browser, client))
    code_for(browser, client)
    with one.writing() as trail:
        revoke_api_client(client_id=client.row.id, trail=trail)
    assert [model.objects.count() for model in (Grant, RefreshToken, AccessToken)] == [0, 0, 0]


def test_consent_is_never_skipped():
    """Having agreed before, or asking for `approval_prompt=auto`, does not agree again by itself."""
    one = tenant()
    browser, client = signed_in(one, "it_admin"), app_client(one)
    exchanged(client, code_for(browser, client))
    page = browser.get(authorization(client, approval_prompt="auto", prompt="none"))
    assert (page.status_code, 'value="allow"' in page.content.decode()) == (200, True)
    assert not Grant.objects.exists()


def test_the_page_costs_few_queries(django_assert_max_num_queries):
    """Session, account, membership, client, organisation."""
    one = tenant()
    browser, client = signed_in(one, "it_admin"), app_client(one)
    with django_assert_max_num_queries(12):
        browser.get(authorization(client))
