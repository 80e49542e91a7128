"""Signing in by the company: who comes in, with which roles, linked how, and until when."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from audit.queries import events
from identity import ports
from identity.models import Account, Membership, Person, SamlLink
from identity.operations import NewPerson, create_person, deactivate_person, end_membership
from identity.operations.saml_connections import disable_connection
from identity.saml import limits
from identity.saml.views import TRANSIENT
from identity.schedules import warn_of_certificates
from identity.sessions import ENDS
from jobs.operations import relay
from kernel.clock import SystemClock
from licensing.plan import plan_includes
from tests.factories.tenants import PASSWORD, Tenant, member, signed_in, tenant
from tests.identity.saml.coming import OWN, come, linked, proved, roles_of, works
from tests.identity.saml.forge import connected, encrypted, signed, trial

pytestmark = pytest.mark.django_db


def last_reason(one: Tenant) -> str:
    with one.reading():
        return [event.body for event in events() if event.kind == "saml.refused"][-1]


def test_a_linked_account_comes_in():
    """An honest answer to a request of this browser opens the organisation of the connection, where it was going."""
    one = tenant()
    connection = connected(one)
    linked(one, connection)
    attempt = trial(one, connection, next="/it/seats/?state=over")
    answer = attempt.post(signed(attempt.said()))
    assert (answer.status_code, answer["Location"]) == (302, "/it/seats/?state=over")
    assert attempt.browser.get(OWN).json()["results"][0]["slug"] == one.organization.slug


@pytest.mark.parametrize("content", ["AES256_GCM", "AES256"])
def test_an_encrypted_assertion_is_read(content):
    """With AES-GCM or AES-CBC under RSA-OAEP, for our current key."""
    one = tenant()
    connection = connected(one)
    linked(one, connection)
    attempt = trial(one, connection)
    with one.reading():
        certificate = connection.keys.get().certificate
    assert attempt.post(encrypted(signed(attempt.said()), certificate, content)).status_code == 302
    assert works(attempt)


def test_the_session_ends_when_the_provider_says():
    """SessionNotOnOrAfter is the end of the session here."""
    one = tenant()
    connection = connected(one)
    linked(one, connection)
    _answer, attempt = come(one, connection, session_until=timedelta(minutes=5))
    assert works(attempt)
    session = attempt.browser.session
    assert 200 < session[ENDS] - SystemClock().now().timestamp() < 301
    session[ENDS] -= 600
    session.save()
    assert not works(attempt)


def test_who_leaves_the_directory_is_outside_with_the_next_request():
    """Deactivation, by SCIM or by hand, ends what the company's sign-in opened."""
    one = tenant()
    connection = connected(one)
    account = linked(one, connection)
    with one.writing() as trail:
        person = create_person(person=NewPerson(user_name="kim"), trail=trail)
    come(one, connection, attributes={"uid": ["kim"]})
    _answer, attempt = come(one, connection, attributes={"uid": ["kim"]})
    assert works(attempt)
    with one.reading():
        assert Membership.objects.get(account=account).person_id == person.id
    with one.writing() as trail:
        deactivate_person(person=person, trail=trail)
    assert not works(attempt)
    answer, again = come(one, connection, attributes={"uid": ["kim"]})
    assert (answer.status_code, works(again)) == (403, False)
    assert "person_inactive" in last_reason(one)


def test_a_person_of_the_directory_gets_an_account_under_a_proved_domain():
    """Provisioned by SCIM, signed in by SAML: one person, whatever the flag for unknown people says."""
    one = tenant()
    connection = connected(one)
    proved(one, "a.example.org")
    with one.writing() as trail:
        person = create_person(person=NewPerson(user_name="kim", email="kim@a.example.org"), trail=trail)
    answer, attempt = come(one, connection, attributes={"mail": ["Kim@A.example.org"]})
    assert (answer.status_code, works(attempt)) == (302, True)
    account = Account.objects.get(email_lower="kim@a.example.org")
    assert not account.has_usable_password()
    assert roles_of(one, account) == (["member"], ["member"])
    with one.reading():
        assert Membership.objects.get(account=account).person_id == person.id
        assert Person.objects.count() == 1


