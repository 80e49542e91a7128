"""The whole way in: password or company, second factor, choice of the organisation, company sign-in only."""

from typing import Any

import pytest
from django.test import Client

from audit.queries import events
from identity.models import Account
from identity.one_time_codes import code_at
from identity.operations import grant_membership, pending_secret
from identity.operations.saml_accounts import confirm_link
from identity.operations.sso_policy import set_sso_policy
from identity.sessions import CONNECTION, ENDS, PROVIDER_SESSION
from kernel.clock import DatabaseClock
from tests.factories.second_factors import App, enrolled
from tests.factories.tenants import PASSWORD, Tenant, member, tenant
from tests.identity.saml.forge import Trial, connected, signed, trial

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/sign-in/"
CHALLENGE = "/accounts/second-factor/"
SET_UP = "/accounts/second-factor/set-up/"
CHOICE = "/accounts/organizations/"
OWN = "/api/v1/organizations/"
TARGET = "/it/seats/"


def works_in(browser: Any) -> str | None:
    """The short name of the organisation in which the browser works, None where it works in none."""
    answer = browser.get(OWN)
    return answer.json()["results"][0]["slug"] if answer.status_code == 200 else None


def joins(one: Tenant, account: Account, *roles: str) -> None:
    with one.writing() as trail:
        grant_membership(account=account, roles=roles or ("viewer",), trail=trail)


def with_app(one: Tenant, account: Account) -> App:
    with one.writing() as trail:
        return enrolled(account, trail)


def company_only(one: Tenant, first: Account) -> Any:
    """Company sign-in only, with `first` as one of the emergency accounts."""
    connection = connected(one)
    second, _principal = member(one, "owner")
    with_app(one, second)
    with one.writing() as trail:
        set_sso_policy(sso_only=True, first_account=first.id, second_account=second.id, trail=trail)
    return connection


def password(account: Account) -> tuple[Client, Any]:
    browser = Client(HTTP_HOST="127.0.0.1")
    given = {"username": account.email, "password": PASSWORD, "next": TARGET}
    return browser, browser.post(SIGN_IN, given)


def by_company(one: Tenant, connection: Any, account: Account) -> Trial:
    with one.writing() as trail:
        confirm_link(connection=connection, name_id="subject-1", account=account, trail=trail)
    attempt = trial(one, connection, next=TARGET)
    assert attempt.post(signed(attempt.said()))["Location"] == TARGET
    return attempt


def chosen(browser: Client, one: Tenant) -> Any:
    return browser.post(CHOICE, {"organization": str(one.organization.id), "next": TARGET})


@pytest.mark.parametrize("factor", [False, True])
@pytest.mark.parametrize("several", [False, True])
def test_by_password_without_company_sign_in_only(several, factor):
    """The code comes before the choice, the choice before the organisation, and the target is kept all the way."""
    one, other = tenant(), tenant()
    account, _principal = member(one, "viewer")
    if several:
        joins(other, account)
    app = with_app(one, account) if factor else None
    browser, answer = password(account)
    if app is not None:
        assert answer["Location"].startswith(CHALLENGE)
        assert works_in(browser) is None
        assert chosen(browser, one)["Location"] == CHALLENGE
        answer = browser.post(CHALLENGE, {"code": app.recovery[0], "next": TARGET})
    if several:
        assert answer["Location"].startswith(CHOICE)
        assert works_in(browser) is None
        answer = chosen(browser, other)
    assert answer["Location"] == TARGET
    assert works_in(browser) == (other if several else one).organization.slug
    assert ENDS not in browser.session


@pytest.mark.requirement("REQ-180")
@pytest.mark.parametrize("factor", [False, True])
@pytest.mark.parametrize("several", [False, True])
def test_company_sign_in_only_refuses_a_password_on_every_way(several, factor):
    """With or without a second factor, chosen or the only one; the page leads to the company and on to the target."""
    one, other = tenant(), tenant()
    emergency, _principal = member(one, "owner")
    with_app(one, emergency)
    account, _principal = member(one, "viewer")
    app = with_app(one, account) if factor else None
    if several:
        joins(other, account)
    connection = company_only(one, emergency)
    browser, answer = password(account)
    if app is not None:
        answer = browser.post(CHALLENGE, {"code": app.recovery[0], "next": TARGET})
    if several:
        answer = chosen(browser, one)
    assert answer.status_code == 403
    assert f'href="/saml/{connection.public_id}/sign-in/?next=%2Fit%2Fseats%2F"' in answer.content.decode()
    assert works_in(browser) is None
    assert not browser.session.keys()


