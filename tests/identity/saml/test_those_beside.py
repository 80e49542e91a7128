"""What is done to one connection leaves the one beside it in the same organisation alone.

tests/isolation/mutants_filters.py takes the filters away that these tests hold in place.
"""

from urllib.parse import urlsplit

import pytest

from identity.models import (
    Account,
    AccountSession,
    GroupConflict,
    GroupRole,
    IdpCertificate,
    Purpose,
    RefusedMessages,
    SamlConnection,
    SamlSession,
    SpKey,
)
from identity.operations.saml_accounts import confirm_link
from identity.operations.saml_connections import Provider, describe_provider, set_group_roles
from identity.operations.saml_keys import KeyChangeUnderWay, change_over, draw_sp_key, remove_other_key
from identity.operations.saml_refusals import count_refused_message
from identity.operations.saml_requests import begin_request, keep_answer
from identity.operations.saml_sessions import end_named_sessions, end_sessions_of, note_session
from identity.queries.single_sign_on import addresses_of
from tests.factories.tenants import Tenant, member, signed_in, tenant
from tests.identity.saml.coming import by_hand, come, linked, proved, roles_of
from tests.identity.saml.forge import (
    ENTITY,
    SLO,
    SSO,
    connected,
    path,
    signed,
    trial,
)
from tests.identity.saml.leaving import somebody_inside
from tests.identity.saml.signers import signer

pytestmark = pytest.mark.django_db
NAME = "subject-1"


@pytest.fixture
def one() -> Tenant:
    return tenant()


def two_connections(one: Tenant) -> tuple[SamlConnection, SamlConnection]:
    return connected(one), connected(one, activate=False)


def session(one: Tenant, connection: SamlConnection) -> SamlSession:
    """Of a new account that this connection knows under the same name as every other."""
    account, _principal = member(one, "viewer")
    with one.writing() as trail:
        link = confirm_link(connection=connection, name_id=NAME, account=account, trail=trail)
        return note_session(link=link, session_index="", trail=trail)


def is_over(one: Tenant, row: SamlSession) -> bool:
    with one.reading():
        return SamlSession.objects.get(id=row.id).ended_at is not None


def test_a_provider_signs_out_its_own_people_alone(one: Tenant):
    """Another connection knows somebody else under the same name; that session goes on."""
    rows = two_connections(one)
    kept, ended = (session(one, row) for row in rows)
    with one.writing() as trail:
        assert end_named_sessions(connection=rows[1], name_id=NAME, session_indexes=[], trail=trail) == 1
    assert (is_over(one, kept), is_over(one, ended)) == (False, True)


def test_a_connection_that_ends_ends_its_own_sessions_alone(one: Tenant):
    """What the connection beside it vouched for goes on."""
    rows = two_connections(one)
    kept, ended = (session(one, row) for row in rows)
    with one.writing() as trail:
        assert end_sessions_of(connection=rows[1], trail=trail) == 1
    assert (is_over(one, kept), is_over(one, ended)) == (False, True)


def test_the_same_name_at_two_providers_is_two_people(one: Tenant):
    """Whom the other connection knows under this name is not who comes in."""
    rows = connected(one), connected(one)
    accounts = []
    for row in rows:
        account, _principal = member(one, "viewer")
        accounts.append(account)
        with one.writing() as trail:
            confirm_link(connection=row, name_id=NAME, account=account, trail=trail)
    for row, account in zip(rows, accounts, strict=True):
        made = trial(one, row)
        assert made.post(signed(made.said(name_id=NAME))).status_code == 302
        assert AccountSession.objects.filter(account=account).count() == 1


def test_certificates_and_groups_are_those_of_one_connection(one: Tenant):
    """A provider that is described anew, with a certificate that the other connection has already, and groups that
    are: neither takes from the connection beside it."""
    kept, changed = two_connections(one)
    anew = Provider(ENTITY, SSO, SLO, (signer("other").certificate,))
    with one.writing() as trail:
        set_group_roles(connection=kept, table=[("IT", "it_admin")], trail=trail)
        describe_provider(connection=changed, provider=anew, trail=trail)
        set_group_roles(connection=changed, table=[("Finance", "finance")], trail=trail)
    with one.reading():
        assert IdpCertificate.objects.filter(connection=kept).count() == 1
        assert GroupRole.objects.filter(connection=kept).count() == 1
    with one.writing() as trail:
        describe_provider(connection=kept, provider=anew, trail=trail)
    with one.reading():
        prints = {row.connection_id: row.fingerprint for row in IdpCertificate.objects.all()}
    assert prints[kept.id] == prints[changed.id]


def test_a_group_gives_the_role_of_its_own_connection_alone(one: Tenant):
    """The same group gives another role at the connection beside it; nobody gets both."""
    rows = connected(one), connected(one)
    with one.writing() as trail:
        set_group_roles(connection=rows[0], table=[("Team", "it_admin")], trail=trail)
        set_group_roles(connection=rows[1], table=[("Team", "finance")], trail=trail)
    account = linked(one, rows[0])
    assert come(one, rows[0], attributes={"groups": ["Team"]})[0].status_code == 302
    assert roles_of(one, account) == (["it_admin", "viewer"], ["it_admin"])


