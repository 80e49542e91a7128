"""Roles by group at a sign-in: given and taken, under the rules of the page of members, and never what was withheld."""

import orjson
import pytest
from django.db import IntegrityError, transaction

from audit.queries import events
from identity.models import Account, GroupConflict, Membership, WithheldRole
from identity.operations import NewPerson, create_person, end_membership
from identity.operations.granting import HeadOnly, OwnRoles
from identity.operations.review_decisions import decide_items
from identity.operations.saml_accounts import confirm_link
from identity.operations.saml_connections import set_group_roles
from identity.operations.withholding import RoleNotWithheld, release_role
from tests.factories.tenants import Tenant, member, signed_in, tenant
from tests.identity.reviews import reviewed
from tests.identity.saml.coming import NAME, by_hand, come, linked, proved, roles_of, works
from tests.identity.saml.forge import connected

pytestmark = pytest.mark.django_db
MEMBERS = "/organization/members/"


def table(one: Tenant, connection, **roles: str) -> None:
    with one.writing() as trail:
        set_group_roles(connection=connection, table=list(roles.items()), trail=trail)


def groups(*names: str) -> dict[str, list[str]]:
    return {"groups": list(names)}


def told(one: Tenant, kind: str) -> list[dict]:
    with one.reading():
        return [orjson.loads(event.body)["details"] for event in events() if event.kind == kind]


def membership_of(one: Tenant, account: Account) -> Membership:
    with one.reading():
        return Membership.objects.get(account=account, ended_at__isnull=True)


def withheld(one: Tenant) -> list[str]:
    with one.reading():
        return list(WithheldRole.objects.values_list("role", flat=True))


def test_roles_follow_the_groups():
    """A group gives its role at a sign-in, leaving it takes the role away at the next; by hand stays by hand."""
    one = tenant()
    connection = connected(one)
    account = linked(one, connection, "viewer")
    with one.writing() as trail:
        set_group_roles(connection=connection, table=[("IT", "it_admin"), ("Books", "finance")], trail=trail)
    come(one, connection, attributes={"groups": ["IT", "Books", "Canteen"]})
    assert roles_of(one, account) == (["finance", "it_admin", "viewer"], ["finance", "it_admin"])
    come(one, connection, attributes={"groups": ["Books"]})
    assert roles_of(one, account) == (["finance", "viewer"], ["finance"])
    come(one, connection)
    assert roles_of(one, account) == (["viewer"], [])


def test_a_role_by_hand_outlives_the_group_that_gives_it_too():
    """Granted by hand and by a group counts as by hand."""
    one = tenant()
    connection = connected(one)
    account = linked(one, connection, "finance")
    with one.writing() as trail:
        set_group_roles(connection=connection, table=[("Books", "finance")], trail=trail)
    come(one, connection, attributes={"groups": ["Books"]})
    come(one, connection)
    assert roles_of(one, account) == (["finance"], [])


def test_roles_by_hand_and_by_group_live_side_by_side():
    """A change by hand leaves what a group gave to the group; what was taken away and given again by hand stays."""
    one = tenant()
    connection = connected(one)
    account = linked(one, connection, "viewer")
    with one.writing() as trail:
        set_group_roles(connection=connection, table=[("IT", "it_admin"), ("Books", "finance")], trail=trail)
    come(one, connection, attributes={"groups": ["IT", "Books"]})
    by_hand(one, account, "viewer", "it_admin", "auditor")
    assert roles_of(one, account) == (["auditor", "it_admin", "viewer"], ["it_admin"])
    by_hand(one, account, "auditor")
    assert roles_of(one, account) == (["auditor"], [])
    by_hand(one, account, "auditor", "it_admin")
    come(one, connection)
    assert roles_of(one, account) == (["auditor", "it_admin"], [])


def test_the_default_role_is_kept_by_whoever_keeps_it_by_hand():
    """It held for want of another one; confirmed beside another role it is granted by hand, replaced it is gone."""
    one = tenant()
    connection = connected(one)
    proved(one, "a.example.org")
    said = {"attributes": {"mail": ["kim@a.example.org"], "uid": ["kim"]}}
    with one.writing() as trail:
        create_person(person=NewPerson(user_name="kim"), trail=trail)
    come(one, connection, **said)
    account = Account.objects.get(email_lower="kim@a.example.org")
    assert roles_of(one, account) == (["member"], ["member"])
    by_hand(one, account, "member", "finance")
    come(one, connection, **said)
    assert roles_of(one, account) == (["finance", "member"], [])
    by_hand(one, account, "finance")
    come(one, connection, **said)
    assert roles_of(one, account) == (["finance"], [])


