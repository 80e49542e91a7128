"""Attacks that need more than one message, browser, connection or organisation, and floods."""

from datetime import timedelta

import orjson
import pytest
from django.core.cache import cache

from audit.queries import events
from identity.models import RefusedMessages
from identity.operations import grant_membership
from identity.operations.saml_accounts import confirm_link
from identity.schedules import forget
from kernel.clock import FixedClock, SystemClock
from tests.factories.tenants import member, tenant
from tests.identity.saml.attacking import (
    ATTACKER,
    VICTIM,
    house_of,
    is_signed_in,
    refusals,
)
from tests.identity.saml.forge import (
    connected,
    packed,
    signed,
    trial,
)

pytestmark = pytest.mark.django_db


def test_a_used_answer_opens_nothing_again(attempt):
    """Replay in the same browser: the request is used up."""
    message = signed(attempt.said(name_id=ATTACKER))
    assert attempt.post(message).status_code == 302
    attempt.browser.post("/accounts/sign-out/")
    assert attempt.post(message).status_code == 403
    assert (is_signed_in(attempt), refusals(attempt)) == (False, ["unknown_request"])


def test_a_used_assertion_opens_nothing_where_nobody_needs_to_ask():
    """Replay of an assertion that the provider began: remembered until it would be too old."""
    one = tenant()
    connection = connected(one, allows_idp_initiated=True)
    account, _principal = member(one, "viewer")
    with one.writing() as trail:
        confirm_link(connection=connection, name_id=ATTACKER, account=account, trail=trail)
    attempt = trial(one, connection)
    message = signed(attempt.said(name_id=ATTACKER, in_response_to=None))
    assert attempt.post(message).status_code == 302
    attempt.browser.post("/accounts/sign-out/")
    assert attempt.post(message).status_code == 403
    assert (is_signed_in(attempt), refusals(attempt)) == (False, ["replayed"])


def test_an_answer_belongs_to_the_browser_that_asked(attempt):
    """An attacker who lets somebody else post the attacker's answer signs nobody in."""
    other = trial(attempt.tenant, attempt.connection)
    attempt.browser, mine = other.browser, attempt.browser
    assert attempt.post(signed(attempt.said(name_id=ATTACKER))).status_code == 403
    assert (is_signed_in(attempt), refusals(attempt)) == (False, ["other_browser"])
    attempt.browser = mine
    assert attempt.post(signed(attempt.said(name_id=ATTACKER))).status_code == 302


def test_a_browser_without_the_cookie_gets_nothing(attempt):
    """No cookie is no browser: the comparison is with nothing that was ever drawn."""
    attempt.browser.cookies.clear()
    assert attempt.post(signed(attempt.said(name_id=ATTACKER))).status_code == 403
    assert refusals(attempt) == ["other_browser"]


@pytest.mark.parametrize("relay", ["", "https://evil.example.com/", "/it/seats/"])
def test_relay_state_is_ours_or_nothing(attempt, relay):
    """RelayState is an opaque word of ours; it never says where to go."""
    answer = attempt.post(signed(attempt.said(name_id=ATTACKER)), RelayState=relay)
    assert answer.status_code == 403
    assert refusals(attempt) == ["wrong_relay"]


@pytest.mark.parametrize(
    "target", ["https://evil.example.com/", "//evil.example.com", "/\\evil.example.com", "javascript:alert(1)", "it/"]
)
def test_nobody_is_sent_to_another_site(attempt, target):
    """Whatever the address asks for, the way leads to this site."""
    attempt = trial(attempt.tenant, attempt.connection, next=target)
    answer = attempt.post(signed(attempt.said(name_id=ATTACKER)))
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_an_answer_to_another_connection_is_none(attempt):
    """Two connections of one organisation, with one provider: each has its own requests and addresses."""
    second = trial(attempt.tenant, connected(attempt.tenant), attempt.browser)
    answer = second.post(signed(second.said(name_id=VICTIM, in_response_to=attempt.request_id)))
    assert answer.status_code == 403
    assert refusals(attempt) == ["unknown_request"]


