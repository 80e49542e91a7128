"""Company sign-in only: who is refused, what ends at the switch, and how the glass is broken."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from audit.queries import events
from identity.models import (
    Account,
    SecondFactor,
    SsoPolicy,
)
from identity.operations.saml_accounts import confirm_link
from identity.operations.sso_policy import set_sso_policy
from identity.sessions import ENDS
from jobs.operations import relay
from kernel.clock import SystemClock
from tests.factories.second_factors import App, enrolled
from tests.factories.tenants import PASSWORD, Tenant, member, signed_in, tenant
from tests.identity.saml.forge import connected, signed, trial
from tests.identity.saml.pages import PAGES

pytestmark = pytest.mark.django_db
APPS: dict[Any, App] = {}
"""What the owners of emergency accounts have at hand, by account."""


def emergency_account(one: Tenant, *roles: str) -> Account:
    """An account with a second factor; its unused codes are in APPS."""
    account, _principal = member(one, *(roles or ("owner",)))
    with one.writing() as trail:
        APPS[account.id] = enrolled(account, trail)
    return account


def by_password(account: Account, factor: bool = True) -> tuple[Any, Any]:
    """A browser of its own after the password and the second factor, and the last answer."""
    browser = Client(HTTP_HOST="127.0.0.1")
    answer = browser.post("/accounts/sign-in/", {"username": account.email, "password": PASSWORD})
    if factor:
        answer = browser.post("/accounts/second-factor/", {"code": APPS[account.id].recovery.pop()})
    return browser, answer


def works(browser: Any) -> bool:
    return bool(browser.get("/api/v1/organizations/").status_code == 200)


def only_by_company(one: Tenant) -> tuple[Any, Any, Any]:
    """An organisation with company sign-in only; its two emergency accounts and another member."""
    connected(one)
    first, second = emergency_account(one), emergency_account(one)
    other, _member = member(one, "viewer")
    browser = signed_in(one, "owner")
    given = {"sso_only": "on", "first_account": str(first.id), "second_account": str(second.id)}
    assert browser.post(f"{PAGES}policy/", given).status_code == 302
    return first, second, other


@pytest.mark.requirement("REQ-180")
def test_company_sign_in_only_refuses_passwords():
    """The page says where to go instead, and no session is left."""
    one = tenant()
    _first, _second, other = only_by_company(one)
    browser = trial(one, connected(one)).browser
    answer = browser.post("/accounts/sign-in/", {"username": other.email, "password": PASSWORD})
    assert answer.status_code == 403
    assert re.search(rb'href="/saml/[0-9a-f]+/sign-in/"', answer.content)
    assert browser.get("/api/v1/organizations/").status_code == 401


@pytest.mark.requirement("REQ-180")
def test_breaking_the_glass_is_told_and_short():
    """An emergency account comes in for four hours, and every owner gets an e-mail."""
    one = tenant()
    first, _second, _other = only_by_company(one)
    browser, _answer = by_password(first, factor=False)
    assert not works(browser)
    browser, _answer = by_password(first)
    assert works(browser)
    left = browser.session[ENDS] - SystemClock().now().timestamp()
    assert 4 * 3600 - 30 < left <= 4 * 3600
    relay(organization_id=one.organization.id, clock=SystemClock())
    [message] = [message for message in mail.outbox if "glass" in message.subject]
    assert first.email in message.to
    assert len(message.to) == 3
    with one.reading():
        assert "sso_policy.glass_broken" in [event.kind for event in events()]


@pytest.mark.requirement("REQ-180")
def test_an_emergency_account_has_a_second_factor():
    """Without one it is not taken, and the form says at which field; one that lost it since is not let in."""
    one = tenant()
    connected(one)
    browser = signed_in(one, "owner")
    first, second = emergency_account(one), emergency_account(one, "it_admin")
    bare, _principal = member(one, "it_admin")
    given = {"sso_only": "on", "first_account": str(first.id), "second_account": str(bare.id)}
    answer = browser.post(f"{PAGES}policy/", given)
    assert answer.status_code == 400
    assert "second_account" in answer.context["policy_form"].errors
    assert browser.post(f"{PAGES}policy/", {**given, "second_account": str(second.id)}).status_code == 302
    SecondFactor.objects.filter(account=second).delete()
    browser, answer = by_password(second, factor=False)
    assert (answer.status_code, works(browser)) == (403, False)


def test_an_emergency_account_keeps_its_second_factor():
    """Its roles alone would let it go without."""
    one = tenant()
    connected(one)
    first, second = emergency_account(one, "it_admin"), emergency_account(one)
    own, _answer = by_password(first)
    with one.writing() as trail:
        set_sso_policy(sso_only=True, first_account=first.id, second_account=second.id, trail=trail)
    own.post("/accounts/second-factor/disable/")
    assert SecondFactor.objects.filter(account=first).exists()


def test_switching_passwords_off_ends_sessions_by_password_at_once():
    """In this organisation and for everybody, the emergency accounts and other browsers of whoever switches included;
    what the company opened goes on, and so does the same account elsewhere. The ledger says how many."""
    one, elsewhere = tenant(), tenant()
    connection = connected(one)
    first, second = emergency_account(one, "it_admin"), emergency_account(one)
    emergency, _answer = by_password(first)
    people, neighbour = signed_in(one, "viewer"), signed_in(elsewhere, "viewer")
    account, _principal = member(one, "viewer")
    with one.writing() as trail:
        confirm_link(connection=connection, name_id="subject-1", account=account, trail=trail)
    attempt = trial(one, connection)
    assert attempt.post(signed(attempt.said())).status_code == 302
    owner, other_browser = by_password(second)[0], by_password(second)[0]
    assert works(emergency)
    given = {"sso_only": "on", "first_account": str(first.id), "second_account": str(second.id)}
    assert owner.post(f"{PAGES}policy/", given).status_code == 302
    assert [works(browser) for browser in (people, emergency, other_browser)] == [False] * 3
    assert [works(browser) for browser in (neighbour, attempt.browser, owner)] == [True] * 3
    with one.reading():
        [body] = [event.body for event in events() if event.kind == "sso_policy.changed"]
    assert '"sessions_ended":3' in body.replace(" ", "")
    again, _answer = by_password(first)
    assert works(again)


@pytest.mark.requirement("REQ-180")
def test_whoever_switches_passwords_off_keeps_four_hours():
    """The session in which it is decided would not be let in any more: it gets the end of an emergency session, and
    saving the policy again does not move that; one by the company keeps its own end."""
    one = tenant()
    connected(one)
    first, second = emergency_account(one), emergency_account(one)
    browser = signed_in(one, "owner")
    given = {"sso_only": "on", "first_account": str(first.id), "second_account": str(second.id)}
    assert ENDS not in browser.session
    assert browser.post(f"{PAGES}policy/", given).status_code == 302
    end = browser.session[ENDS]
    assert 4 * 3600 - 60 < end - SystemClock().now().timestamp() <= 4 * 3600
    session = browser.session
    session[ENDS] = end - 600
    session.save()
    assert browser.post(f"{PAGES}policy/", given).status_code == 302
    assert browser.session[ENDS] == end - 600
    session = browser.session
    session[ENDS] = int(SystemClock().now().timestamp()) - 5
    session.save()
    assert not works(browser)


def test_company_sign_in_only_needs_two_accounts_and_a_connection():
    """Nobody locks the organisation out by mistake."""
    one = tenant()
    browser = signed_in(one, "owner")
    account, second = emergency_account(one), emergency_account(one)
    alone = {"sso_only": "on", "first_account": str(account.id), "second_account": str(account.id)}
    assert browser.post(f"{PAGES}policy/", alone).status_code == 400
    both = {**alone, "second_account": str(second.id)}
    assert browser.post(f"{PAGES}policy/", both).status_code == 409
    stranger, _principal = member(tenant(), "owner")
    assert browser.post(f"{PAGES}policy/", {**both, "second_account": str(stranger.id)}).status_code == 422
    with one.reading():
        assert not SsoPolicy.objects.exists()
