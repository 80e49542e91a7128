"""The second factor: who needs it, what opens with it, what a code is worth twice, and what lies in the database."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client

from audit.queries import events
from identity.models import Account, RecoveryCode, SecondFactor
from identity.one_time_codes import SECRET_BYTES, accepted_counter, code_at, secret_of
from identity.operations import accept_code, grant_membership, pending_secret, set_sign_in_policy
from identity.rules.second_factor import Answer, Attempts, Step, demanded, missing, recovery_code, tidy
from kernel.clock import DatabaseClock, FixedClock
from kernel.vault import VaultError, vault
from tests.factories.moments import NOW
from tests.factories.second_factors import App, enrolled
from tests.factories.tenants import PASSWORD, Tenant, member, signed_in, tenant

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/sign-in/"
CHALLENGE = "/accounts/second-factor/"
SETTINGS = "/accounts/second-factor/settings/"
SET_UP = "/accounts/second-factor/set-up/"
PICTURE = "/accounts/second-factor/picture.svg"
CODES = "/accounts/second-factor/recovery-codes/"
DISABLE = "/accounts/second-factor/disable/"
REPLACE = "/accounts/second-factor/replace/"
OWN = "/api/v1/organizations/"


def visitor() -> Client:
    return Client(HTTP_HOST="127.0.0.1")


def with_password(account: Account, **more: str) -> Client:
    """A browser that has given the password and nothing else."""
    browser = visitor()
    browser.post(SIGN_IN, {"username": account.email, "password": PASSWORD, **more})
    return browser


def works(browser: Client) -> bool:
    return browser.get(OWN).status_code == 200


def with_app(house: Tenant, *roles: str) -> tuple[Account, App]:
    account, _principal = member(house, *roles)
    with house.writing() as trail:
        return account, enrolled(account, trail)


def kinds(house: Tenant) -> list[str]:
    with house.reading():
        return [event.kind for event in events()]


def now_code(account: Account) -> str:
    return code_at(secret_of(SecondFactor.objects.get(account=account)), DatabaseClock().now())


# --- Rules -----------------------------------------------------------------------------------------------------------


def test_owners_and_operators_always_need_one_and_others_where_the_policy_says():
    """Nobody's policy lets an owner go without."""
    assert demanded(["owner"], [])
    assert demanded(["viewer", "platform_operator"], [])
    assert not demanded(["viewer"], ["finance"])
    assert demanded(["viewer", "finance"], ["finance"])


def test_what_is_left_to_do():
    """Whoever has a second factor is asked for it; whoever needs one and has none enrols."""
    assert missing(proved=True, enrolled=True, demanded=True) is None
    assert missing(proved=False, enrolled=True, demanded=False) is Step.CHALLENGE
    assert missing(proved=False, enrolled=False, demanded=True) is Step.ENROL
    assert missing(proved=False, enrolled=False, demanded=False) is None


def test_every_fifth_failure_in_a_row_locks_for_a_quarter_of_an_hour():
    """The door opens again by itself, and closes again after five more."""
    attempts = Attempts(0, None)
    for number in range(1, 11):
        attempts = attempts.failed(NOW)
        assert attempts.locked(NOW) is (number % 5 == 0)
    assert attempts.locked(NOW + timedelta(minutes=14))
    assert not attempts.locked(NOW + timedelta(minutes=15))


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_rfc_6238(seconds, code):
    """The test vectors of RFC 6238, appendix B, of which an app shows the last six digits; each is taken once."""
    at = FixedClock(NOW).now().fromtimestamp(seconds, tz=NOW.tzinfo)
    secret = b"12345678901234567890"
    assert code_at(secret, at) == code
    counter = accepted_counter(secret, code, at=at, after=0)
    assert counter is not None
    assert counter == seconds // 30
    assert accepted_counter(secret, code, at=at, after=counter) is None