def test_company_sign_in_only_of_one_organisation_leaves_the_others_open():
    """The account chooses the other one with its password, and cannot move on from there to the closed one."""
    one, other = tenant(), tenant()
    emergency, _principal = member(one, "owner")
    with_app(one, emergency)
    account, _principal = member(one, "viewer")
    joins(other, account)
    company_only(one, emergency)
    browser, _answer = password(account)
    assert chosen(browser, other)["Location"] == TARGET
    assert works_in(browser) == other.organization.slug
    assert chosen(browser, one).status_code == 403
    assert works_in(browser) is None


@pytest.mark.requirement("REQ-180")
@pytest.mark.parametrize("several", [False, True])
def test_the_glass_breaks_after_the_second_factor(several):
    """An emergency account gives its code, chooses where it has a choice, and has four hours; the ledger says so."""
    one, other = tenant(), tenant()
    account, _principal = member(one, "owner")
    app = with_app(one, account)
    if several:
        joins(other, account)
    company_only(one, account)
    browser, _answer = password(account)
    assert works_in(browser) is None
    answer = browser.post(CHALLENGE, {"code": app.recovery[0], "next": TARGET})
    if several:
        answer = chosen(browser, one)
    assert answer["Location"] == TARGET
    assert works_in(browser) == one.organization.slug
    assert browser.session[ENDS] - DatabaseClock().now().timestamp() <= 4 * 3600
    with one.reading():
        assert [event.kind for event in events()].count("sso_policy.glass_broken") == 1


def test_an_owner_by_company_gives_the_own_second_factor():
    """The provider's word does not replace it; the session then works in the connection's organisation and no other."""
    one, other = tenant(), tenant()
    account, _principal = member(one, "owner")
    joins(other, account, "owner")
    app = with_app(one, account)
    attempt = by_company(one, connected(one), account)
    browser = attempt.browser
    assert works_in(browser) is None
    assert browser.get(TARGET, follow=True).redirect_chain[-1][0].startswith(CHALLENGE)
    answer = browser.post(CHALLENGE, {"code": app.recovery[0], "next": TARGET})
    assert answer["Location"] == TARGET
    assert works_in(browser) == one.organization.slug
    assert CONNECTION in browser.session
    assert browser.get(CHOICE).status_code == 403
    assert chosen(browser, other).status_code == 403
    assert works_in(browser) == one.organization.slug


def test_an_owner_by_company_without_a_second_factor_enrols_first():
    """Nothing opens before; afterwards the session is bound as before, and a member who is no owner is not asked."""
    one, other = tenant(), tenant()
    account, _principal = member(one, "owner")
    joins(other, account, "owner")
    connection = connected(one)
    browser = by_company(one, connection, account).browser
    assert browser.get(TARGET, follow=True).redirect_chain[-1][0].startswith(SET_UP)
    assert works_in(browser) is None
    code = code_at(pending_secret(account=account, clock=DatabaseClock()), DatabaseClock().now())
    assert browser.post(SET_UP, {"code": code, "next": TARGET}).status_code == 200
    assert works_in(browser) == one.organization.slug
    assert CONNECTION in browser.session
    assert chosen(browser, other).status_code == 403
    with one.reading():
        assert [event.kind for event in events()].count("account.signed_in") == 1


def test_a_member_by_company_is_asked_for_nothing_more():
    """No role demands a second factor and the account has none."""
    one = tenant()
    account, _principal = member(one, "viewer")
    assert works_in(by_company(one, connected(one), account).browser) == one.organization.slug


def test_company_sign_in_only_still_lets_the_company_in():
    """The policy is about passwords; an emergency account by the company breaks no glass."""
    one = tenant()
    account, _principal = member(one, "it_admin")
    app = with_app(one, account)
    connection = company_only(one, account)
    browser = by_company(one, connection, account).browser
    browser.post(CHALLENGE, {"code": app.recovery[0]})
    assert works_in(browser) == one.organization.slug
    with one.reading():
        assert "sso_policy.glass_broken" not in [event.kind for event in events()]


def test_a_password_after_the_company_begins_anew():
    """In the same browser: neither the binding nor the provider's session is left over."""
    one, other = tenant(), tenant()
    account, _principal = member(one, "viewer")
    joins(other, account)
    browser = by_company(one, connected(one), account).browser
    browser.post(SIGN_IN, {"username": account.email, "password": PASSWORD})
    assert works_in(browser) is None
    assert not {CONNECTION, PROVIDER_SESSION} & set(browser.session.keys())
    assert chosen(browser, other).status_code == 302
    assert works_in(browser) == other.organization.slug
