"""`manage.py reset_second_factor`, `add_owner` and `allow_passwords`: how those who are locked out get in again."""

import io
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from audit.queries import events
from identity.management import asking
from identity.models import Account, Membership, SecondFactor, SsoPolicy
from identity.operations import grant_membership
from identity.operations.owners import OwnerReasonRequired, add_owner
from identity.queries.members import heads
from identity.queries.single_sign_on import password_allowed
from jobs.operations import relay
from kernel.clock import DatabaseClock
from tests.factories import identity
from tests.factories.second_factors import enrolled
from tests.factories.tenants import PASSWORD, Tenant, member, tenant

pytestmark = pytest.mark.django_db
REASON = "The only owner left the company"
NEW = "new@halden.example"


@pytest.fixture
def one() -> Tenant:
    return tenant(slug="halden")


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that gives the password on standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))


def reset(email: str, reason: str = REASON) -> str:
    out = io.StringIO()
    call_command("reset_second_factor", "--account", email, "--reason", reason, stdout=out)
    return out.getvalue()


def add(email: str, *more: str, reason: str = REASON, organization: str = "halden") -> str:
    out = io.StringIO()
    given: Any = ["--organization", organization, "--owner", email, "--reason", reason, *more]
    call_command("add_owner", *given, stdout=out)
    return out.getvalue()


def kinds(house: Tenant) -> list[str]:
    with house.reading():
        return [event.kind for event in events()]


def roles(house: Tenant, email: str) -> list[str]:
    with house.reading():
        found: list[str] = Membership.objects.get(account__email_lower=email, ended_at=None).roles
    return found


def test_the_last_owner_gets_in_again(one: Tenant):
    """Whatever the account may do and wherever it works: the factor is gone, every ledger says so, one e-mail tells."""
    other = tenant()
    account, _principal = member(one, "owner")
    with one.writing() as trail:
        enrolled(account, trail)
    with other.writing() as trail:
        grant_membership(account=account, roles=["viewer"], trail=trail)
    assert "On record in 2 ledgers" in reset(account.email.upper())
    assert not SecondFactor.objects.filter(account=account).exists()
    for house in (one, other):
        assert kinds(house).count("account.second_factor_reset") == 1
        relay(organization_id=house.organization.id, clock=DatabaseClock())
    [told] = mail.outbox
    assert told.body.startswith("Whoever runs this installation removed the second factor")


def test_who_cannot_be_reset_is_told_why(one: Tenant):
    """An unknown address, an account that works nowhere, one without a factor, and a missing reason."""
    idle = identity.account()
    account, _principal = member(one, "viewer")
    for email, reason, said in (
        ("nobody@example.org", REASON, "No account signs in with"),
        (idle.email, REASON, "works in no organisation"),
        (account.email, REASON, "SECOND_FACTOR_MISSING"),
        (account.email, " ", "SECOND_FACTOR_REASON_REQUIRED"),
    ):
        with pytest.raises(CommandError, match=said):
            reset(email, reason)
    assert "account.second_factor_reset" not in kinds(one)


def test_an_organisation_without_owner_gets_one(one: Tenant, typed: None):
    """A new account with the password from standard input; the ledger says who and, apart, why."""
    assert "answers for" in add(NEW)
    assert roles(one, NEW) == ["owner"]
    assert Account.objects.get(email_lower=NEW).check_password(PASSWORD)
    assert kinds(one)[-2:] == ["membership.granted", "organization.owner_added"]
    with one.reading():
        assert REASON not in events().get(kind="organization.owner_added").body
    relay(organization_id=one.organization.id, clock=DatabaseClock())
    assert [letter.to for letter in mail.outbox] == [[NEW]]


def test_an_account_that_works_there_gets_the_role_added(one: Tenant):
    """It keeps what it has, needs no password, and a second call changes nothing."""
    account, _principal = member(one, "finance", email=NEW)
    add(account.email)
    assert roles(one, NEW) == ["finance", "owner"]
    before = kinds(one)
    add(account.email)
    assert kinds(one) == before


def test_an_account_from_elsewhere_keeps_its_password(one: Tenant):
    """It gets a membership here beside the one that it has."""
    account, _principal = member(tenant(), "owner", email=NEW)
    add(NEW)
    assert roles(one, NEW) == ["owner"]
    assert Account.objects.get(id=account.id).password == account.password


