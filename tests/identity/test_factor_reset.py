"""Taking away the second factor of a colleague who lost it: rule, page, REST and admin action."""

import orjson
import pytest
from django.core import mail
from django.test import Client

from audit.queries import events
from identity.models import Account, AccountSession, Membership, RecoveryCode, SecondFactor
from identity.operations import grant_membership, reset_second_factor
from identity.operations.factor_reset import FactorShared
from identity.queries.memberships import works_elsewhere
from identity.rules.factor_reset import FactorReset, ResetCode, may_reset
from jobs.operations import relay
from kernel.clock import DatabaseClock
from kernel.pages import PROVED
from tests.factories.second_factors import App, enrolled
from tests.factories.tenants import PASSWORD, Tenant, member, signed_in, tenant
from tests.reporting.counted import queries_of

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/sign-in/"
CHALLENGE = "/accounts/second-factor/"
SET_UP = "/accounts/second-factor/set-up/"
ADMIN = "/admin/identity/membership/"
REASON = "Stood before me with a new phone"


class Colleague:
    """A member with an app, signed in by it, and the membership."""

    def __init__(self, house: Tenant, *roles: str) -> None:
        self.account, self.principal = member(house, *roles)
        with house.writing() as trail:
            self.app: App = enrolled(self.account, trail)
        self.browser = Client(HTTP_HOST="127.0.0.1")
        self.browser.post(SIGN_IN, {"username": self.account.email, "password": PASSWORD})
        self.browser.post(CHALLENGE, {"code": self.app.recovery[0]})
        assert self.works()
        with house.reading():
            self.row = Membership.objects.get(account=self.account)

    @property
    def page(self) -> str:
        return f"/organization/members/{self.row.id}/second-factor/"

    def works(self) -> bool:
        return self.browser.get("/api/v1/organizations/").status_code == 200

    def has_factor(self) -> bool:
        return SecondFactor.objects.filter(account=self.account).exists()


def over_rest(browser: Client, row: Membership, **body: str):
    url = f"/api/v1/memberships/{row.id}/reset-second-factor/"
    return browser.generic("POST", url, orjson.dumps(body), content_type="application/json")


def kinds(house: Tenant) -> list[str]:
    with house.reading():
        return [event.kind for event in events()]


def proved_long_ago(browser: Client) -> None:
    session = browser.session
    session[PROVED] = 0
    session.save()


def asked(**facts: bool) -> ResetCode:
    usual = {"by_operator": False, "is_own": False, "of_head": False, "by_head": True, "works_elsewhere": False}
    return may_reset(FactorReset(**{**usual, **facts}))


# --- Rules -----------------------------------------------------------------------------------------------------------


def test_who_may_take_it_away():
    """An owner from others who work here alone; the operator of the installation from everybody."""
    assert asked() is ResetCode.ALLOWED
    assert asked(of_head=True) is ResetCode.ALLOWED
    assert asked(is_own=True) is ResetCode.OWN
    assert asked(of_head=True, by_head=False) is ResetCode.HEAD_ONLY
    assert asked(works_elsewhere=True) is ResetCode.SHARED
    everything = dict.fromkeys(("by_operator", "is_own", "of_head", "works_elsewhere"), True)
    assert asked(**everything, by_head=False) is ResetCode.ALLOWED


@pytest.mark.parametrize("ended", [False, True])
def test_what_counts_as_working_elsewhere(ended):
    """A membership that has not ended, even of somebody whom the directory there calls inactive, and no other."""
    here, there = tenant(), tenant()
    account, _principal = member(here, "viewer")
    now = DatabaseClock().now()
    assert not works_elsewhere(account.id, than=here.organization.id, at=now)
    with there.writing() as trail:
        row = grant_membership(account=account, roles=["viewer"], trail=trail)
        if ended:
            Membership.objects.filter(id=row.id).update(ended_at=row.started_at)
    with here.reading():
        found = works_elsewhere(account.id, than=here.organization.id, at=DatabaseClock().now())
    assert found is not ended