def test_the_last_owner_stays_one_whatever_the_groups_say():
    """The role is kept and the sign-in goes on; one entry and a note on both pages say so until somebody else owns."""
    one = tenant()
    connection = connected(one)
    account = linked(one, connection, "viewer")
    table(one, connection, Bosses="owner")
    come(one, connection, attributes=groups("Bosses"))
    for _ in range(2):
        answer, _attempt = come(one, connection)
        assert answer.status_code == 302
        assert roles_of(one, account) == (["owner", "viewer"], ["owner"])
    [entry] = told(one, "membership.group_conflict")
    assert (entry["kept"], entry["refused"]) == (["owner"], [])
    browser, row = signed_in(one, "it_admin"), membership_of(one, account)
    for page in (f"/organization/single-sign-on/{connection.id}/", f"{MEMBERS}{row.id}/"):
        assert "although no group" in browser.get(page).content.decode()
    member(one, "owner")
    come(one, connection)
    assert roles_of(one, account) == (["viewer"], [])
    with one.reading():
        assert not GroupConflict.objects.exists()


def test_the_last_owner_without_any_other_role_gets_no_default_beside_it():
    """The role that is kept is one: the default is for people without any."""
    one = tenant()
    connection = connected(one)
    account = linked(one, connection, "owner")
    table(one, connection, Bosses="owner")
    with one.writing():
        Membership.objects.update(group_roles=["owner"])
    assert come(one, connection)[0].status_code == 302
    assert roles_of(one, account) == (["owner"], ["owner"])


def test_roles_that_may_not_be_held_together_come_to_nobody():
    """A customer holds no other role: the sign-in goes on with what groups gave before and still give, and says so."""
    one = tenant()
    connection = connected(one)
    account = linked(one, connection, "viewer")
    table(one, connection, IT="it_admin", Books="finance", Clients="customer")
    come(one, connection, attributes=groups("IT", "Books"))
    answer, attempt = come(one, connection, attributes=groups("IT", "Clients"))
    assert (answer.status_code, works(attempt)) == (302, True)
    assert roles_of(one, account) == (["it_admin", "viewer"], ["it_admin"])
    [entry] = told(one, "membership.group_conflict")
    assert (entry["kept"], entry["refused"]) == ([], ["customer"])
    page = signed_in(one, "auditor").get(f"/organization/single-sign-on/{connection.id}/").content.decode()
    assert "does not get Customer" in page
    come(one, connection, attributes=groups("IT"))
    with one.reading():
        assert not GroupConflict.objects.exists()


def test_a_new_member_gets_the_default_where_the_groups_cannot_hold():
    """The first sign-in keeps the same rules as every other one."""
    one = tenant()
    connection = connected(one)
    proved(one, "a.example.org")
    table(one, connection, IT="it_admin", Clients="customer")
    with one.writing() as trail:
        create_person(person=NewPerson(user_name="kim"), trail=trail)
    said = {"mail": ["kim@a.example.org"], "uid": ["kim"], **groups("IT", "Clients")}
    assert come(one, connection, attributes=said)[0].status_code == 302
    account = Account.objects.get(email_lower="kim@a.example.org")
    assert roles_of(one, account) == (["member"], ["member"])
    assert [entry["refused"] for entry in told(one, "membership.group_conflict")] == [["customer", "it_admin"]]


def test_whoever_may_hold_nothing_stays_outside():
    """Where even the default may not stand the sign-in is refused with its reason, and nothing is changed."""
    one = tenant()
    connection = connected(one, default_role="customer")
    account = linked(one, connection, "finance")
    with one.writing():
        Membership.objects.update(group_roles=["finance"])
    answer, attempt = come(one, connection)
    assert (answer.status_code, works(attempt)) == (403, False)
    assert b"no role here" in answer.content
    assert roles_of(one, account) == (["finance"], ["finance"])
    assert [entry["why"] for entry in told(one, "saml.refused")] == ["no_role_left"]


