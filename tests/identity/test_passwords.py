"""Changing the own password, the link for whoever lost it, and the throttle of the sign-in."""

import json
import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client, RequestFactory

from audit.queries import events
from identity.models import Account, Membership, PasswordReset, RefusedSignIns
from identity.operations import count_refused_sign_in, end_membership, send_password_reset
from identity.privacy import client_address
from identity.queries import memberships_of
from identity.sweeping import sweep_sign_ins
from jobs.models import OutboxMessage
from jobs.operations import relay
from kernel.clock import DatabaseClock, FixedClock
from kernel.principal import system
from kernel.trail import open_trail
from tests.factories.tenants import PASSWORD, Tenant, member, signed_in, tenant

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/sign-in/"
CHANGE = "/accounts/password/"
NEW = "another long enough pass phrase"
LINK = re.compile(r"/accounts/password/reset/[\w-]+/")


def visitor(**columns) -> Client:
    return Client(HTTP_HOST="127.0.0.1", **columns)


def attempt(email: str, password: str = PASSWORD, **columns):
    return visitor(**columns).post(SIGN_IN, {"username": email, "password": password})


def kinds(house: Tenant) -> list[str]:
    with house.reading():
        return [event.kind for event in events()]


def change(**given):
    return {"present": PASSWORD, "new": NEW, "again": NEW, **given}


def test_whoever_has_no_administrative_role_changes_the_password_too():
    """The new one opens, the old one does not, this session goes on and all others end."""
    house = tenant()
    account, _principal = member(house, "member")
    browsers = [visitor(), visitor()]
    for browser in browsers:
        browser.post(SIGN_IN, {"username": account.email, "password": PASSWORD})
    assert browsers[0].post(CHANGE, change())["Location"] == "/accounts/profile/"
    assert [one.get("/api/v1/organizations/").status_code for one in browsers] == [200, 401]
    assert attempt(account.email).status_code == 422
    assert attempt(account.email, NEW).status_code == 302
    assert "account.password_changed" in kinds(house)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"present": "not this one, sorry"}, "not your present password"),
        ({"new": "short", "again": "short"}, "too short"),
        ({"again": "something else entirely"}, "not the same"),
        ({"new": "", "again": ""}, "required"),
    ],
)
def test_a_refused_change_says_why_and_changes_nothing(given, said):
    """The mistake stands beside its field."""
    browser = signed_in(tenant(), "member")
    answer = browser.post(CHANGE, change(**given))
    assert said in answer.content.decode()
    assert answer.status_code == 422
    assert browser.get("/api/v1/organizations/").status_code == 200


def test_the_profile_keeps_name_and_language():
    """What the account says about itself is stored and recorded by the names of the fields alone."""
    house = tenant()
    browser = signed_in(house, "member")
    assert browser.post("/accounts/profile/", {"display_name": "Kim Neu", "language": "de"}).status_code == 302
    assert Account.objects.get(display_name="Kim Neu").language == "de"
    assert kinds(house)[-1] == "account.changed"
    assert browser.post("/accounts/profile/", {"display_name": "Kim", "language": "xx"}).status_code == 422


def link_for(house: Tenant, account: Account) -> str:
    with house.writing() as trail:
        send_password_reset(account=account, trail=trail)
    mail.outbox.clear()
    relay(organization_id=house.organization.id, clock=DatabaseClock())
    [message] = mail.outbox
    assert message.to == [account.email]
    found = LINK.search(str(message.body))
    assert found is not None
    return found.group()