def test_who_has_an_owner_gets_no_second_one_by_mistake(one: Tenant):
    """Refused with a code, unless one says that it is meant; all who answer for the organisation are told then."""
    first, _principal = member(one, "owner")
    member(one, "viewer", email=NEW)
    with pytest.raises(CommandError, match="OWNERS_PRESENT"):
        add(NEW)
    assert roles(one, NEW) == ["viewer"]
    add(NEW, "--beside-others")
    assert roles(one, NEW) == ["owner", "viewer"]
    relay(organization_id=one.organization.id, clock=DatabaseClock())
    assert [letter.to for letter in mail.outbox] == [sorted([first.email, NEW])]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "OWNERS_PRESENT"),
        ({"reason": " "}, "OWNER_REASON_REQUIRED"),
        ({"organization": "nowhere"}, "ORGANIZATION_UNKNOWN"),
    ],
)
def test_nobody_is_asked_for_a_password_in_vain(
    one: Tenant, monkeypatch: pytest.MonkeyPatch, more: dict[str, str], said: str
):
    """What is refused without a password is refused before one is asked for, and leaves no account."""
    member(one, "owner")

    def asked(prompt: str) -> str:
        raise AssertionError(prompt)

    monkeypatch.setattr(asking, "password", asked)
    with pytest.raises(CommandError, match=said):
        add(NEW, **more)
    assert not Account.objects.filter(email_lower=NEW).exists()


def test_an_owner_who_cannot_enter_counts_for_nothing(one: Tenant):
    """A closed account, or a person who left, neither stands in the way nor is made owner."""
    closed, _principal = member(one, "owner")
    left, _principal = member(one, "owner")
    Account.objects.filter(id=closed.id).update(is_active=False)
    with one.writing():
        person = identity.person(one.organization, active=False, left_at=DatabaseClock().now())
        Membership.objects.filter(account=left).update(person=person)
    with one.reading():
        assert not heads("owner").exists()
    for account in (closed, left):
        with pytest.raises(CommandError, match="OWNER_MAY_NOT_ENTER"):
            add(account.email)
    member(one, "viewer", email=NEW)
    add(NEW)
    assert roles(one, NEW) == ["owner", "viewer"]


def test_the_platform_gets_an_operator():
    """There the role that answers for the organisation is another."""
    platform = tenant("platform", slug="platform")
    member(platform, "viewer", email=NEW)
    add(NEW, organization="platform")
    assert roles(platform, NEW) == ["platform_operator", "viewer"]


def test_what_cannot_be_read_leaves_nothing_behind(one: Tenant, monkeypatch: pytest.MonkeyPatch):
    """No half-made account after a wrong name, a weak password, an address that is none, or no reason."""
    for given, said in (
        ({"organization": "nobody"}, "ORGANIZATION_UNKNOWN"),
        ({}, "PASSWORD_TOO_WEAK"),
        ({"email": "no address"}, "is no e-mail address"),
        ({"reason": " "}, "OWNER_REASON_REQUIRED|PASSWORD_TOO_WEAK"),
    ):
        monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
        with pytest.raises(CommandError, match=said):
            add(**{"email": NEW, **given})
    assert not Account.objects.filter(email_lower=NEW).exists()
    account, _principal = member(one, "viewer")
    with pytest.raises(OwnerReasonRequired), one.writing() as trail:
        add_owner(account=account, reason="", beside_others=False, trail=trail)


def test_passwords_open_again_where_only_the_company_signed_in(one: Tenant):
    """For everybody, on record; where they do already, and for a wrong name, nothing changes."""
    accounts = [member(one, "owner")[0] for _number in range(2)]
    with one.writing() as trail:
        SsoPolicy.objects.create(
            organization_id=trail.organization_id,
            sso_only=True,
            first_account=accounts[0],
            second_account=accounts[1],
            updated_at=trail.clock.now(),
        )
    assert not password_allowed(accounts[0].id, one.organization.id, second_factor=False)
    out = io.StringIO()
    for _twice in range(2):
        call_command("allow_passwords", "--organization", "halden", stdout=out)
    assert "may sign in with their passwords again" in out.getvalue()
    assert "may use their passwords already" in out.getvalue()
    assert password_allowed(accounts[0].id, one.organization.id, second_factor=False)
    assert kinds(one).count("sso_policy.changed") == 1
    with pytest.raises(CommandError, match="ORGANIZATION_UNKNOWN"):
        call_command("allow_passwords", "--organization", "nobody")