def test_the_provider_of_one_organisation_asserts_an_address_of_another():
    """The IdP of A says "I am the owner of B": nobody comes in as an account of B; A's ledger has the refusal."""
    cache.clear()
    here, there = tenant(), tenant()
    owner, _principal = member(there, "owner", email="boss@b.example.org")
    connection = connected(here, creates_people=True)
    attempt = trial(here, connection)
    answer = attempt.post(signed(attempt.said(name_id="boss", attributes={"mail": [owner.email]})))
    # The account exists, so its holder would have to confirm, signed in at A: a page that a stranger cannot pass.
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/link/")
    assert not is_signed_in(attempt)
    assert attempt.browser.get(answer["Location"]).status_code == 302
    unknown = trial(here, connection)
    forged = signed(unknown.said(name_id="x", attributes={"mail": ["nobody@b.example.org"]}))
    assert unknown.post(forged).status_code == 403
    assert (is_signed_in(unknown), refusals(unknown)) == (False, ["unknown_person"])


def test_an_assertion_for_somebody_of_two_organisations_opens_one():
    """The session is bound: not even the holder takes it to another organisation."""
    here, there = tenant(), tenant()
    account, _principal = member(here, "viewer")
    with there.writing() as trail:
        grant_membership(account=account, roles=["owner"], trail=trail)
    connection = connected(here)
    with here.writing() as trail:
        confirm_link(connection=connection, name_id=ATTACKER, account=account, trail=trail)
    attempt = trial(here, connection)
    assert attempt.post(signed(attempt.said(name_id=ATTACKER))).status_code == 302
    assert house_of(attempt) == here.organization.slug
    switched = attempt.browser.post("/accounts/organizations/", {"organization": str(there.organization.id)})
    assert switched.status_code == 403
    assert house_of(attempt) == here.organization.slug


def test_a_flood_of_nonsense_becomes_one_entry(attempt, monkeypatch):
    """Beyond so many refusals a minute they are answered the same and counted; their number is told once, when the
    window is over, and not before."""
    monkeypatch.setattr("identity.saml.receiving.MOST_A_MINUTE", 2)
    assert [attempt.post("@@@").status_code for _ in range(5)] == [403] * 5
    assert refusals(attempt) == ["not_base64"] * 2
    now = SystemClock().now()

    def counted_after(minutes: int) -> list[tuple[int, int]]:
        forget(attempt.tenant.organization.id, FixedClock(now + timedelta(minutes=minutes)))
        with attempt.tenant.reading():
            bodies = [orjson.loads(event.body) for event in events() if event.kind == "saml.refusals_counted"]
        return [(body["details"]["further"], body["details"]["within_minutes"]) for body in bodies]

    assert counted_after(14) == []
    assert counted_after(16) == [(3, 15)]
    assert counted_after(40) == [(3, 15)]


def test_a_flood_of_one_used_message_becomes_one_entry_too(attempt, monkeypatch):
    """Messages that are signed and refused later, a replay above all, are counted like nonsense."""
    monkeypatch.setattr("identity.saml.receiving.MOST_A_MINUTE", 1)
    message = signed(attempt.said(name_id=ATTACKER))
    assert attempt.post(message).status_code == 302
    assert [attempt.post(message).status_code for _ in range(3)] == [403] * 3
    assert refusals(attempt) == ["unknown_request"]
    with attempt.tenant.reading():
        assert RefusedMessages.objects.get().further == 2


def test_a_new_window_tells_of_the_one_before(attempt, monkeypatch):
    """Whoever goes on refusing does not wait for the scheduler."""
    monkeypatch.setattr("identity.saml.receiving.MOST_A_MINUTE", 0)
    attempt.post("@@@")
    with attempt.tenant.writing() as trail:
        RefusedMessages.objects.update(opened_at=trail.clock.now() - timedelta(minutes=15))
    attempt.post("@@@")
    with attempt.tenant.reading():
        assert [event.kind for event in events()].count("saml.refusals_counted") == 1
        assert RefusedMessages.objects.get().further == 1


def test_an_unknown_connection_has_no_address(attempt):
    """404, whatever is sent."""
    for name in ("metadata", "sign-in", "slo"):
        assert attempt.browser.get(f"/saml/nobody/{name}/").status_code == 404
    assert attempt.browser.post("/saml/nobody/acs/").status_code == 404


def test_every_answer_of_a_refusal_looks_the_same(attempt):
    """Whoever attacks learns nothing from the page."""
    pages = {attempt.post(one).content for one in ("@@@", packed(signed(attempt.said(issuer="x"))), packed(b"<x/>"))}
    assert len(pages) == 1
