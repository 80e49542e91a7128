"""What a client may be used for, changed: narrowing ends what carries more, widening asks who it is."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from audit.queries import events
from identity.models import ApiClient
from identity.operations import change_client_scopes, revoke_api_client
from identity.operations.api_clients import ClientRevoked, RoleBeyondOwn, ScopeUnknown
from identity.queries.access_tokens import checksum
from kernel import pages
from tests.factories.oauth import app_client, asked, bearer, code_for, exchanged, own_client, token_of
from tests.factories.tenants import Tenant, member, signed_in, tenant

pytestmark = pytest.mark.django_db
PAGE = "/organization/api-clients/"
REST = "/api/v1/api-clients/"
PEOPLE = "/api/v1/people/"


@pytest.fixture
def one() -> Tenant:
    return tenant()


def changed(one: Tenant, client, *scopes: str, actor=None):
    with one.writing(actor) as trail:
        return change_client_scopes(client_id=client.row.id, scopes=scopes, trail=trail)


def scopes_of(client) -> list[str]:
    return list(ApiClient.objects.get(id=client.row.id).scopes)


def forget_proof(browser) -> None:
    session = browser.session
    session[pages.PROVED] = 0
    session.save()


def test_narrowing_ends_what_carries_more(one):
    """Tokens with the removed scope are refused from the next request on; those within what is left live on, and the
    ledger says what was removed and how many ended."""
    client = own_client(one, "people:read", "seats:read")
    wide, narrow = token_of(client), token_of(client, scope="people:read")
    change = changed(one, client, "people:read")
    assert (change.removed, change.ended) == (("seats:read",), 1)
    assert [bearer(token).get(PEOPLE).status_code for token in (wide, narrow)] == [401, 200]
    assert asked(client, scope="seats:read").json()["error"] == "invalid_scope"
    with one.reading():
        [entry] = [event for event in events() if event.kind == "api_client.scopes_changed"]
    assert '"removed":["seats:read"]' in entry.body
    assert '"tokens":1' in entry.body


def test_narrowing_ends_what_accounts_agreed_to(one):
    """Codes that nobody used yet and refresh tokens end with their access tokens: the account is asked anew."""
    client = app_client(one, "people:read", "organization:read")
    browser = signed_in(one, "it_admin")
    exchanged(client, code_for(browser, client, scope="people:read organization:read"))
    narrow = exchanged(client, code_for(browser, client, scope="organization:read")).json()
    code_for(browser, client, scope="people:read")
    changed(one, client, "organization:read")
    assert (Grant.objects.count(), AccessToken.objects.count(), RefreshToken.objects.count()) == (0, 1, 1)
    assert RefreshToken.objects.get().token_checksum == checksum(narrow["refresh_token"])


def test_a_token_that_was_on_its_way_carries_no_more_either(one):
    """Should a token with a removed scope be stored in the same instant, it opens nothing by that scope."""
    client = own_client(one, "people:read", "organization:read")
    token = token_of(client)
    with one.reading():
        ApiClient.objects.filter(id=client.row.id).update(scopes=["organization:read"])
    answer = bearer(token).get(PEOPLE)
    assert (answer.status_code, answer.json()["code"]) == (403, "INSUFFICIENT_SCOPE")


def test_the_same_scopes_change_nothing(one):
    """No entry in the ledger, no token ended."""
    client = own_client(one, "people:read")
    token = token_of(client)
    assert changed(one, client, "people:read", "people:read").ended == 0
    assert bearer(token).get(PEOPLE).status_code == 200
    with one.reading():
        assert "api_client.scopes_changed" not in [event.kind for event in events()]


def test_what_cannot_be_is_refused(one):
    """Unknown scopes, none at all, a revoked client, and to widen a program that may do more than oneself."""
    strong = own_client(one, "people:read", "seats:read", roles=("owner",))
    for wrong in ((), ("everything",)):
        with pytest.raises(ScopeUnknown):
            changed(one, strong, *wrong)
    _account, actor = member(one, "it_admin")
    with pytest.raises(RoleBeyondOwn):
        changed(one, strong, "people:read", "seats:read", "money:read", actor=actor)
    assert changed(one, strong, "people:read", actor=actor).removed == ("seats:read",)
    with one.writing() as trail:
        revoke_api_client(client_id=strong.row.id, trail=trail)
    with pytest.raises(ClientRevoked):
        changed(one, strong, "seats:read")


def test_the_page_asks_who_it_is_before_it_widens(one):
    """Without a recent proof a scope can be taken away, and none can be given."""
    client = own_client(one, "people:read", "seats:read")
    browser = signed_in(one, "it_admin")
    address = f"{PAGE}{client.row.id}/scopes/"
    form = browser.get(address).content.decode()
    assert len(re.findall(r'name="scopes"[^>]* checked', form)) == 2
    forget_proof(browser)
    page = browser.post(address, {"scopes": ["people:read"]}, follow=True)
    assert "now has these scopes: people:read." in page.content.decode()
    page = browser.post(address, {"scopes": ["people:read", "audit:read"]})
    assert (page.status_code, "/accounts/confirm/" in page["Location"]) == (302, True)
    with one.reading():
        assert scopes_of(client) == ["people:read"]
    browser = signed_in(one, "it_admin")
    assert browser.post(address, {"scopes": ["people:read", "audit:read"]}).status_code == 302
    with one.reading():
        assert scopes_of(client) == ["audit:read", "people:read"]
    for wrong in ({}, {"scopes": ["everything"]}):
        assert browser.post(address, wrong).status_code == 422


def test_rest_asks_who_it_is_before_it_widens(one):
    """PROOF_NEEDED for a scope more, none for a scope less; 400 with a code for what is no scope."""
    client = own_client(one, "people:read", "seats:read")
    browser = signed_in(one, "owner")
    forget_proof(browser)

    def sent(*scopes: str):
        body = {"scopes": list(scopes)}
        return browser.post(f"{REST}{client.row.id}/change-scopes/", body, content_type="application/json")

    assert sent("people:read").json()["scopes"] == ["people:read"]
    assert (sent("audit:read").status_code, sent("audit:read").json()["code"]) == (403, "PROOF_NEEDED")
    assert sent().json()["code"] == "SCOPE_UNKNOWN"
    with one.reading():
        assert scopes_of(client) == ["people:read"]


def test_scopes_are_for_people_with_the_right(one):
    """Visitors sign in or get 401, other roles 403."""
    client = own_client(one)
    browser = signed_in(one, "auditor")
    assert browser.get(f"{PAGE}{client.row.id}/scopes/").status_code == 403
    body = {"scopes": ["people:read"]}
    answer = browser.post(f"{REST}{client.row.id}/change-scopes/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")


def test_the_command_changes_scopes(one):
    """A script narrows as a person does."""
    client = own_client(one, "people:read", "seats:read")
    out, told = StringIO(), StringIO()
    token_of(client)
    call_command(
        "api_client",
        organization=one.organization.slug,
        client=client.row.client_id,
        scopes=["people:read"],
        stdout=out,
        stderr=told,
    )
    assert out.getvalue() == "scopes=people:read\n"
    assert told.getvalue() == "Tokens that carried more have ended: 1.\n"
