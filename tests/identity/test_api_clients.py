"""API clients: operations, constraints, the pages, REST, the admin and the command."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from audit.queries import events
from identity.actors import names_of
from identity.models import ApiClient, ClientKind, CredentialRoute, GrantKind, TokenSigningKey
from identity.operations import (
    NewApiClient,
    create_api_client,
    forget_ended_tokens,
    revoke_api_client,
    rotate_client_secret,
)
from identity.operations.accounts import RoleUnknown
from identity.operations.api_clients import (
    ClientGrantInvalid,
    ClientNameTaken,
    ClientNotFound,
    ClientRevoked,
    ClientWithoutSecret,
    RedirectAddressInvalid,
    RoleBeyondOwn,
    ScopeUnknown,
)
from kernel.clock import SystemClock
from kernel.errors import InvalidInput
from kernel.scope import scope
from tests.constraints import Attempt, constraints_of, refused_by
from tests.factories import identity
from tests.factories.moments import NOW, days
from tests.factories.oauth import (
    CALLBACK,
    app_client,
    asked,
    bearer,
    code_for,
    exchanged,
    own_client,
    token_of,
)
from tests.factories.tenants import Tenant, member, signed_in, tenant

pytestmark = pytest.mark.django_db
PAGE = "/organization/api-clients/"
REST = "/api/v1/api-clients/"
NEW = {
    "name": "HR sync",
    "grant": "client-credentials",
    "client_type": "confidential",
    "scopes": ["people:read"],
    "days": "90",
}


@pytest.fixture
def one() -> Tenant:
    return tenant()


def kinds(one: Tenant) -> list[str]:
    with one.reading():
        return [event.kind for event in events()]


def made(one: Tenant, *roles: str, **columns: Any):
    """A client made by a member with these roles."""
    _account, actor = member(one, *roles)
    wanted = NewApiClient(**{"name": "Probe", "scopes": ["people:read"], "roles": ["member"], **columns})
    with one.writing(actor) as trail:
        return create_api_client(client=wanted, trail=trail)


# --- Operations ------------------------------------------------------------------------------------------------------


def test_a_client_is_made_with_a_secret_that_is_stored_nowhere(one):
    """128 random characters; a digest in the row, a route for its id, and neither in the ledger."""
    issued = own_client(one)
    assert len(issued.secret) == 128
    with one.reading():
        row = ApiClient.objects.get(id=issued.row.id)
        assert issued.secret not in row.client_secret
        assert issued.secret not in "".join(event.body for event in events())
    assert kinds(one)[-1] == "api_client.created"
    assert CredentialRoute.objects.get(kind="api_client").organization_id == one.organization.id


@pytest.mark.parametrize(
    ("columns", "refusal"),
    [
        ({"scopes": []}, ScopeUnknown),
        ({"scopes": ["everything"]}, ScopeUnknown),
        ({"roles": []}, RoleUnknown),
        ({"roles": ["king"]}, RoleUnknown),
        ({"redirect_uris": [CALLBACK]}, ClientGrantInvalid),
        ({"client_type": ClientKind.PUBLIC}, ClientGrantInvalid),
        ({"expires_at": NOW}, InvalidInput),
        ({"grant": GrantKind.FOR_ACCOUNTS}, ClientGrantInvalid),
        ({"grant": GrantKind.FOR_ACCOUNTS, "roles": []}, RedirectAddressInvalid),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(one, columns, refusal):
    """Each mistake has its own code, and nothing is written."""
    with pytest.raises(refusal):
        made(one, "owner", **columns)
    with one.reading():
        assert not ApiClient.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "http://app.example.org/",
        "https://",
        "https:///path",
        "https://app.example.org/#part",
        "https://user@app.example.org/",
        "https://app.example.org:99999/",
        "https://[::1",
        "https://app.example.org/ä",
        "myapp://callback",
        "javascript:alert(1)",
        "//app.example.org/",
        "",
    ],
)
def test_redirect_addresses_are_complete_https_addresses(one, address):
    """Everything else could send a code to somebody else, or to nobody."""
    with pytest.raises(RedirectAddressInvalid):
        made(one, "owner", grant=GrantKind.FOR_ACCOUNTS, roles=[], redirect_uris=[CALLBACK, address])


def test_nobody_makes_a_program_that_may_do_more(one):
    """An IT administrator makes no owner, and draws no secret of one either; an owner does both."""
    with pytest.raises(RoleBeyondOwn):
        made(one, "it_admin", roles=["owner"])
    strong = made(one, "owner", roles=["owner"])
    _account, actor = member(one, "it_admin")
    with pytest.raises(RoleBeyondOwn), one.writing(actor) as trail:
        rotate_client_secret(client_id=strong.row.id, trail=trail)
    assert asked(strong).status_code == 200


def test_names_are_taken_until_they_are_revoked(one):
    """One name, one client in use."""
    first = made(one, "owner")
    with pytest.raises(ClientNameTaken):
        made(one, "owner")
    with one.writing() as trail:
        revoke_api_client(client_id=first.row.id, trail=trail)
    assert made(one, "owner").row.name == first.row.name


def test_a_revoked_client_has_no_new_secret(one):
    """Revoking is for good; doing it twice changes nothing."""
    client = own_client(one)
    for _ in range(2):
        with one.writing() as trail:
            revoke_api_client(client_id=client.row.id, trail=trail)
    assert kinds(one).count("api_client.revoked") == 1
    with pytest.raises(ClientRevoked), one.writing() as trail:
        rotate_client_secret(client_id=client.row.id, trail=trail)


def test_a_public_client_has_no_secret_to_change(one):
    """It never had one."""
    client = app_client(one, client_type=ClientKind.PUBLIC)
    with pytest.raises(ClientWithoutSecret), one.writing() as trail:
        rotate_client_secret(client_id=client.row.id, trail=trail)


@pytest.mark.parametrize("operation", [rotate_client_secret, revoke_api_client])
def test_clients_of_others_do_not_exist(one, operation):
    """Another organisation's client is not found."""
    foreign = own_client(tenant())
    with pytest.raises(ClientNotFound), one.writing() as trail:
        operation(client_id=foreign.row.id, trail=trail)