def test_an_owner_sends_a_link_that_sets_a_password_once():
    """By an action of the list of memberships; the link opens a form, works once, and ends running sessions."""
    house = tenant()
    account, _principal = member(house, "viewer")
    running = visitor()
    running.post(SIGN_IN, {"username": account.email, "password": PASSWORD})
    with house.reading():
        row = Membership.objects.get(account=account)
    chosen = {"action": "send_password_link", "_selected_action": str(row.id)}
    assert signed_in(house, "owner").post("/admin/identity/membership/", chosen).status_code == 302
    assert "account.password_reset_sent" in kinds(house)
    link = link_for(house, account)
    browser = visitor()
    assert account.email in browser.get(link).content.decode()
    assert browser.post(link, {"new": "short", "again": "short"}).status_code == 422
    assert browser.post(link, {"new": NEW, "again": NEW})["Location"] == SIGN_IN
    assert browser.get(link).status_code == 404
    assert browser.post(link, {"new": PASSWORD, "again": PASSWORD}).status_code == 404
    assert running.get("/api/v1/organizations/").status_code == 401
    assert attempt(account.email, NEW).status_code == 302


def test_only_the_latest_link_works_and_for_an_hour():
    """An older link, one that ran out, one of a member who left and an invented one are told apart by nobody."""
    house = tenant()
    account, _principal = member(house, "viewer")
    older, newer = link_for(house, account), link_for(house, account)
    assert visitor().get(older).status_code == 404
    assert visitor().get(newer).status_code == 200
    PasswordReset.objects.filter(used_at=None).update(
        created_at=DatabaseClock().now() - timedelta(hours=2), expires_at=DatabaseClock().now()
    )
    assert visitor().get(newer).status_code == 404
    last = link_for(house, account)
    with house.writing() as trail:
        end_membership(membership=Membership.objects.get(account=account), trail=trail)
    assert visitor().get(last).status_code == 404
    assert visitor().get("/accounts/password/reset/x/").status_code == 404


@pytest.mark.requirement("REQ-077")
def test_no_copy_of_the_database_has_the_link():
    """The outbox holds a number; the token is sealed until it was sent and gone afterwards."""
    house = tenant()
    account, _principal = member(house, "viewer")
    with house.writing() as trail:
        row = send_password_reset(account=account, trail=trail)
    with house.reading():
        message = OutboxMessage.objects.get(channel="email.password_reset")
    assert message.payload == {"reset": str(row.id)}
    assert bytes(row.sealed_token)
    relay(organization_id=house.organization.id, clock=DatabaseClock())
    row.refresh_from_db()
    assert bytes(row.sealed_token) == b""


def test_a_link_cannot_end_before_it_begins():
    """The constraint holds for whoever writes past the operation."""
    account, _principal = member(tenant(), "viewer")
    now = DatabaseClock().now()
    with pytest.raises(IntegrityError), transaction.atomic():
        PasswordReset.objects.create(account=account, digest=b"x", created_at=now, expires_at=now)


# --- Throttle --------------------------------------------------------------------------------------------------------