def test_what_was_taken_by_hand_no_group_brings_back():
    """It stays away at every sign-in; granted by hand it is withheld no longer, and a role of no group never was."""
    one = tenant()
    connection = connected(one)
    account = linked(one, connection, "viewer", "auditor")
    table(one, connection, IT="it_admin")
    come(one, connection, attributes=groups("IT"))
    by_hand(one, account, "viewer")
    assert withheld(one) == ["it_admin"]
    for _ in range(2):
        come(one, connection, attributes=groups("IT"))
        assert roles_of(one, account) == (["viewer"], [])
    assert [entry["roles"] for entry in told(one, "membership.role_withheld")] == [["it_admin"]]
    by_hand(one, account, "viewer", "it_admin")
    assert withheld(one) == []
    come(one, connection)
    assert roles_of(one, account) == (["it_admin", "viewer"], [])


def test_what_a_review_takes_away_no_group_brings_back():
    """A decision of an access review outlives the next sign-in, held by hand and by a group alike."""
    one = reviewed()
    house = one.house
    connection = connected(house)
    table(house, connection, Books="finance")
    with house.reading():
        item, reviewer = one.item(one.kim), one.reviewer(one.kim)
        account = one.membership(one.kim).account
    with house.writing(reviewer) as opened:
        decide_items(
            item_ids=[item.id], decision="change", reason="Left the books", take_away=["finance"], trail=opened
        )
    assert withheld(house) == ["finance"]
    with house.writing() as trail:
        confirm_link(connection=connection, name_id=NAME, account=account, trail=trail)
    come(house, connection, attributes=groups("Books"))
    assert roles_of(house, account) == (["procurement"], [])


def test_a_withheld_role_is_shown_and_released_on_the_page_of_the_member():
    """Owners release it, and with the next sign-in the group gives it; the page of the connection lists it too."""
    one = tenant()
    connection = connected(one)
    account = linked(one, connection, "viewer")
    table(one, connection, IT="it_admin")
    come(one, connection, attributes=groups("IT"))
    by_hand(one, account, "viewer")
    row, browser = membership_of(one, account), signed_in(one, "owner")
    assert "Withheld from members" in browser.get(f"/organization/single-sign-on/{connection.id}/").content.decode()
    page = f"{MEMBERS}{row.id}/"
    assert "Release IT administrator" in browser.get(page).content.decode()
    with one.reading():
        where = f"{MEMBERS}withheld-roles/{WithheldRole.objects.get().id}/release/"
    assert signed_in(one, "auditor").post(where).status_code == 403
    assert signed_in(tenant(), "owner").post(where).status_code == 404
    assert browser.get(where).status_code == 405
    assert browser.post(where)["Location"] == page
    assert browser.post(where).status_code == 404
    come(one, connection, attributes=groups("IT"))
    assert roles_of(one, account) == (["it_admin", "viewer"], ["it_admin"])
    assert [entry["roles"] for entry in told(one, "membership.role_released")] == [["it_admin"]]


def test_a_role_is_released_by_whoever_might_grant_it():
    """Nobody releases the own roles, only owners that of owners, and nobody that of who has gone."""
    one = tenant()
    connection = connected(one)
    _boss, owner = member(one, "owner")
    account, own = member(one, "owner", "viewer")
    row = membership_of(one, account)
    table(one, connection, Bosses="owner", IT="it_admin")
    by_hand(one, account, "viewer")
    _account, admin = member(one, "it_admin")
    with one.reading():
        kept_away = WithheldRole.objects.get()
    for actor, refusal in ((own, OwnRoles), (admin, HeadOnly)):
        with pytest.raises(refusal), one.writing(actor) as trail:
            release_role(withheld=kept_away, trail=trail)
    assert withheld(one) == ["owner"]
    with one.writing(owner) as trail:
        end_membership(membership=row, trail=trail)
    with pytest.raises(RoleNotWithheld), one.writing(owner) as trail:
        release_role(withheld=kept_away, trail=trail)


def test_the_database_refuses_a_withheld_role_by_group():
    """Whoever writes it: the trigger stands on both databases."""
    one = tenant()
    connection = connected(one)
    account = linked(one, connection, "viewer", "it_admin")
    table(one, connection, IT="it_admin")
    by_hand(one, account, "viewer")
    with (
        one.writing(),
        pytest.raises(IntegrityError, match="identity_membership_group_gives_none_withheld"),
        transaction.atomic(),
    ):
        Membership.objects.update(group_roles=["it_admin"])
