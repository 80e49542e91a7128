"""Invitations: a link by e-mail that opens one membership, once, for 72 hours."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from audit.queries import events
from identity.models import Account, CredentialRoute, Invitation, Membership
from identity.operations import NewInvitation, grant_membership, invite_member, withdraw_invitation
from identity.operations.accounts import MembershipExists
from identity.operations.granting import HeadOnly
from jobs.models import OutboxMessage
from jobs.operations.outbox import relay
from kernel.clock import DatabaseClock, FixedClock
from tests.constraints import constraints_of, refused_by
from tests.factories.moments import NOW, days
from tests.factories.tenants import PASSWORD, Tenant, member, tenant

pytestmark = pytest.mark.django_db
ADDRESS = "http://127.0.0.1:8000/accounts/invitation/"
PAGE = "/accounts/invitation/"


def invited(one: Tenant, email: str = "New@Example.org", roles=("finance",), actor=None) -> Invitation:
    with one.writing(actor) as opened:
        return invite_member(invitation=NewInvitation(email=email, roles=roles, address=ADDRESS), trail=opened)


def link_of(one: Tenant) -> str:
    """The secret in the last e-mail that the outbox delivers."""
    relay(organization_id=one.organization.id, clock=DatabaseClock())
    found: list[str] = re.findall(r"token=(\S+)", str(mail.outbox[-1].body))
    return found[0]


def join(secret: str, **more: str):
    browser = Client(HTTP_HOST="127.0.0.1")
    given = {"token": secret, "display_name": "Nora New", "password": PASSWORD, "again": PASSWORD, **more}
    return browser.post(PAGE, given)


def roles_of(one: Tenant, email: str) -> list[str] | None:
    with one.reading():
        row = Membership.objects.filter(account__email_lower=email, ended_at__isnull=True).first()
        return row.roles if row else None


def test_the_link_makes_an_account_and_a_membership_once():
    """Looking uses nothing up; joining does, and the new account signs in with its password."""
    one = tenant()
    invited(one)
    secret = link_of(one)
    browser = Client(HTTP_HOST="127.0.0.1")
    for _ in range(2):
        assert browser.get(PAGE, {"token": secret}).status_code == 200
    answer = join(secret)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/sign-in/")
    assert roles_of(one, "new@example.org") == ["finance"]
    again = join(secret)
    assert again.status_code == 404
    assert Account.objects.filter(email_lower="new@example.org").count() == 1
    entered = browser.post("/accounts/sign-in/", {"username": "new@example.org", "password": PASSWORD})
    assert entered.status_code == 302
    with one.reading():
        kinds = [event.kind for event in events()]
    assert kinds.index("invitation.sent") < kinds.index("membership.granted") < kinds.index("invitation.accepted")


def test_the_secret_rests_nowhere():
    """The invitation has a digest, the message a sealed value, and the route disappears with its use."""
    one = tenant()
    invited(one)
    with one.reading():
        stored = repr(OutboxMessage.objects.get(channel="email.secret").payload)
    secret = link_of(one)
    assert secret not in stored
    assert CredentialRoute.objects.filter(kind="invitation").count() == 1
    join(secret)
    assert not CredentialRoute.objects.filter(kind="invitation").exists()


def test_a_link_is_good_for_72_hours():
    """A moment later it opens nothing, and says so without telling why."""
    one = tenant()
    row = invited(one)
    secret = link_of(one)
    assert row.expires_at - row.invited_at == timedelta(hours=72)
    with one.reading():
        Invitation.objects.filter(id=row.id).update(invited_at=days(-5), expires_at=days(-2))
    assert join(secret).status_code == 404
    assert roles_of(one, "new@example.org") is None


def test_a_second_invitation_replaces_the_first():
    """The first link is dead, the second one works: an address has one open invitation."""
    one = tenant()
    invited(one)
    first = link_of(one)
    invited(one, roles=("viewer",))
    second = link_of(one)
    assert join(first).status_code == 404
    assert join(second).status_code == 302
    assert roles_of(one, "new@example.org") == ["viewer"]


def test_withdrawing_closes_the_link():
    """And leaves one entry, however often it is done."""
    one = tenant()
    row = invited(one)
    secret = link_of(one)
    for _ in range(2):
        with one.writing() as opened:
            withdraw_invitation(invitation=row, trail=opened)
    assert join(secret).status_code == 404
    with one.reading():
        assert events().filter(kind="invitation.withdrawn").count() == 1


def test_an_address_with_an_account_proves_it_with_its_password():
    """The link alone does not take over an account of another organisation, and its password stays what it was."""
    here, there = tenant(), tenant()
    account, _principal = member(there, "owner")
    invited(here, email=account.email)
    secret = link_of(here)
    wrong = join(secret, password="something else entirely", again="something else entirely")
    assert wrong.status_code == 422
    assert roles_of(here, account.email_lower) is None
    assert join(secret).status_code == 302
    assert roles_of(here, account.email_lower) == ["finance"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"again": "another pass phrase"}, "The two passwords differ."),
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"display_name": ""}, "required"),
    ],
)
def test_mistakes_are_shown_and_use_nothing_up(given, said):
    """The form comes back with the mistake beside its field, and the link still works."""
    one = tenant()
    invited(one)
    secret = link_of(one)
    answer = join(secret, **given)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert join(secret).status_code == 302


@pytest.mark.parametrize("secret", ["", "x", "x" * 5000, "\N{SNOWMAN}"])
def test_what_is_no_link_opens_nothing(secret):
    """404 and the same page, with a platform organisation or without one."""
    assert join(secret).status_code == 404
    tenant("platform")
    assert join(secret).status_code == 404


def test_a_link_opens_its_own_organisation_alone():
    """The membership begins where the invitation was sent from."""
    here, there = tenant(), tenant()
    invited(here)
    secret = link_of(here)
    invited(there)
    assert join(secret).status_code == 302
    assert roles_of(here, "new@example.org") == ["finance"]
    assert roles_of(there, "new@example.org") is None


def test_who_may_be_invited():
    """Nobody who is in already, and owners by owners alone."""
    one = tenant()
    account, kim = member(one, "it_admin")
    with pytest.raises(MembershipExists):
        invited(one, email=account.email.upper())
    with pytest.raises(HeadOnly):
        invited(one, roles=("owner",), actor=kim)


def test_an_account_that_joined_meanwhile_is_refused():
    """The link does not make a second membership."""
    one = tenant()
    invited(one)
    secret = link_of(one)
    account, _principal = member(tenant(), "viewer", email="new@example.org")
    with one.writing() as opened:
        grant_membership(account=account, roles=["viewer"], trail=opened)
    answer = join(secret)
    assert answer.status_code == 422
    assert "works in the organisation already" in answer.content.decode()


BREAKING: dict[str, dict[str, Any]] = {
    "identity_invitation_digest": {"email_lower": "b@example.org"},
    "identity_invitation_one_open": {"digest": b"2" * 32},
    "identity_invitation_in_order": {"digest": b"2" * 32, "email_lower": "b", "expires_at": NOW},
    "identity_invitation_accepted_by_somebody": {"digest": b"2" * 32, "email_lower": "b", "accepted_at": NOW},
}


@pytest.mark.parametrize("name", sorted(BREAKING))
def test_constraints_of_invitations(name):
    """Each promise of the table is kept by the database."""
    one = tenant(clock=FixedClock(NOW))
    values: dict[str, Any] = {
        "organization": one.organization, "email": "a@example.org", "email_lower": "a@example.org",
        "digest": b"1" * 32, "invited_at": NOW, "invited_by": "x", "expires_at": days(3), "roles": ["viewer"],
    }  # fmt: skip
    with one.reading():
        Invitation.objects.create(**values)
        with refused_by(constraints_of("identity")[name]):
            Invitation.objects.create(**{**values, **BREAKING[name]})