def test_the_ledger_names_the_client(one):
    """A pseudonym of a client is shown as its name to whoever reads."""
    client = own_client(one)
    with one.reading():
        assert names_of([str(client.row.pseudonym)]) == {str(client.row.pseudonym): client.row.name}


def test_what_has_ended_is_forgotten(one):
    """Expired codes and tokens go; a live pair, and a used refresh token that a replay is known by, stay."""
    client, other = app_client(one), own_client(tenant())
    browser = signed_in(one, "it_admin")
    exchanged(client, code_for(browser, client))
    code_for(browser, client)
    token_of(other)
    ended = SystemClock().now() - timedelta(seconds=1)
    Grant.objects.update(expires=ended)
    AccessToken.objects.update(expires=ended)
    with one.reading():
        assert forget_ended_tokens(organization_id=one.organization.id, now=SystemClock().now()) == 1
    assert (Grant.objects.count(), AccessToken.objects.count(), RefreshToken.objects.count()) == (0, 2, 1)
    later = SystemClock().now() + timedelta(days=31)
    with one.reading():
        for _ in range(2):
            forget_ended_tokens(organization_id=one.organization.id, now=later)
    # What is left belongs to the other organisation.
    assert RefreshToken.objects.count() == 0
    assert AccessToken.objects.get().application_id == other.row.id


def test_what_has_ended_elsewhere_is_not_forgotten_here(one):
    """Codes and refresh tokens of another organisation are forgotten by its own task."""
    elsewhere = tenant()
    client = app_client(elsewhere)
    browser = signed_in(elsewhere, "it_admin")
    exchanged(client, code_for(browser, client))
    code_for(browser, client)
    later = SystemClock().now() + timedelta(days=62)
    for house, left in ((one, (1, 1)), (elsewhere, (0, 0))):
        with house.reading():
            forget_ended_tokens(organization_id=house.organization.id, now=later)
        assert (Grant.objects.count(), RefreshToken.objects.count()) == left


# --- Constraints -----------------------------------------------------------------------------------------------------


