"""Signing in and out at the page: who may, what refusals tell, how long a session lasts, where it works."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import BasePasswordHasher, get_hasher
from django.test import Client
from django.utils.http import urlencode

from audit.queries import events
from identity.models import Account, Membership
from identity.operations import end_membership, grant_membership
from identity.sessions import LAST_SEEN, ORGANIZATION, STARTED
from tests.factories.tenants import PASSWORD, Tenant, member, signed_in, tenant

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/sign-in/"
SIGN_OUT = "/accounts/sign-out/"
CHOOSE = "/accounts/organizations/"
# A page that every role may see, and only whoever is signed in.
OWN = "/api/v1/organizations/"
TOKEN = re.compile(rb"\b[A-Za-z0-9]{64}\b")


def visitor(**columns) -> Client:
    return Client(HTTP_HOST="127.0.0.1", **columns)


def attempt(browser: Client, email: str, password: str = PASSWORD, **more):
    return browser.post(SIGN_IN, {"username": email, "password": password, **more})


def kinds(one: Tenant) -> list[str]:
    with one.reading():
        return [event.kind for event in events()]


def works_in(browser: Client) -> str | None:
    """The organisation that the browser's session works in; None when it is not signed in."""
    answer = browser.get(OWN)
    if answer.status_code == 401:
        return None
    [row] = answer.json()["results"]
    return str(row["slug"])


def member_of_two() -> tuple[Account, Tenant, Tenant]:
    here, there = tenant(), tenant()
    account, _principal = member(here, "viewer")
    with there.writing() as trail:
        grant_membership(account=account, roles=["auditor"], trail=trail)
    return account, here, there


def aged(browser: Client, name: str, seconds: int) -> None:
    """Lets the session believe that a moment of it was so long ago."""
    session = browser.session
    session[name] -= seconds
    session.save()


def test_an_address_in_any_spelling_and_the_password_open_the_door():
    """Signing in leads home with a fresh session key, and stands in the organisation's ledger."""
    one = tenant()
    account, _principal = member(one, "viewer")
    browser = visitor()
    browser.get(SIGN_IN)
    answer = attempt(browser, f"  {account.email.upper()} ")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert works_in(browser) == one.organization.slug
    assert kinds(one)[-1] == "account.signed_in"


def test_a_key_that_somebody_planted_before_is_not_the_key_afterwards():
    """Session fixation: the key changes at the sign-in, and the planted one opens nothing."""
    account, _principal = member(tenant(), "viewer")
    browser = visitor()
    session = browser.session
    session["planted"] = True
    session.save()
    planted = str(session.session_key)
    browser.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert attempt(browser, account.email).status_code == 302
    assert browser.cookies[settings.SESSION_COOKIE_NAME].value != planted
    thief = visitor()
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert works_in(thief) is None


def test_a_wrong_password_and_an_unknown_address_are_answered_alike():
    """Whether an address has an account cannot be seen from the refusal."""
    account, _principal = member(tenant(), "viewer")
    wrong = attempt(visitor(), account.email, "not this one, sorry")
    unknown = attempt(visitor(), "nobody@example.org", "not this one, sorry")
    assert wrong.status_code == unknown.status_code == 422
    told = [TOKEN.sub(b"", answer.content) for answer in (wrong, unknown)]
    assert told[0].replace(account.email.encode(), b"") == told[1].replace(b"nobody@example.org", b"")


def test_an_unknown_address_costs_a_password_hash_like_a_known_one(monkeypatch):
    """The time of the answer does not tell either: one hash is computed in both cases."""
    account, _principal = member(tenant(), "viewer")
    hashed: list[str] = []
    hasher = type(get_hasher())
    original = hasher.encode

    def counting(self: BasePasswordHasher, *given: Any) -> str:
        hashed.append("once")
        return original(self, *given)

    monkeypatch.setattr(hasher, "encode", counting)
    attempt(visitor(), account.email, "not this one, sorry")
    known = len(hashed)
    attempt(visitor(), "nobody@example.org", "not this one, sorry")
    assert (known, len(hashed) - known) == (1, 1)


def test_a_closed_account_stays_outside():
    """A deactivated account is refused with the words for a wrong password."""
    account, _principal = member(tenant(), "viewer")
    Account.objects.filter(id=account.id).update(is_active=False)
    assert attempt(visitor(), account.email).status_code == 422


@pytest.mark.parametrize("known", [True, False])
def test_too_many_failures_lock_out_for_a_while(known):
    """After the limit even the right password is refused: 429 with Retry-After, for unknown addresses too, and from
    any address of the same /24; other visitors and other accounts are not touched."""
    account, _principal = member(tenant(), "viewer")
    other, _principal = member(tenant(), "viewer")
    email = account.email if known else "nobody@example.org"
    for last in range(settings.AXES_FAILURE_LIMIT):
        answer = attempt(visitor(REMOTE_ADDR=f"203.0.113.{last}"), email, "not this one, sorry")
    assert answer.status_code == 429
    answer = attempt(visitor(REMOTE_ADDR="203.0.113.200"), email.upper())
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert attempt(visitor(REMOTE_ADDR="203.0.113.200"), other.email).status_code == 302
    assert attempt(visitor(REMOTE_ADDR="203.0.114.1"), email).status_code == (302 if known else 422)


def test_refusals_stand_in_the_ledger_of_the_platform_without_a_name():
    """A failed sign-in belongs to no organisation; what was typed is written nowhere."""
    platform = tenant("platform")
    attempt(visitor(), "nobody@example.org", "not this one, sorry")
    with platform.reading():
        last = events().last()
    assert last is not None
    assert last.kind == "account.sign_in_refused"
    assert "nobody" not in last.body