def test_unknown_people_are_added_only_where_the_connection_says_so():
    """Just-in-time people are off by default and need a proved domain."""
    one = tenant()
    connection = connected(one, creates_people=True)
    said = {"attributes": {"mail": ["new@a.example.org"], "uid": ["new"]}}
    assert come(one, connection, **said)[0].status_code == 403
    proved(one, "a.example.org")
    assert come(one, connected(one), name_id="x", **said)[0].status_code == 403
    answer, attempt = come(one, connection, **said)
    assert (answer.status_code, works(attempt)) == (302, True)
    with one.reading():
        assert Person.objects.get().user_name == "new"


def test_a_proved_domain_links_an_account_without_asking():
    """The organisation has shown that the domain is its own, so it may say who has an address there."""
    one = tenant()
    connection = connected(one)
    proved(one, "a.example.org")
    account, _principal = member(one, "viewer", email="kim@a.example.org")
    answer, attempt = come(one, connection, attributes={"mail": ["kim@a.example.org"]})
    assert (answer.status_code, works(attempt)) == (302, True)
    with one.reading():
        assert SamlLink.objects.get().account_id == account.id


def test_a_membership_that_somebody_ended_stays_ended():
    """The provider does not overrule an owner."""
    one = tenant()
    connection = connected(one, creates_people=True)
    proved(one, "a.example.org")
    said = {"attributes": {"mail": ["kim@a.example.org"], "uid": ["kim"]}}
    come(one, connection, **said)
    with one.writing() as trail:
        end_membership(membership=Membership.objects.get(), trail=trail)
    answer, attempt = come(one, connection, **said)
    assert (answer.status_code, works(attempt)) == (403, False)
    assert "membership_ended" in last_reason(one)


def test_a_link_is_confirmed_while_signed_in():
    """Without a proved domain the account itself says yes, in the same browser; afterwards the company opens it."""
    one = tenant()
    connection = connected(one)
    account, _principal = member(one, "viewer")
    answer, attempt = come(one, connection, attributes={"mail": [account.email]})
    page = answer["Location"]
    assert attempt.browser.get(page)["Location"].startswith("/accounts/sign-in/")
    attempt.browser.post("/accounts/sign-in/", {"username": account.email, "password": PASSWORD})
    assert account.email in attempt.browser.get(page).content.decode()
    assert attempt.browser.post(page).status_code == 302
    with one.reading():
        assert SamlLink.objects.get().account_id == account.id
    answer, again = come(one, connection)
    assert (answer.status_code, works(again)) == (302, True)


def test_a_name_that_changes_each_time_is_refused():
    """Nobody could be known by it again; the page says what to set at the provider."""
    one = tenant()
    connection = connected(one, creates_people=True)
    proved(one, "a.example.org")
    answer, _attempt = come(one, connection, name_id_format=TRANSIENT, attributes={"mail": ["kim@a.example.org"]})
    assert answer.status_code == 403
    assert b"lasting" in answer.content


def test_a_link_belongs_to_the_browser_and_the_organisation():
    """Neither another browser nor a member of another organisation can take an open link over."""
    one, other = tenant(), tenant()
    connection = connected(one)
    account, _principal = member(one, "viewer")
    page = come(one, connection, attributes={"mail": [account.email]})[0]["Location"]
    for thief in (signed_in(one, "owner"), signed_in(other, "owner")):
        assert thief.get(page).status_code == 404
        assert thief.post(page).status_code == 404
    with one.reading():
        assert not SamlLink.objects.exists()