def _row(organization, **columns):
    values = {
        "name": "Probe",
        "client_id": "probe",
        "client_secret": "digest",
        "client_type": ClientKind.CONFIDENTIAL,
        "authorization_grant_type": GrantKind.OWN_NAME,
        "created_at": NOW,
        "secret_drawn_at": NOW,
        **columns,
    }
    return ApiClient.objects.create(organization=organization, **values)


def _key(**columns):
    values = {"algorithm": "RS256", "public": {}, "sealed_private": b"", "created_at": NOW, **columns}
    return TokenSigningKey.objects.create(**values)


ATTEMPTS: dict[str, Attempt] = {
    "identity_api_client_id_once": lambda o: [_row(o, name=name) for name in ("a", "b")],
    "identity_api_client_name_once": lambda o: [_row(o, client_id=name) for name in ("a", "b")],
    "identity_api_client_fits_its_grant": lambda o: _row(o, redirect_uris=CALLBACK),
    "identity_api_client_has_secret": lambda o: _row(o, client_secret=""),
    "identity_api_client_expires_later": lambda o: _row(o, expires_at=NOW),
    "identity_api_client_former_secret_ends": lambda o: _row(o, former_secret="digest"),
    "identity_token_key_one_active": lambda o: [_key(), _key()],
    "identity_token_key_in_order": lambda o: _key(retired_at=days(-1)),
}


@pytest.mark.parametrize("name", sorted(ATTEMPTS))
def test_each_constraint_refuses_what_it_names(name):
    """A write that breaks the promise fails, whoever sends it."""
    organization = identity.organization()
    with scope(organization.id), refused_by(constraints_of("identity")[name]):
        ATTEMPTS[name](organization)


# --- Pages -----------------------------------------------------------------------------------------------------------


def secret_on(page: Any) -> str:
    [found] = re.findall(r"[A-Za-z0-9]{128}", page.content.decode())
    return str(found)


def test_an_administrator_makes_a_client_in_the_browser(one):
    """The empty list leads to the form, the form to the secret, which no later page shows."""
    browser = signed_in(one, "it_admin")
    assert "No program has access yet" in browser.get(PAGE).content.decode()
    form = browser.get(f"{PAGE}new/").content.decode()
    assert "See people, groups, units and devices." in form
    assert 'value="owner"' not in form
    page = browser.post(f"{PAGE}new/", {**NEW, "roles": ["it_admin"]})
    assert (page.status_code, "no-store" in page["Cache-Control"]) == (200, True)
    secret = secret_on(page)
    with one.reading():
        row = ApiClient.objects.get()
    assert row.expires_at is not None
    assert abs(row.expires_at - row.created_at - timedelta(days=90)) < timedelta(seconds=5)
    assert asked(type("Issued", (), {"row": row, "secret": secret})()).status_code == 200
    listed = browser.get(PAGE).content.decode()
    assert row.client_id in listed
    assert secret not in listed


def test_the_form_comes_back_with_what_was_wrong(one):
    """422, the mistake beside its field, nothing typed is lost."""
    browser = signed_in(one, "it_admin")
    for changes, words in (
        ({"roles": []}, "There is no role called"),
        ({"scopes": []}, "This field is required"),
        ({"grant": "authorization-code"}, "Name at least one redirect address"),
        ({"grant": "authorization-code", "redirect_uris": "http://x"}, "no complete https address"),
        ({"roles": ["owner"]}, "Select a valid choice"),
    ):
        page = browser.post(f"{PAGE}new/", {**NEW, "roles": [], **changes})
        assert page.status_code in {400, 409, 422}
        assert words in page.content.decode()
        assert "HR sync" in page.content.decode()
    with one.reading():
        assert not ApiClient.objects.exists()