# --- The page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["owner", "viewer"])
def test_an_owner_lets_a_colleague_in_again(role):
    """App, codes and sessions go; the ledger has it and the reason apart; the account is told, and signs in again:
    an owner enrols at once, a viewer need not."""
    house = tenant()
    lost = Colleague(house, role)
    owner = signed_in(house, "owner")
    link = f"/organization/members/{lost.row.id}/"
    assert lost.page in owner.get(link).content.decode()
    assert lost.account.email in owner.get(lost.page).content.decode()
    answer = owner.post(lost.page, {"reason": REASON})
    assert (answer.status_code, answer["Location"]) == (302, link)
    assert not lost.has_factor()
    assert not RecoveryCode.objects.filter(factor__account=lost.account).exists()
    assert not lost.works()
    assert not AccountSession.objects.filter(account=lost.account).exists()
    assert kinds(house)[-2:] == ["account.second_factor_reset", "account.sessions_ended"]
    with house.reading():
        assert REASON not in events().get(kind="account.second_factor_reset").body
    relay(organization_id=house.organization.id, clock=DatabaseClock())
    [told] = mail.outbox
    assert told.to == [lost.account.email]
    assert f"An owner of {house.organization.name} removed the second factor" in told.body
    again = Client(HTTP_HOST="127.0.0.1")
    again.post(SIGN_IN, {"username": lost.account.email, "password": PASSWORD})
    assert (again.get("/api/v1/organizations/").status_code == 200) is (role == "viewer")
    if role == "owner":
        assert again.get(CHALLENGE)["Location"].startswith(SET_UP)


def test_the_mail_is_in_the_language_of_the_account():
    """Whoever acts, and whatever language that person reads."""
    house = tenant()
    lost = Colleague(house, "viewer")
    Account.objects.filter(id=lost.account.id).update(language="de")
    assert over_rest(signed_in(house, "owner"), lost.row, reason=REASON).status_code == 204
    relay(organization_id=house.organization.id, clock=DatabaseClock())
    assert mail.outbox[0].subject == "Seatledger: Ihr zweiter Faktor wurde entfernt"


def test_the_page_says_what_it_cannot_do():
    """No button for whoever has no factor, for oneself, and for a membership that ended; POST is refused as well."""
    house = tenant()
    browser = signed_in(house, "owner")
    without, _principal = member(house, "viewer")
    with house.reading():
        mine, other = Membership.objects.get(roles=["owner"]), Membership.objects.get(account=without)
    for row, status, said in (
        (other, 409, "there is nothing to remove"),
        (mine, 403, "This is your own account"),
    ):
        url = f"/organization/members/{row.id}/second-factor/"
        page = browser.get(url).content.decode()
        assert said in page
        assert "<form class" not in page
        assert browser.post(url, {"reason": REASON}).status_code == status
    with house.writing():
        Membership.objects.filter(id=other.id).update(ended_at=other.started_at)
    url = f"/organization/members/{other.id}/second-factor/"
    assert "ended on" in browser.get(url).content.decode()
    assert browser.post(url, {"reason": REASON}).status_code == 409


def test_without_a_reason_nothing_happens():
    """422 on the page, 400 over REST, and the factor stays."""
    house = tenant()
    lost, owner = Colleague(house, "viewer"), signed_in(house, "owner")
    assert owner.post(lost.page, {"reason": "  "}).status_code == 422
    for body in ({}, {"reason": ""}, {"reason": "x" * 501}):
        assert over_rest(owner, lost.row, **body).status_code == 400
    assert lost.has_factor()
    assert lost.works()


def test_it_needs_a_fresh_proof():
    """The page asks first and comes back, REST names the code, and nothing has changed."""
    house = tenant()
    lost, owner = Colleague(house, "viewer"), signed_in(house, "owner")
    proved_long_ago(owner)
    assert "/accounts/confirm/" in owner.post(lost.page, {"reason": REASON})["Location"]
    answer = over_rest(owner, lost.row, reason=REASON)
    assert (answer.status_code, answer.json()["code"]) == (403, "PROOF_NEEDED")
    assert lost.has_factor()


