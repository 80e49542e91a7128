"""What is done to one account or program leaves the one beside it alone, in the same organisation too.

tests/isolation/mutants_filters.py takes the filters away that these tests hold in place.
"""

from datetime import timedelta

import pytest
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from audit.queries import events
from identity.models import AccountSession, Membership, PasswordReset
from identity.operations import (
    accept_code,
    change_client_scopes,
    end_membership,
    grant_membership,
    pending_secret,
    revoke_api_client,
    send_password_reset,
)
from identity.operations.second_factor import FactorMissing, disable_second_factor
from identity.operations.sessions import SessionUnknown, end_session, end_sessions_by_password
from identity.queries.access_tokens import principal_of_account
from identity.rules.second_factor import Answer
from kernel.clock import DatabaseClock
from tests.factories.moments import NOW
from tests.factories.oauth import TOKEN, app_client, basic, bearer, code_for, exchanged, post
from tests.factories.second_factors import enrolled
from tests.factories.tenants import Tenant, member, signed_in, tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def one() -> Tenant:
    return tenant()


def test_a_revoked_program_ends_its_own_codes_and_tokens_alone(one: Tenant):
    """The code and both tokens of the program beside it are still there."""
    first, second = app_client(one), app_client(one)
    browser = signed_in(one, "it_admin")
    for client in (first, second):
        assert exchanged(client, code_for(browser, client)).status_code == 200
        code_for(browser, client)
    with one.writing() as trail:
        revoke_api_client(client_id=first.row.id, trail=trail)
    for model in (Grant, RefreshToken, AccessToken):
        assert list(model.objects.values_list("application", flat=True)) == [second.row.id], model


def test_a_scope_that_a_program_loses_ends_its_own_tokens_alone(one: Tenant):
    """The code and both tokens of the program beside it, with the same scope, are still there."""
    first, second = (app_client(one, "people:read", "seats:read") for _ in range(2))
    browser = signed_in(one, "it_admin")
    both = "people:read seats:read"
    for client in (first, second):
        assert exchanged(client, code_for(browser, client, scope=both)).status_code == 200
        code_for(browser, client, scope=both)
    with one.writing() as trail:
        changed = change_client_scopes(client_id=first.row.id, scopes=["people:read"], trail=trail)
    assert changed.ended == 1
    for model in (Grant, RefreshToken, AccessToken):
        assert list(model.objects.values_list("application", flat=True)) == [second.row.id], model


def test_a_used_refresh_token_is_a_replay_of_its_own_program_alone(one: Tenant):
    """From another program it is unknown: no entry says that this one lost a token."""
    client, stranger = app_client(one), app_client(one)
    first = exchanged(client, code_for(signed_in(one, "it_admin"), client)).json()
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    assert post(TOKEN, form, **basic(client)).status_code == 200
    assert post(TOKEN, form, **basic(stranger)).json()["error"] == "invalid_grant"
    with one.reading():
        assert not events().filter(kind="refresh_token.replayed").exists()


def test_a_link_for_a_new_password_ends_those_of_its_own_account_alone(one: Tenant):
    """Whoever asks for a link takes none from a colleague."""
    (account, _principal), (colleague, _other) = member(one, "viewer"), member(one, "viewer")
    with one.writing() as trail:
        rows = [send_password_reset(account=each, trail=trail) for each in (colleague, account, account)]
    used = dict(PasswordReset.objects.values_list("id", "used_at"))
    assert [used[row.id] is None for row in rows] == [True, False, True]


def test_a_second_factor_is_that_of_one_account(one: Tenant):
    """Somebody without one is not helped by the code of a colleague, has nothing to give up, and begins anew."""
    (bare, _principal), (colleague, _other) = member(one, "viewer"), member(one, "viewer")
    with one.writing() as trail:
        app = enrolled(colleague, trail)
    clock = DatabaseClock()
    assert accept_code(account=bare, code=app.recovery[0], clock=clock) is Answer.WRONG
    with pytest.raises(FactorMissing), one.writing() as trail:
        disable_second_factor(account=bare, demanded=False, trail=trail)
    assert pending_secret(account=bare, clock=clock) != app.secret
    assert accept_code(account=colleague, code=app.recovery[0], clock=clock) is Answer.ACCEPTED


def test_sessions_end_for_their_account_and_organisation_alone(one: Tenant):
    """Nobody ends the session of a colleague, and a rule of one organisation ends nothing that works in another."""
    (account, _principal), (colleague, _other) = member(one, "viewer"), member(one, "viewer")
    elsewhere = tenant()
    here, there = (
        AccountSession.objects.create(
            digest=house.organization.id.hex, account=colleague, organization=house.organization, method="password",
            started_at=NOW, last_seen_at=NOW + timedelta(minutes=1),
        )
        for house in (one, elsewhere)
    )  # fmt: skip
    with pytest.raises(SessionUnknown), one.writing() as trail:
        end_session(account=account, session_id=here.id, trail=trail)
    with one.writing() as trail:
        assert end_sessions_by_password(keep="", trail=trail) == 1
    assert list(AccountSession.objects.values_list("id", flat=True)) == [there.id]


def test_an_account_has_in_each_house_the_roles_of_that_house():
    """Roles of one organisation are worth nothing in another, whichever is read first, and where an account does not
    work it is nobody."""
    one, elsewhere, nowhere = tenant(), tenant(), tenant()
    account, _principal = member(one, "owner")
    with elsewhere.writing() as trail:
        grant_membership(account=account, roles=["viewer"], trail=trail)
    roles = {}
    for house in (one, elsewhere, nowhere):
        found = principal_of_account(account, house.organization.id, scopes=(), at=DatabaseClock().now())
        roles[house] = found.roles if found is not None else None
    assert roles == {one: {"owner"}, elsewhere: {"viewer"}, nowhere: None}


def test_a_token_ends_with_the_membership_of_its_own_house(one: Tenant):
    """Somebody who left the organisation of a token opens nothing with it, though the account works in another one."""
    client, elsewhere = app_client(one), tenant()
    token = exchanged(client, code_for(signed_in(one, "it_admin"), client)).json()["access_token"]
    assert bearer(token).get("/api/v1/people/").status_code == 200
    with one.reading():
        membership = Membership.objects.select_related("account").get(roles=["it_admin"])
    with elsewhere.writing() as trail:
        grant_membership(account=membership.account, roles=["it_admin"], trail=trail)
    with one.writing() as trail:
        end_membership(membership=membership, trail=trail)
    assert bearer(token).get("/api/v1/people/").status_code == 401