@pytest.mark.parametrize(("seconds", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_half_a_minute_wrong(seconds, taken):
    """The step before and after are taken, no other."""
    secret = bytes(SECRET_BYTES)
    code = code_at(secret, NOW + timedelta(seconds=seconds))
    assert (accepted_counter(secret, code, at=NOW, after=0) is not None) is taken


def test_recovery_codes_survive_the_way_over_paper():
    """Hyphens, spaces and small letters do not matter."""
    code = recovery_code(bytes(range(10)))
    assert (len(code), len(tidy(code))) == (19, 16)
    assert tidy(f" {code.lower().replace('-', ' ')} ") == tidy(code)


# --- At the door -----------------------------------------------------------------------------------------------------


@pytest.mark.requirement("REQ-077")
@pytest.mark.parametrize("role", ["owner", "platform_operator"])
def test_an_owner_enrols_before_anything_opens(role):
    """The password alone leads to the enrolment and opens no page, no admin and no REST; the first code of the app
    opens all, shows ten recovery codes once, and only then the sign-in stands in the ledger."""
    house = tenant("platform" if role == "platform_operator" else "buyer")
    account, _principal = member(house, role)
    browser = with_password(account, next="/audit/")
    assert not works(browser)
    assert browser.get("/admin/").status_code == 302
    assert browser.get("/").status_code == 302
    assert "account.signed_in" not in kinds(house)
    page = browser.get(SIGN_IN, follow=True)
    assert page.redirect_chain[-1][0].startswith(SET_UP)
    assert browser.get(PICTURE)["Content-Type"] == "image/svg+xml"
    assert browser.post(SET_UP, {"code": "000000"}).status_code == 422
    shown = browser.post(SET_UP, {"code": now_code(account), "next": "/audit/"})
    assert (shown.status_code, shown.content.decode().count("<li>")) == (200, 10)
    assert 'href="/audit/"' in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert works(browser)
    assert kinds(house)[-2:] == ["account.second_factor_enabled", "account.signed_in"]


def test_a_viewer_needs_none_and_may_have_one():
    """Nothing changes for whom nobody asks; whoever enrols all the same is asked from then on."""
    house = tenant()
    account, _principal = member(house, "viewer")
    browser = with_password(account)
    assert works(browser)
    assert "Set it up" in browser.get(SETTINGS).content.decode()
    browser.get(SET_UP)
    browser.post(SET_UP, {"code": now_code(account)})
    assert works(browser)
    assert "10 codes are unused" in browser.get(SETTINGS).content.decode()
    assert not works(with_password(account))


def test_a_code_opens_the_session_and_is_taken_once():
    """The app's code passes the challenge; the same code a second time does not, neither does the one that enrolled."""
    house = tenant()
    account, app = with_app(house, "owner")
    used = app.code(DatabaseClock().now())
    browser = with_password(account)
    assert browser.post(CHALLENGE, {"code": used}).status_code == 422
    following = app.code(DatabaseClock().now() + timedelta(seconds=30))
    before = browser.cookies["session"].value
    assert browser.post(CHALLENGE, {"code": following, "next": "/it/"})["Location"] == "/it/"
    assert browser.cookies["session"].value != before
    assert works(browser)
    assert with_password(account).post(CHALLENGE, {"code": following}).status_code == 422


def test_a_recovery_code_opens_once():
    """Each of the ten is worth one sign-in."""
    house = tenant()
    account, app = with_app(house, "owner")
    assert with_password(account).post(CHALLENGE, {"code": app.recovery[3].lower()}).status_code == 302
    assert with_password(account).post(CHALLENGE, {"code": app.recovery[3]}).status_code == 422
    assert with_password(account).post(CHALLENGE, {"code": app.recovery[4]}).status_code == 302


def test_five_wrong_codes_lock_the_factor_and_the_password_does_not_unlock_it():
    """Whoever knows the password cannot try codes without end by giving it again; the ledger tells once."""
    house = tenant()
    account, app = with_app(house, "owner")
    answers = [with_password(account).post(CHALLENGE, {"code": "000000"}).status_code for _try in range(6)]
    assert answers == [422, 422, 422, 422, 429, 429]
    assert with_password(account).post(CHALLENGE, {"code": app.recovery[0]}).status_code == 429
    assert kinds(house).count("account.second_factor_locked") == 1
    later = FixedClock(DatabaseClock().now() + timedelta(minutes=16))
    assert accept_code(account=account, code=app.recovery[0], clock=later) is Answer.ACCEPTED


def test_an_account_of_two_organisations_gives_its_code_before_it_sees_them():
    """The names of organisations are not for whoever has the password alone."""
    here, there = tenant(), tenant()
    account, app = with_app(here, "viewer")
    with there.writing() as trail:
        grant_membership(account=account, roles=["viewer"], trail=trail)
    browser = with_password(account)
    assert browser.get("/accounts/organizations/")["Location"] == CHALLENGE
    answer = browser.post(CHALLENGE, {"code": app.recovery[0]})
    assert answer["Location"].startswith("/accounts/organizations/")
    browser.post("/accounts/organizations/", {"organization": str(there.organization.id)})
    assert works(browser)


@pytest.mark.parametrize("path", [CHALLENGE, SET_UP])
def test_visitors_are_sent_to_the_sign_in(path):
    """Nobody enrols or answers who did not give a password."""
    assert visitor().get(path)["Location"] == SIGN_IN
    assert visitor().post(path, {"code": "123456"})["Location"] == SIGN_IN


def test_the_picture_is_for_the_account_that_enrols():
    """Neither visitors, nor whoever gave the password of an enrolled account, nor the enrolled account itself."""
    house = tenant()
    account, _app = with_app(house, "owner")
    for browser in (visitor(), with_password(account), signed_in(house, "owner")):
        assert browser.get(PICTURE).status_code == 404


@pytest.mark.parametrize("code", ["", "x" * 5000, "\x00", "１２３４５６", "-1", "999999999999", "12 34"])
def test_nonsense_is_no_code(code):
    """Whatever is typed is answered, and nothing opens."""
    account, _app = with_app(tenant(), "owner")
    browser = with_password(account)
    assert browser.post(CHALLENGE, {"code": code}).status_code == 422
    assert not works(browser)


# --- Afterwards ------------------------------------------------------------------------------------------------------


def test_new_codes_void_the_old_ones():
    """Ten new ones are shown; an old one opens nothing."""
    house = tenant()
    account, app = with_app(house, "owner")
    browser = with_password(account)
    browser.post(CHALLENGE, {"code": app.recovery[0]})
    assert browser.post(CODES).content.decode().count("<li>") == 10
    assert kinds(house)[-1] == "account.recovery_codes_renewed"
    assert with_password(account).post(CHALLENGE, {"code": app.recovery[1]}).status_code == 422


def test_an_owner_cannot_do_without_and_can_change_the_app():
    """Turning it off is refused; another app is enrolled at once, and until then nothing opens."""
    house = tenant()
    account, app = with_app(house, "owner")
    browser = with_password(account)
    browser.post(CHALLENGE, {"code": app.recovery[0]})
    answer = browser.post(DISABLE, follow=True)
    assert "Your roles need a second factor" in answer.content.decode()
    assert works(browser)
    assert browser.post(REPLACE)["Location"] == SET_UP
    assert not works(browser)
    browser.get(SET_UP)
    browser.post(SET_UP, {"code": now_code(account)})
    assert works(browser)


def test_whom_nobody_asks_may_turn_it_off():
    """The factor is gone, the password is enough again, and other sessions ended."""
    house = tenant()
    account, app = with_app(house, "viewer")
    first, second = with_password(account), with_password(account)
    for number, browser in enumerate((first, second)):
        browser.post(CHALLENGE, {"code": app.recovery[number]})
    assert first.post(DISABLE)["Location"] == SETTINGS
    assert works(first)
    assert not works(second)
    assert works(with_password(account))
    assert "account.second_factor_disabled" in kinds(house)


def test_an_organisation_demands_one_of_a_role():
    """Sessions without one end at once, the next sign-in leads to the enrolment; other roles are not touched."""
    house = tenant()
    finance, viewer = member(house, "finance")[0], member(house, "viewer")[0]
    running, untouched = with_password(finance), with_password(viewer)
    with house.writing() as trail:
        set_sign_in_policy(
            second_factor_roles=["finance"], provider_vouches=False, idle_minutes=30, absolute_hours=12, trail=trail
        )
    assert not works(running)
    assert works(untouched)
    again = with_password(finance)
    assert not works(again)
    assert again.get(SIGN_IN, follow=True).redirect_chain[-1][0].startswith(SET_UP)


# --- In the database -------------------------------------------------------------------------------------------------


@pytest.mark.requirement("REQ-077")
def test_neither_secret_nor_recovery_codes_can_be_read_from_the_database():
    """The secret is sealed for its account alone; of recovery codes only digests are kept."""
    account, app = with_app(tenant(), "owner")
    row = SecondFactor.objects.get(account=account)
    stored = bytes(row.sealed_secret)
    assert app.secret not in stored
    with pytest.raises(VaultError):
        vault().decrypt(stored, aad="identity_second_factor.sealed_secret:somebody-else")
    digests = [bytes(code.digest) for code in RecoveryCode.objects.filter(factor=row)]
    assert len(digests) == 10
    assert not any(tidy(code).encode() in digest for code in app.recovery for digest in digests)


def test_constraints_hold_without_any_code():
    """One factor per account, one digest once, and time steps count up."""
    account, app = with_app(tenant(), "owner")
    row = SecondFactor.objects.get(account=account)
    code = RecoveryCode.objects.filter(factor=row).first()
    assert code is not None
    for broken in (
        lambda: SecondFactor.objects.create(account=account, sealed_secret=b"x", created_at=NOW),
        lambda: RecoveryCode.objects.create(factor=row, digest=code.digest),
        lambda: SecondFactor.objects.filter(pk=row.pk).update(last_counter=-1),
    ):
        with pytest.raises((IntegrityError, ValidationError)), transaction.atomic():
            broken()
    assert connection.needs_rollback is False
    assert app.recovery


def test_a_pending_secret_is_drawn_anew_after_a_quarter_of_an_hour():
    """What was shown long ago cannot be confirmed any more; within the time it stays the same picture."""
    account, _principal = member(tenant(), "owner")
    clock = FixedClock(NOW)
    first = pending_secret(account=account, clock=clock)
    assert pending_secret(account=account, clock=clock) == first
    clock.advance(timedelta(minutes=16))
    assert pending_secret(account=account, clock=clock) != first