def test_visitors_other_roles_and_other_organisations_reach_nobody():
    """Sign-in or 401, 403 for an IT administrator, 404 for an owner of another organisation."""
    house = tenant()
    lost = Colleague(house, "viewer")
    for browser, page, rest in (
        (Client(HTTP_HOST="127.0.0.1"), 302, 401),
        (signed_in(house, "it_admin"), 403, 403),
        (signed_in(tenant(), "owner"), 404, 404),
    ):
        assert browser.post(lost.page, {"reason": REASON}).status_code == page
        assert over_rest(browser, lost.row, reason=REASON).status_code == rest
    assert lost.has_factor()
    link = signed_in(house, "it_admin").get(f"/organization/members/{lost.row.id}/").content.decode()
    assert lost.page not in link


def test_an_account_that_works_elsewhere_too_is_out_of_reach():
    """Its factor protects the other organisation as well: 409 with the way out, on the page and over REST."""
    house, other = tenant(), tenant()
    lost, owner = Colleague(house, "viewer"), signed_in(house, "owner")
    with other.writing() as trail:
        grant_membership(account=lost.account, roles=["owner"], trail=trail)
    answer = owner.post(lost.page, {"reason": REASON})
    assert answer.status_code == 409
    assert "manage.py reset_second_factor" in answer.content.decode()
    assert over_rest(owner, lost.row, reason=REASON).json()["code"] == "SECOND_FACTOR_SHARED"
    assert lost.has_factor()
    assert lost.works()


def test_platform_operators_help_each_other_and_no_owner_helps_them():
    """In the platform's organisation the operators answer for each other; an owner of a company never reaches one."""
    platform, house = tenant("platform"), tenant()
    lost = Colleague(platform, "platform_operator")
    with house.writing() as trail:
        here = grant_membership(account=lost.account, roles=["viewer"], trail=trail)
    _account, owner = member(house, "owner")
    with pytest.raises(FactorShared), house.writing(owner) as trail:
        reset_second_factor(membership=here, reason=REASON, trail=trail)
    with house.writing():
        Membership.objects.filter(id=here.id).update(ended_at=here.started_at)
    answer = over_rest(signed_in(platform, "owner"), lost.row, reason=REASON)
    assert (answer.status_code, answer.json()["code"]) == (403, "SECOND_FACTOR_HEAD_ONLY")
    assert over_rest(signed_in(platform, "platform_operator"), lost.row, reason=REASON).status_code == 204
    assert not lost.has_factor()


def test_nobody_takes_the_own_away_over_rest():
    """403 with a code: a stolen session could not get rid of the factor that way."""
    house = tenant()
    own = Colleague(house, "owner")
    answer = over_rest(own.browser, own.row, reason=REASON)
    assert (answer.status_code, answer.json()["code"]) == (403, "SECOND_FACTOR_OWN")
    assert own.has_factor()


def test_the_page_costs_the_same_for_everybody():
    """The member's page and the one that asks, in a fixed number of queries."""
    house = tenant()
    lost, owner = Colleague(house, "viewer"), signed_in(house, "owner")
    assert queries_of(owner, lost.page) <= 10
    assert queries_of(owner, f"/organization/members/{lost.row.id}/") <= 12


# --- The admin -------------------------------------------------------------------------------------------------------


def test_the_admin_leads_to_the_page():
    """For one member; for several it says to choose one, and for other roles the action is not there."""
    house = tenant()
    lost, other = Colleague(house, "viewer"), Colleague(house, "legal")
    one = {"action": "reset_second_factor", "_selected_action": [str(lost.row.id)]}
    both = {**one, "_selected_action": [str(lost.row.id), str(other.row.id)]}
    owner = signed_in(house, "owner")
    assert "Remove a lost second factor…" in owner.get(ADMIN).content.decode()
    assert owner.post(ADMIN, one)["Location"] == lost.page
    assert "Choose one member" in owner.post(ADMIN, both, follow=True).content.decode()
    it = signed_in(house, "it_admin")
    assert "Remove a lost second factor…" not in it.get(ADMIN).content.decode()
    assert it.post(ADMIN, one).get("Location", "") != lost.page
    assert lost.has_factor()
    assert other.has_factor()