def test_a_new_secret_and_the_end_from_the_list(one):
    """Both ask first. Rotating shows the new secret once; revoking returns to the list with a message."""
    client = own_client(one)
    browser = signed_in(one, "it_admin")
    for action in ("secret", "scopes", "revoke"):
        page = browser.get(f"{PAGE}{client.row.id}/{action}/")
        assert (page.status_code, client.row.name in page.content.decode()) == (200, True)
    assert asked(client).status_code == 200
    assert secret_on(browser.post(f"{PAGE}{client.row.id}/secret/", {"overlap_hours": "0"})) != client.secret
    page = browser.post(f"{PAGE}{client.row.id}/revoke/", follow=True)
    assert "was revoked" in page.content.decode()
    page = browser.post(f"{PAGE}{client.row.id}/secret/", {"overlap_hours": "0"})
    assert (page.status_code, "make a new one" in page.content.decode()) == (409, True)


def test_an_auditor_sees_and_changes_nothing(one):
    """The list without buttons; the form and the buttons' addresses are refused."""
    client = own_client(one)
    browser = signed_in(one, "auditor")
    page = browser.get(PAGE)
    assert page.status_code == 200
    assert "Revoke" not in page.content.decode()
    assert browser.get(f"{PAGE}new/").status_code == 403
    assert browser.post(f"{PAGE}{client.row.id}/revoke/").status_code == 403
    assert browser.post(f"{PAGE}{client.row.id}/secret/").status_code == 403


@pytest.mark.parametrize("place", ["", "new/"])
def test_pages_are_for_people_with_the_right(one, place):
    """Visitors sign in, other roles get 403."""
    assert Client(HTTP_HOST="127.0.0.1").get(PAGE + place).status_code == 302
    assert signed_in(one, "finance").get(PAGE + place).status_code == 403


def test_clients_of_others_are_404(one):
    """On every address that names one."""
    foreign = own_client(tenant())
    browser = signed_in(one, "owner")
    for action in ("secret", "scopes", "revoke"):
        assert browser.post(f"{PAGE}{foreign.row.id}/{action}/").status_code == 404
        assert browser.get(f"{PAGE}{foreign.row.id}/{action}/").status_code == 404
    assert foreign.row.name not in browser.get(PAGE).content.decode()


def queries_of(browser: Client) -> int:
    with CaptureQueriesContext(connection) as counted:
        browser.get(PAGE)
    return len(counted)


def test_the_list_costs_a_constant_number_of_queries(one):
    """As many for ten clients as for one."""
    browser = signed_in(one, "owner")
    own_client(one)
    few = queries_of(browser)
    for _ in range(9):
        own_client(one)
    assert queries_of(browser) == few


# --- REST and admin --------------------------------------------------------------------------------------------------


def sent(browser: Client, address: str, body: Any = None) -> Any:
    return browser.post(address, body or {}, content_type="application/json")


def test_rest_makes_shows_rotates_and_revokes(one):
    """The secret is in two answers, and in none of the others."""
    browser = signed_in(one, "owner")
    answer = sent(browser, REST, {"name": "Sync", "scopes": ["people:read"], "roles": ["it_admin"]})
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (len(body["client_secret"]), answer["Cache-Control"]) == (128, "no-store")
    assert "client_secret" not in browser.get(f"{REST}{body['id']}/").json()
    assert "client_secret" not in browser.get(REST).json()["results"][0]
    again = sent(browser, f"{REST}{body['id']}/rotate-secret/").json()["client_secret"]
    assert again != body["client_secret"]
    assert sent(browser, f"{REST}{body['id']}/revoke/").json()["revoked_at"] is not None
    assert browser.delete(f"{REST}{body['id']}/").status_code == 405


