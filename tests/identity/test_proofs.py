"""Who hands out secrets, trust or rights proves once more who it is: on the pages and over REST in a browser."""

from typing import Any

import pytest

from identity.models import ApiClient, Membership, ProvedDomain, SamlConnection, ScimToken, SsoPolicy
from identity.operations.email_domains import claim_domain
from kernel.pages import PROVED
from tests.factories.oauth import own_client
from tests.factories.provisioning import scim_token
from tests.factories.tenants import PASSWORD, Tenant, member, signed_in, tenant
from tests.identity.saml.forge import connected

pytestmark = pytest.mark.django_db
CONFIRM = "/accounts/confirm/"
HERE = "/organization/"
SSO = f"{HERE}single-sign-on/"
REST = "/api/v1/"


def stale(one: Tenant, *roles: str) -> Any:
    """A browser whose account proved itself long ago."""
    browser = signed_in(one, *(roles or ("owner",)))
    session = browser.session
    session[PROVED] = 0
    session.save()
    return browser


def stands(one: Tenant) -> list[Any]:
    """All rows that the steps below could change."""
    with one.reading():
        return [
            list(model._default_manager.order_by("pk").values())
            for model in (ApiClient, Membership, ProvedDomain, SamlConnection, ScimToken, SsoPolicy)
        ]


def token_of_directory(one: Tenant) -> ScimToken:
    with one.reading():
        return scim_token(one.organization)


def steps(one: Tenant) -> dict[str, str]:
    """Address of each form → the page on which it stands."""
    connection, client = connected(one, activate=False), own_client(one).row
    with one.writing() as trail:
        domain = claim_domain(domain="a.example.org", trail=trail)
    token = token_of_directory(one)
    page = f"{SSO}{connection.id}/"
    forms = ("metadata", "provider", "treatment", "groups", "activate", "disable", "keys/draw")
    asks_itself = {
        f"{HERE}api-clients/new/",
        f"{HERE}api-clients/{client.id}/secret/",
        f"{HERE}provisioning/",
        f"{HERE}provisioning/tokens/{token.id}/rotate/",
        f"{SSO}new/",
    }
    return {
        **{address: address for address in asks_itself},
        f"{SSO}policy/": SSO,
        f"{SSO}domains/": SSO,
        f"{SSO}domains/{domain.id}/prove/": SSO,
        f"{SSO}domains/{domain.id}/give-up/": SSO,
        **{f"{page}{form}/": page for form in forms},
    }


def test_each_form_asks_first_and_leads_back():
    """A stale proof changes nothing: the question comes first, then the page with the form again."""
    one = tenant()
    forms = steps(one)
    browser = stale(one)
    before = stands(one)
    for address, page in forms.items():
        answer = browser.post(address, {"name": "Typed"}, HTTP_REFERER=f"http://127.0.0.1{page}")
        assert (answer.status_code, answer["Location"]) == (302, f"{CONFIRM}?next={page}"), address
    assert stands(one) == before
    answer = browser.post(CONFIRM, {"password": PASSWORD, "next": f"{SSO}new/"})
    assert answer["Location"] == f"{SSO}new/"
    assert browser.post(f"{SSO}new/", {"name": "Typed"}).status_code == 302


@pytest.mark.parametrize("address", ["api-clients/new/", "single-sign-on/new/"])
def test_a_page_of_its_own_asks_before_anything_is_typed(address):
    """The form is not even shown, so nothing that was typed can be lost."""
    assert stale(tenant()).get(f"{HERE}{address}")["Location"] == f"{CONFIRM}?next={HERE}{address}"


def test_making_somebody_an_owner_asks_first():
    """On the member's page and over REST."""
    one = tenant()
    account, _principal = member(one, "viewer")
    browser = stale(one)
    with one.reading():
        row = Membership.objects.get(account=account)
    page = f"{HERE}members/{row.id}/"
    answer = browser.post(page, {"roles": ["owner"], "reason": "x"}, HTTP_REFERER=f"http://127.0.0.1{page}")
    assert answer["Location"] == f"{CONFIRM}?next={page}"
    body = {"roles": ["owner"], "reason": "x"}
    answer = browser.patch(f"{REST}memberships/{row.id}/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "PROOF_NEEDED")
    with one.reading():
        assert Membership.objects.get(id=row.id).roles == ["viewer"]


def test_rest_in_a_browser_asks_too():
    """It cannot lead anybody to a page, so it says where to confirm; nothing is changed."""
    one = tenant()
    connection, client, token = connected(one, activate=False), own_client(one).row, token_of_directory(one)
    browser = stale(one)
    before = stands(one)
    for path in (
        "sso-connections/",
        f"sso-connections/{connection.id}/activate/",
        "api-clients/",
        f"api-clients/{client.id}/rotate-secret/",
        "provisioning-tokens/",
        f"provisioning-tokens/{token.id}/rotate/",
    ):
        answer = browser.post(f"{REST}{path}", {}, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (403, "PROOF_NEEDED"), path
    assert stands(one) == before


def test_who_may_not_is_told_so_and_not_asked():
    """A proof would not help without the right."""
    browser = stale(tenant(), "viewer")
    for address in (f"{SSO}new/", f"{SSO}policy/", f"{HERE}api-clients/new/"):
        assert browser.post(address).status_code == 403