def test_a_conflict_of_groups_is_that_of_one_membership(one: Tenant):
    """A colleague without one ends none by signing in, and the same conflict of two people stands on record twice."""
    connection = connected(one)
    with one.writing() as trail:
        set_group_roles(connection=connection, table=[("IT", "it_admin"), ("Clients", "customer")], trail=trail)
    first = linked(one, connection)
    second, _principal = member(one, "viewer")
    with one.writing() as trail:
        confirm_link(connection=connection, name_id="subject-2", account=second, trail=trail)
    both, free = {"groups": ["IT", "Clients"]}, {"groups": ["IT"]}
    for name, said in ((NAME, both), ("subject-2", free), ("subject-2", both)):
        assert come(one, connection, name_id=name, attributes=said)[0].status_code == 302
    with one.reading():
        kept = set(GroupConflict.objects.values_list("membership__account", flat=True))
    assert kept == {first.id, second.id}


def test_each_connection_has_keys_of_its_own(one: Tenant):
    """A second key beside the present one is drawn for each, whatever the other has."""
    rows = two_connections(one)
    for row in rows:
        with one.writing() as trail:
            draw_sp_key(connection=row, trail=trail)
    with one.reading():
        assert [SpKey.objects.filter(connection=row).count() for row in rows] == [2, 2]


def test_a_change_of_keys_is_that_of_one_connection(one: Tenant):
    """The key that waits beside another connection's is not changed over to, and not removed."""
    waiting, single = two_connections(one)
    with one.writing() as trail:
        draw_sp_key(connection=waiting, trail=trail)
    for step in (change_over, remove_other_key):
        with pytest.raises(KeyChangeUnderWay), one.writing() as trail:
            step(connection=single, trail=trail)
    with one.reading():
        assert [SpKey.objects.filter(connection=row).count() for row in (waiting, single)] == [2, 1]


def test_refused_messages_are_counted_for_each_connection(one: Tenant):
    """What one provider sends in vain is not counted as the other's."""
    first, second = two_connections(one)
    for row in (first, second, second):
        with one.writing() as trail:
            count_refused_message(connection=row, trail=trail)
    with one.reading():
        further = dict(RefusedMessages.objects.values_list("connection", "further"))
    assert further == {first.id: 1, second.id: 2}


def test_a_role_is_withheld_from_one_member_alone(one: Tenant):
    """What was taken from a colleague by hand the group still gives to somebody else."""
    connection = connected(one)
    with one.writing() as trail:
        set_group_roles(connection=connection, table=[("IT", "it_admin")], trail=trail)
    account = linked(one, connection)
    colleague, _principal = member(one, "viewer")
    with one.writing() as trail:
        confirm_link(connection=connection, name_id="subject-2", account=colleague, trail=trail)
    said = {"groups": ["IT"]}
    come(one, connection, name_id="subject-2", attributes=said)
    by_hand(one, colleague, "viewer")
    come(one, connection, name_id=NAME, attributes=said)
    assert roles_of(one, account) == (["it_admin", "viewer"], ["it_admin"])
    assert roles_of(one, colleague) == (["viewer"], [])


def test_somebody_new_comes_in_beside_colleagues(one: Tenant):
    """That others work here says nothing about whether this account ever did."""
    connection = connected(one, creates_people=True)
    proved(one, "a.example.org")
    member(one, "viewer")
    said = {"mail": ["kim@a.example.org"], "uid": ["kim"]}
    assert come(one, connection, attributes=said)[0].status_code == 302
    assert roles_of(one, Account.objects.get(email_lower="kim@a.example.org")) == (["member"], ["member"])


def test_a_test_is_shown_under_its_own_connection_alone(one: Tenant):
    """Under the address of the connection beside it there is no such test."""
    shown, other = two_connections(one)
    browser = signed_in(one, "owner")
    with one.writing() as trail:
        asked = begin_request(connection=shown, purpose=Purpose.TEST, nonce="n", target="", trail=trail)
        keep_answer(request=asked, answer={"claims": {}, "received": {}}, trail=trail)
    address = "/organization/single-sign-on/{}/tests/{}/"
    assert browser.get(address.format(shown.id, asked.id)).status_code == 200
    assert browser.get(address.format(other.id, asked.id)).status_code == 404


def test_the_way_out_leads_to_its_own_provider_alone():
    """Whoever signs out at one connection is named to no other, in the same browser either."""
    attempt = somebody_inside()
    other = connected(attempt.tenant)
    leads_on = urlsplit(attempt.browser.post("/accounts/sign-out/").context["address"])
    assert leads_on.path == path(attempt.addresses.slo_url)
    astray = f"{path(addresses_of(other).slo_url)}?{leads_on.query}"
    assert attempt.browser.get(astray).status_code == 404
    assert attempt.browser.get(leads_on.geturl()).status_code == 302