def test_a_replayed_creation_does_not_show_the_secret_again(one):
    """The same Idempotency-Key: the same client, secret null."""
    browser = signed_in(one, "owner")
    body = {"name": "Sync", "scopes": ["people:read"], "roles": ["it_admin"]}
    first, second = (
        browser.post(REST, body, content_type="application/json", HTTP_IDEMPOTENCY_KEY="k").json() for _ in range(2)
    )
    assert (second["id"], second["client_secret"]) == (first["id"], None)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"scopes": ["x"]}, "SCOPE_UNKNOWN"),
        ({"roles": ["x"]}, "ROLE_UNKNOWN"),
        ({"name": ""}, "INVALID_INPUT"),
        ({"grant": "password"}, "INVALID_INPUT"),
        ({"redirect_uris": [CALLBACK]}, "API_CLIENT_GRANT_INVALID"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "INVALID_INPUT"),
    ],
)
def test_rest_names_the_mistake(one, change, code):
    """400 with the stable code."""
    body = {"name": "Sync", "scopes": ["people:read"], "roles": ["it_admin"], **change}
    answer = sent(signed_in(one, "owner"), REST, body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_rest_is_for_people_with_the_right(one):
    """401 for visitors, 403 for other roles, 404 for clients of others."""
    foreign = own_client(tenant())
    assert Client(HTTP_HOST="127.0.0.1").get(REST).status_code == 401
    assert signed_in(one, "finance").get(REST).status_code == 403
    assert sent(signed_in(one, "auditor"), REST).status_code == 403
    browser = signed_in(one, "owner")
    assert browser.get(f"{REST}{foreign.row.id}/").status_code == 404
    for action in ("rotate-secret", "change-scopes", "revoke"):
        assert sent(browser, f"{REST}{foreign.row.id}/{action}/", {"scopes": ["people:read"]}).status_code == 404


def test_the_admin_shows_clients_and_no_digest(one):
    """To read: list, page and search; nothing to add, change or delete."""
    client = own_client(one)
    browser = signed_in(one, "owner")
    with one.reading():
        digest = ApiClient.objects.get().client_secret
    for address in ("/admin/identity/apiclient/", f"/admin/identity/apiclient/{client.row.id}/change/"):
        page = browser.get(address)
        assert page.status_code == 200
        assert client.row.name in page.content.decode()
        assert digest not in page.content.decode()
    assert browser.get("/admin/identity/apiclient/add/").status_code == 403
    assert signed_in(one, "finance").get("/admin/identity/apiclient/").status_code == 403


# --- Commands --------------------------------------------------------------------------------------------------------


def test_the_command_prints_id_and_secret_once(one):
    """A script reads the two lines; the client works at once."""
    out = StringIO()
    call_command(
        "api_client",
        organization=one.organization.slug,
        name="Script",
        scopes=["people:read"],
        roles=["it_admin"],
        stdout=out,
        stderr=StringIO(),
    )
    printed = dict(line.split("=", 1) for line in out.getvalue().splitlines())
    with one.reading():
        row = ApiClient.objects.get(client_id=printed["client_id"])
    issued = type("Issued", (), {"row": row, "secret": printed["client_secret"]})()
    assert bearer(token_of(issued)).get("/api/v1/people/").status_code == 200


def test_the_command_says_what_is_wrong(one):
    """An unknown organisation, a name that is taken."""
    with pytest.raises(CommandError, match="ORGANIZATION_UNKNOWN"):
        call_command("api_client", organization="nowhere", name="x", scopes=["people:read"])
    arguments = {"organization": one.organization.slug, "name": "x", "scopes": ["people:read"]}
    call_command("api_client", **arguments, stdout=StringIO(), stderr=StringIO())
    with pytest.raises(CommandError, match="API_CLIENT_NAME_TAKEN"):
        call_command("api_client", **arguments)


def test_keys_are_listed_and_changed_by_command():
    """The platform's ledger has the change; without a platform organisation the command says what to do."""
    with pytest.raises(CommandError, match="--kind platform"):
        call_command("token_keys")
    platform = tenant(kind="platform")
    out = StringIO()
    call_command("token_keys", stdout=out)
    call_command("token_keys", rotate=True, stdout=out)
    assert TokenSigningKey.objects.filter(retired_at=None).count() == 1
    assert TokenSigningKey.objects.count() == 2
    assert kinds(platform)[-2:] == ["signing_key.retired", "signing_key.created"]
    assert out.getvalue().count("RS256 signs") == 2


def test_the_first_key_stands_in_the_platforms_ledger(one):
    """A key that serves all organisations is drawn in the name of none of them, where there is a platform."""
    platform = tenant(kind="platform")
    before = (kinds(platform), kinds(one))
    token_of(own_client(one))
    assert kinds(platform) == [*before[0], "signing_key.created"]
    assert kinds(one) == [*before[1], "api_client.created", "access_token.issued"]