def test_trying_one_password_on_many_names_locks_the_network_out(settings):
    """Spraying stays below the limit of each name and reaches that of the network; other networks are not touched."""
    settings.NETWORK_FAILURE_LIMIT = 8
    account, _principal = member(tenant(), "viewer")
    for number in range(8):
        assert attempt(f"nobody-{number}@example.org", "wrong", REMOTE_ADDR=f"203.0.113.{number}").status_code == 422
    assert attempt(account.email, REMOTE_ADDR="203.0.113.99").status_code == 429
    assert attempt(account.email, REMOTE_ADDR="203.0.114.1").status_code == 302


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.7", "10.0.0.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        (2, "6.6.6.6, 198.51.100.7, 10.0.0.9", "198.51.100.7"),
        (2, "198.51.100.7", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_the_client_is_who_our_own_proxy_saw(settings, proxies, forwarded, address):
    """Whatever a client writes into X-Forwarded-For itself is not believed."""
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == address


def test_an_attack_does_not_fill_the_ledger():
    """The first refusal is recorded at once, further ones as one entry when a quarter of an hour is over."""
    platform = tenant("platform")
    clock = FixedClock(DatabaseClock().now())
    actor = system(platform.organization.id, "sign-in")

    def refuse() -> None:
        with open_trail(actor=actor, clock=clock) as trail:
            count_refused_sign_in(trail=trail)

    for _number in range(50):
        refuse()
    assert kinds(platform).count("account.sign_in_refused") == 1
    sweep_sign_ins(platform.organization.id, clock)
    assert kinds(platform).count("account.sign_in_refused") == 1
    clock.advance(timedelta(minutes=15))
    sweep_sign_ins(platform.organization.id, clock)
    with platform.reading():
        last = events().last()
        assert not RefusedSignIns.objects.exists()
    assert last is not None
    assert '"further":49' in last.body
    refuse()
    assert kinds(platform).count("account.sign_in_refused") == 3


def test_a_closed_organisation_lets_nobody_in():
    """Neither at the sign-in nor in a session that runs."""
    house = tenant()
    account, _principal = member(house, "viewer")
    browser = visitor()
    browser.post(SIGN_IN, {"username": account.email, "password": PASSWORD})
    house.organization.closed_at = DatabaseClock().now()
    house.organization.save(update_fields=["closed_at"])
    assert browser.get("/api/v1/organizations/").status_code == 401
    assert attempt(account.email).status_code == 403
    assert memberships_of(account.id, at=DatabaseClock().now()) == []


@pytest.mark.requirement("REQ-077")
def test_cookies_insist_on_tls_where_pages_are_served_by_it():
    """With an https address in the environment the cookies are __Host- cookies: secure, of this host alone, out of
    reach of scripts; plain requests are redirected, and HSTS is sent."""
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")
    more = ("SESSION_COOKIE_HTTPONLY", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_PATH", "SESSION_COOKIE_DOMAIN")
    code = f"from config import settings as s; import json; print(json.dumps([getattr(s, n, None) for n in {names}]))"
    environment = {**os.environ, "SEATLEDGER_BASE_URL": "https://licences.example.com"}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True, text=True)
    assert json.loads(ran.stdout) == ["__Host-session", "__Host-csrf", True, True]
    again = subprocess.run(
        [sys.executable, "-c", code.replace(str(names), str(more))],
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    )
    assert json.loads(again.stdout) == [True, True, None, None]


class Forgetful:
    """A member who forgot the password, and the two ways to send a link."""

    def __init__(self, house: Tenant) -> None:
        self.account, _principal = member(house, "viewer")
        with house.reading():
            self.row = Membership.objects.get(account=self.account)
        self.page = f"/organization/members/{self.row.id}/"
        self.rest = f"/api/v1/memberships/{self.row.id}/send-password-link/"


def test_the_page_of_a_member_sends_a_link():
    """The button stands on the page, one press sends the link to the member's own address, and the page says so."""
    house = tenant()
    one, browser = Forgetful(house), signed_in(house, "it_admin")
    assert f'action="{one.page}password-link/"' in browser.get(one.page).content.decode()
    answer = browser.post(f"{one.page}password-link/", follow=True)
    assert one.account.email in answer.content.decode()
    relay(organization_id=house.organization.id, clock=DatabaseClock())
    assert mail.outbox[-1].to == [one.account.email]
    assert kinds(house)[-1] == "account.password_reset_sent"


def test_rest_sends_a_link():
    """204, and the link is on its way."""
    house = tenant()
    one = Forgetful(house)
    assert signed_in(house, "owner").post(one.rest, content_type="application/json").status_code == 204
    assert kinds(house)[-1] == "account.password_reset_sent"


def test_links_are_not_everybodys_to_send():
    """Visitors 401, other roles 403 without a button, other organisations 404, and nobody to who has left: 409."""
    house = tenant()
    one = Forgetful(house)
    assert visitor().post(one.rest, content_type="application/json").status_code == 401
    finance = signed_in(house, "finance")
    assert finance.post(one.rest, content_type="application/json").status_code == 403
    assert finance.post(f"{one.page}password-link/").status_code == 403
    assert signed_in(tenant(), "owner").post(one.rest, content_type="application/json").status_code == 404
    with house.writing() as trail:
        end_membership(membership=one.row, reason="Left", trail=trail)
    owner = signed_in(house, "owner")
    answer = owner.post(one.rest, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "MEMBERSHIP_OVER")
    assert "password-link" not in owner.get(one.page).content.decode()
    assert "has ended" in owner.post(f"{one.page}password-link/", follow=True).content.decode()
