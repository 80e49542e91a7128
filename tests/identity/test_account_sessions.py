"""Where an account is signed in, and who may end that; proofs that grow old; cookies and limits of sessions."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client

from audit.queries import events
from identity.models import AccountSession, Membership, SignInPolicy
from identity.operations import end_membership, forget_ended_sessions, set_sign_in_policy
from identity.rules.browsers import browser_family
from identity.session_store import SessionStore, stored_key
from identity.sessions import LAST_SEEN, STARTED
from kernel.clock import DatabaseClock
from kernel.pages import PROVED
from kernel.scope import scope
from tests.factories.tenants import PASSWORD, Tenant, member, signed_in, tenant

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/sign-in/"
SESSIONS = "/accounts/sessions/"
OTHERS = "/accounts/sessions/end-others/"
CONFIRM = "/accounts/confirm/"
POLICY = "/organization/sign-in/"
OWN = "/api/v1/organizations/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def entered(account, **columns) -> Client:
    browser = Client(HTTP_HOST="127.0.0.1", **columns)
    browser.post(SIGN_IN, {"username": account.email, "password": PASSWORD})
    return browser


def works(browser: Client) -> bool:
    return browser.get(OWN).status_code == 200


def kinds(house: Tenant) -> list[str]:
    with house.reading():
        return [event.kind for event in events()]


def aged(browser: Client, name: str, seconds: int) -> None:
    session = browser.session
    session[name] -= seconds
    session.save()


def row_of(browser: Client) -> AccountSession:
    return AccountSession.objects.get(digest=stored_key(browser.cookies[settings.SESSION_COOKIE_NAME].value))


@pytest.mark.parametrize(
    ("agent", "family"),
    [
        (FIREFOX, "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8.0", ""),
    ],
)
def test_a_browser_is_known_by_its_family_alone(agent, family):
    """Enough to recognise the own one; no version, no device."""
    assert browser_family(agent) == family


@pytest.mark.requirement("REQ-077")
def test_a_copy_of_the_database_opens_no_session():
    """The cookie's key stands in no table; its digest does, and is worth nothing as a cookie."""
    browser = entered(member(tenant(), "viewer")[0])
    key = browser.cookies[settings.SESSION_COOKIE_NAME].value
    stored = [row.session_key for row in Session.objects.all()]
    assert key not in stored
    assert stored_key(key) in stored
    thief = Client(HTTP_HOST="127.0.0.1")
    thief.cookies[settings.SESSION_COOKIE_NAME] = stored_key(key)
    assert not works(thief)
    assert SessionStore(key).exists(key)


def test_the_page_lists_where_the_account_is_signed_in():
    """Browser, network without the last part of the address, and which one this is; nobody else's sessions."""
    house = tenant()
    account, _principal = member(house, "viewer")
    here = entered(account, HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="203.0.113.77")
    entered(account)
    signed_in(house, "viewer")
    page = here.get(SESSIONS).content.decode()
    assert page.count("<tr>") == 3
    assert "Firefox, Linux" in page
    assert "203.0.113.0" in page
    assert "203.0.113.77" not in page
    assert page.count("This one") == 1


def test_one_session_and_all_others_end_at_once():
    """The next request of an ended session finds nothing; the own one goes on; the ledger counts."""
    house = tenant()
    account, _principal = member(house, "viewer")
    here, second, third, fourth = (entered(account) for _number in range(4))
    assert here.post(f"{SESSIONS}{row_of(second).id}/end/")["Location"] == SESSIONS
    assert [works(one) for one in (here, second, third)] == [True, False, True]
    here.post(OTHERS)
    assert [works(one) for one in (here, third, fourth)] == [True, False, False]
    assert kinds(house).count("account.sessions_ended") == 2


def test_nobody_ends_the_sessions_of_others():
    """Another account's session, of the same house or another, is answered like one that does not exist."""
    house = tenant()
    here = entered(member(house, "viewer")[0])
    for stranger in (signed_in(house, "viewer"), signed_in(tenant(), "viewer")):
        assert here.post(f"{SESSIONS}{row_of(stranger).id}/end/").status_code == 404
        assert works(stranger)
    assert here.post(f"{SESSIONS}01900000-0000-7000-8000-000000000000/end/").status_code == 404