def test_a_connection_that_is_switched_off_opens_nothing():
    """Its sessions are over at once, and nobody begins a new one."""
    one = tenant()
    connection = connected(one)
    linked(one, connection)
    _answer, attempt = come(one, connection)
    waiting = trial(one, connection)
    with one.writing() as trail:
        disable_connection(connection=connection, trail=trail)
    assert not works(attempt)
    assert waiting.post(signed(waiting.said())).status_code == 403
    assert waiting.browser.get(f"/saml/{connection.public_id}/sign-in/").status_code == 403


def test_a_plan_without_single_sign_on_says_so(monkeypatch):
    """Neither beginning nor coming back works."""
    one = tenant()
    connection = connected(one)
    linked(one, connection)
    attempt = trial(one, connection)
    assert plan_includes(organization_id=one.organization.id, feature="sso")
    monkeypatch.setattr(ports.bindings, "plan", lambda **_asked: False)
    assert attempt.post(signed(attempt.said())).status_code == 403
    page = attempt.browser.get(f"/saml/{connection.public_id}/sign-in/")
    assert page.status_code == 403
    assert b"plan" in page.content


def test_the_cookie_is_kept_from_scripts_and_short():
    """On plain http it is Lax, since browsers take SameSite=None with Secure alone."""
    one = tenant()
    attempt = trial(one, connected(one))
    cookie = attempt.browser.cookies["saml"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 600)


def test_on_https_the_cookie_comes_back_from_another_site(settings):
    """SameSite=None, Secure, and a name that no other host can set."""
    settings.HTTPS = True
    one = tenant()
    attempt = trial(one, connected(one))
    cookie = attempt.browser.cookies["__Host-saml"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"], cookie["path"]) == (True, "None", True, "/")


def test_the_company_is_found_by_domain_and_by_short_name():
    """A link leads on, since forms may not lead to another site; an unknown company is told without a hint."""
    one = tenant()
    connection = connected(one)
    proved(one, "a.example.org")
    browser = signed_in(tenant(), "viewer")
    way = f'href="/saml/{connection.public_id}/sign-in/?next=%2Fit%2F"'
    for word in ("kim@A.example.org", one.organization.slug):
        page = browser.post("/accounts/company/", {"company": word, "next": "/it/"})
        assert page.status_code == 200
        assert way in page.content.decode()
    assert browser.post("/accounts/company/", {"company": "kim@nowhere.example.org"}).status_code == 422
    assert b"/accounts/company/" in trial(one, connection).browser.get("/accounts/sign-in/").content


def test_owners_are_told_of_certificates_that_end():
    """One e-mail for each certificate and stage, however often the scheduler asks."""
    one = tenant()
    connected(one)
    member(one, "owner", email="owner@a.example.org")
    for _ in range(2):
        warn_of_certificates(one.organization.id, SystemClock())
    relay(organization_id=one.organization.id, clock=SystemClock())
    assert [message.to for message in mail.outbox] == [["owner@a.example.org"]]
    assert "ends on" in mail.outbox[0].body


def test_a_sign_in_is_begun_only_so_often(monkeypatch):
    """Beyond the limit of a network and connection nothing is written; other networks and connections go on."""
    monkeypatch.setattr(limits, "MOST", 2)
    cache.clear()
    one = tenant()
    connection, other = connected(one), connected(one)
    browser, address = Client(HTTP_HOST="127.0.0.1"), f"/saml/{connection.public_id}/sign-in/"
    codes = [browser.get(address, REMOTE_ADDR=f"192.0.2.{host}").status_code for host in (1, 2, 3)]
    assert codes == [302, 302, 429]
    answer = browser.get(address, REMOTE_ADDR="192.0.2.4")
    assert answer["Retry-After"] == "60"
    assert b"Wait 60 seconds" in answer.content
    assert browser.get(address, REMOTE_ADDR="198.51.100.1").status_code == 302
    assert browser.get(f"/saml/{other.public_id}/sign-in/", REMOTE_ADDR="192.0.2.1").status_code == 302
    with one.reading():
        assert connection.requests.count() == 3