def test_signing_out_is_a_post_and_is_recorded():
    """A link cannot sign anybody out; the button ends the session."""
    one = tenant()
    browser = signed_in(one, "viewer")
    assert browser.get(SIGN_OUT).status_code == 405
    assert works_in(browser) == one.organization.slug
    assert browser.post(SIGN_OUT).status_code == 302
    assert works_in(browser) is None
    assert kinds(one)[-1] == "account.signed_out"


@pytest.mark.parametrize("path", [SIGN_IN, SIGN_OUT, CHOOSE, "/language/"])
def test_forms_of_the_sign_in_refuse_foreign_pages(path):
    """Without the token of the form nothing is done: another site cannot sign in, out, switch or change language."""
    account, _principal = member(tenant(), "viewer")
    browser = visitor(enforce_csrf_checks=True)
    assert browser.post(path, {"username": account.email, "password": PASSWORD}).status_code == 403


def test_an_ended_membership_ends_the_rights_of_the_running_session():
    """From the next request on, without waiting for the session to end."""
    one = tenant()
    browser = signed_in(one, "viewer")
    assert works_in(browser) == one.organization.slug
    with one.writing() as trail:
        end_membership(membership=Membership.objects.get(), trail=trail)
    assert works_in(browser) is None
    assert browser.get("/it/").status_code == 302


def test_who_works_nowhere_is_told_so_and_gets_no_session():
    """The password is right and yet there is nothing to enter."""
    one = tenant()
    account, _principal = member(one, "viewer")
    with one.writing() as trail:
        end_membership(membership=Membership.objects.get(), trail=trail)
    browser = visitor()
    answer = attempt(browser, account.email)
    assert answer.status_code == 403
    assert "works in no organisation" in answer.content.decode()
    assert works_in(browser) is None


@pytest.mark.parametrize(
    ("moment", "seconds", "holds"),
    [
        (LAST_SEEN, settings.IDLE_SECONDS - 60, True),
        (LAST_SEEN, settings.IDLE_SECONDS + 60, False),
        (STARTED, settings.SESSION_COOKIE_AGE - 60, True),
        (STARTED, settings.SESSION_COOKIE_AGE + 60, False),
    ],
)
def test_a_session_ends_when_idle_and_at_the_end_of_the_day(moment, seconds, holds):
    """After 30 idle minutes, and 12 hours after the sign-in however busy it is."""
    browser = signed_in(tenant(), "viewer")
    aged(browser, moment, seconds)
    assert (works_in(browser) is not None) is holds


def test_a_busy_session_does_not_live_longer_for_being_busy():
    """Each request notes that somebody is there; none of them moves the beginning."""
    browser = signed_in(tenant(), "viewer")
    for _hour in range(11):
        aged(browser, STARTED, 3600)
        aged(browser, LAST_SEEN, 120)
        assert works_in(browser) is not None
    aged(browser, STARTED, 3660)
    assert works_in(browser) is None


def test_an_account_of_two_organisations_chooses_and_switches():
    """Nothing is open before the choice; each choice changes the session key and works there alone."""
    account, here, there = member_of_two()
    browser = visitor()
    answer = attempt(browser, account.email, next="/it/?sort=name&page=2")
    assert answer["Location"] == f"{CHOOSE}?{urlencode({'next': '/it/?sort=name&page=2'})}"
    assert works_in(browser) is None
    page = browser.get(answer["Location"])
    assert here.organization.name in page.content.decode()
    assert there.organization.name in page.content.decode()
    for house in (here, there):
        before = browser.cookies[settings.SESSION_COOKIE_NAME].value
        chosen = browser.post(CHOOSE, {"organization": str(house.organization.id), "next": "/it/?sort=name&page=2"})
        assert chosen["Location"] == "/it/?sort=name&page=2"
        assert works_in(browser) == house.organization.slug
        assert browser.cookies[settings.SESSION_COOKIE_NAME].value != before


@pytest.mark.parametrize("wanted", ["", "\x00", "x" * 5000, "01900000-0000-7000-8000-000000000000"])
def test_only_own_organisations_can_be_chosen(wanted):
    """Another organisation's id, nonsense and nothing are refused alike, and the session stays where it was."""
    account, here, _there = member_of_two()
    stranger = tenant()
    browser = visitor()
    attempt(browser, account.email)
    browser.post(CHOOSE, {"organization": str(here.organization.id)})
    for organization in (wanted, str(stranger.organization.id)):
        assert browser.post(CHOOSE, {"organization": organization}).status_code == 403
    assert works_in(browser) == here.organization.slug


def test_a_session_that_names_a_foreign_organisation_opens_nothing():
    """What counts is the membership read at each request, not what the session says."""
    stranger = tenant()
    browser = signed_in(tenant(), "viewer")
    session = browser.session
    session[ORGANIZATION] = str(stranger.organization.id)
    session.save()
    assert works_in(browser) is None


@pytest.mark.parametrize(
    ("target", "taken"),
    [
        ("/it/?q=a&page=2", True),
        ("no-such-name", True),
        ("https://evil.example/", False),
        ("//evil.example/", False),
        ("/\\evil.example", False),
        ("http:///evil.example", False),
        ("javascript:alert(1)", False),
        ("admin:index", False),
        ("\x00", False),
    ],
)
def test_next_leads_to_this_site_alone(target, taken):
    """No open redirect: neither after the sign-in nor for somebody who is signed in already."""
    account, _principal = member(tenant(), "viewer")
    browser = visitor()
    answer = attempt(browser, account.email, next=target)
    assert (answer.status_code, answer["Location"]) == (302, target if taken else "/")
    if "\x00" not in target:
        again = browser.get(SIGN_IN, {"next": target})
        assert (again.status_code, again["Location"]) == (302, target if taken else "/")