@pytest.mark.parametrize("path", [SESSIONS, "/accounts/profile/", "/accounts/password/", POLICY])
def test_visitors_are_sent_to_the_sign_in(path):
    """Pages of the own account are for whoever is signed in."""
    assert Client(HTTP_HOST="127.0.0.1").get(path)["Location"].startswith(SIGN_IN)


def test_a_new_key_takes_the_session_along():
    """Choosing an organisation changes the key; the list still has one row of it, and signing out leaves none."""
    account, _principal = member(tenant(), "viewer")
    browser = entered(account)
    session = browser.session
    session.cycle_key()
    session.save()
    assert AccountSession.objects.get(account=account).digest == stored_key(str(session.session_key))
    browser.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    browser.post("/accounts/sign-out/")
    assert forget_ended_sessions(at=DatabaseClock().now()) == 1
    assert not AccountSession.objects.filter(account=account).exists()


def test_the_sweep_leaves_living_sessions_alone():
    """What ran out is forgotten, on both tables; whoever works goes on working."""
    browser, gone = (entered(member(tenant(), "viewer")[0]) for _number in range(2))
    Session.objects.filter(session_key=row_of(gone).digest).update(expire_date=DatabaseClock().now())
    assert forget_ended_sessions(at=DatabaseClock().now() + timedelta(seconds=1)) == 1
    assert works(browser)


@pytest.mark.parametrize("role", ["owner", "it_admin"])
def test_an_administrator_ends_all_sessions_of_a_member(role):
    """By an action on the list of memberships; only what works in this organisation ends."""
    house = tenant()
    account, _principal = member(house, "viewer")
    victims = [entered(account), entered(account)]
    admin = signed_in(house, role)
    with house.reading():
        row = Membership.objects.get(account=account)
    chosen = {"action": "end_sessions", "_selected_action": str(row.id)}
    assert admin.post("/admin/identity/membership/", chosen).status_code == 302
    assert not any(works(victim) for victim in victims)
    assert works(admin)
    assert kinds(house)[-1] == "account.sessions_ended"


def test_an_auditor_sees_no_such_action():
    """Without identity.session.manage the action is not offered and not carried out."""
    house = tenant()
    account, _principal = member(house, "viewer")
    victim, auditor = entered(account), signed_in(house, "auditor")
    with house.reading():
        row = Membership.objects.get(account=account)
    auditor.post("/admin/identity/membership/", {"action": "end_sessions", "_selected_action": str(row.id)})
    assert works(victim)


def test_an_ended_membership_takes_its_sessions_along():
    """The rows go, not only the right."""
    house = tenant()
    account, _principal = member(house, "viewer")
    entered(account)
    with house.writing() as trail:
        end_membership(membership=Membership.objects.get(account=account), trail=trail)
    assert not AccountSession.objects.filter(account=account).exists()


def test_seen_is_noted_once_a_minute():
    """The list tells when a session was used last, without a write on every request."""
    browser = entered(member(tenant(), "viewer")[0])
    before = row_of(browser).last_seen_at
    works(browser)
    assert row_of(browser).last_seen_at == before
    aged(browser, LAST_SEEN, 120)
    works(browser)
    assert row_of(browser).last_seen_at > before


def test_a_session_cannot_be_seen_before_it_began():
    """The constraint holds for whoever writes past the operations."""
    row = row_of(entered(member(tenant(), "viewer")[0]))
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountSession.objects.filter(pk=row.pk).update(last_seen_at=row.started_at - timedelta(seconds=1))


def test_the_sessions_page_asks_few_questions(django_assert_max_num_queries):
    """However many sessions there are."""
    account, _principal = member(tenant(), "viewer")
    browser = entered(account)
    for _number in range(6):
        entered(account)
    with django_assert_max_num_queries(12):
        browser.get(SESSIONS)


# --- Proofs ----------------------------------------------------------------------------------------------------------


def test_sensitive_pages_ask_again_after_ten_minutes():
    """Who signed in just now is not asked; later the page leads to the question and from there back."""
    house = tenant()
    browser = signed_in(house, "owner")
    aged(browser, PROVED, settings.PROOF_SECONDS + 1)
    form = "/accounts/second-factor/settings/"
    answer = browser.post("/accounts/second-factor/recovery-codes/", HTTP_REFERER=f"http://127.0.0.1{form}")
    assert answer["Location"] == f"{CONFIRM}?next={form}"
    assert kinds(house)[-1] == "account.signed_in"
    assert "Nothing was changed yet" in browser.get(answer["Location"]).content.decode()
    assert browser.post(CONFIRM, {"password": "not this one, sorry", "next": form}).status_code == 422
    assert browser.post(CONFIRM, {"password": "", "code": ""}).status_code == 422
    assert browser.post(CONFIRM, {"password": PASSWORD, "next": form})["Location"] == form
    assert browser.post("/accounts/second-factor/recovery-codes/").status_code == 200


@pytest.mark.parametrize("referer", ["https://evil.example/", "//evil.example/x", "", "javascript:alert(1)"])
def test_a_foreign_referer_leads_nowhere(referer):
    """Back means back to a page of this site."""
    browser = signed_in(tenant(), "viewer")
    aged(browser, PROVED, settings.PROOF_SECONDS + 1)
    answer = browser.post("/accounts/second-factor/disable/", HTTP_REFERER=referer)
    assert answer["Location"] == f"{CONFIRM}?next=/accounts/second-factor/disable/"


def test_the_question_is_throttled_like_the_sign_in():
    """Wrong passwords there count as well."""
    browser = signed_in(tenant(), "viewer")
    tries = [
        browser.post(CONFIRM, {"password": "not this one, sorry"}).status_code
        for _try in range(settings.AXES_FAILURE_LIMIT)
    ]
    assert tries[-1] == 429
    assert browser.post(CONFIRM, {"password": PASSWORD}).status_code == 429


def test_a_visitor_has_nothing_to_confirm():
    """The page needs a session."""
    assert Client(HTTP_HOST="127.0.0.1").post(CONFIRM, {"password": "x"})["Location"] == SIGN_IN


# --- Policy ----------------------------------------------------------------------------------------------------------


def wanted(**changes):
    return {"second_factor_roles": [], "idle_minutes": "10", "absolute_hours": "4", **changes}


def test_an_owner_tightens_the_limits():
    """They hold from the next sign-in on: after ten idle minutes and four hours the session is over."""
    house = tenant()
    owner = signed_in(house, "owner")
    assert owner.post(POLICY, wanted())["Location"] == POLICY
    assert kinds(house)[-1] == "sign_in_policy.changed"
    account, _principal = member(house, "viewer")
    for moment, seconds, holds in ((LAST_SEEN, 540, True), (LAST_SEEN, 660, False), (STARTED, 4 * 3600 + 60, False)):
        browser = entered(account)
        aged(browser, moment, seconds)
        assert works(browser) is holds


@pytest.mark.parametrize(
    "bad",
    [
        {"idle_minutes": "31"},
        {"idle_minutes": "0"},
        {"absolute_hours": "13"},
        {"absolute_hours": "x"},
        {"second_factor_roles": ["emperor"]},
    ],
)
def test_limits_are_never_loosened(bad):
    """Beyond the limits of the house, and for roles that do not exist, nothing is stored."""
    house = tenant()
    assert signed_in(house, "owner").post(POLICY, wanted(**bad)).status_code == 422
    with house.reading():
        assert not SignInPolicy.objects.exists()


def test_an_auditor_sees_the_policy_and_a_viewer_does_not():
    """Seeing and changing are two permissions; each house sees its own policy."""
    house, other = tenant(), tenant()
    with other.writing() as trail:
        set_sign_in_policy(
            second_factor_roles=["finance"], provider_vouches=False, idle_minutes=7, absolute_hours=3, trail=trail
        )
    auditor = signed_in(house, "auditor")
    page = auditor.get(POLICY)
    assert page.status_code == 200
    assert 'value="30"' in page.content.decode()
    assert auditor.post(POLICY, wanted()).status_code == 403
    assert signed_in(house, "viewer").get(POLICY).status_code == 403


def test_the_database_refuses_a_loose_policy():
    """Nobody writes past the operation either, and there is one policy per organisation."""
    house = tenant()
    now = DatabaseClock().now()
    for columns in ({"idle_minutes": 31}, {"absolute_hours": 13}, {"idle_minutes": 0}):
        with pytest.raises(IntegrityError), transaction.atomic(), scope(house.organization.id):
            SignInPolicy.objects.create(organization=house.organization, updated_at=now, **columns)
    with scope(house.organization.id):
        SignInPolicy.objects.create(organization=house.organization, updated_at=now)
    with pytest.raises(IntegrityError), transaction.atomic(), scope(house.organization.id):
        SignInPolicy.objects.create(organization=house.organization, updated_at=now)
