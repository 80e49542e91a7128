"""The pages of members and roles: works, visitor, wrong role, other organisation, bad input, constant cost."""

import pytest
from django.test import Client

from identity.models import Invitation, Membership
from identity.rules.roles import ROLES
from identity.wording import role_name, role_purpose
from kernel.pages import PROVED
from tests.factories import identity
from tests.factories.tenants import Tenant, member, signed_in, tenant
from tests.reporting.counted import queries_of

pytestmark = pytest.mark.django_db
MEMBERS = "/organization/members/"
INVITE = "/organization/members/invite/"
ROLE_PAGES = ("/organization/roles/", "/organization/roles/matrix/")


def text(browser: Client, url: str, **data: str) -> str:
    answer = browser.get(url, data)
    assert answer.status_code == 200
    return answer.content.decode()


def membership(one: Tenant, *roles: str, email: str = "") -> Membership:
    account, _principal = member(one, *roles, email=email)
    with one.reading():
        return Membership.objects.get(account_id=account.id)


def now(one: Tenant, row: Membership) -> Membership:
    with one.reading():
        return Membership.objects.get(id=row.id)


def test_the_list_is_searched_and_filtered_by_role():
    """Live members by default; a part of the address or a role narrows it; ended ones on request."""
    one = tenant()
    browser = signed_in(one, "owner")
    membership(one, "finance", email="nora@example.org")
    gone = membership(one, "legal", email="olaf@example.org")
    with one.writing():
        Membership.objects.filter(id=gone.id).update(ended_at=gone.started_at)
    page = text(browser, MEMBERS)
    assert "nora@example.org" in page
    assert "olaf@example.org" not in page
    assert "nora@example.org" not in text(browser, MEMBERS, role="procurement")
    assert "nora@example.org" in text(browser, MEMBERS, role="finance", q="NORA")
    assert "olaf@example.org" in text(browser, MEMBERS, state="ended")
    assert "No member matches these filters" in text(browser, MEMBERS, q="nobody like that")


def test_the_list_costs_the_same_however_long_it_is():
    """25 a page, in a fixed number of queries."""
    one = tenant()
    browser = signed_in(one, "owner")
    before = queries_of(browser, MEMBERS)
    with one.writing():
        for _ in range(30):
            identity.membership(one.organization, identity.account())
    assert queries_of(browser, MEMBERS) == before <= 10
    assert "26–31 of 31" in text(browser, MEMBERS, page="2")


def test_an_owner_invites_by_the_page():
    """The form sends the invitation, lists it, and takes it back."""
    one = tenant()
    browser = signed_in(one, "owner")
    with one.writing():
        person = identity.person(one.organization, user_name="nora")
    given = {"email": "nora@example.org", "roles": ["finance", "approver"], "person": "NORA"}
    assert browser.post(INVITE, given).status_code == 302
    with one.reading():
        row = Invitation.objects.get()
    assert (row.roles, row.person_id) == (["approver", "finance"], person.id)
    assert "nora@example.org" in text(browser, MEMBERS)
    assert browser.post(f"/organization/invitations/{row.id}/withdraw/").status_code == 302
    assert "Nobody is invited at present" in text(browser, MEMBERS)
    assert browser.post(f"/organization/invitations/{row.id}/withdraw/").status_code == 404


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"email": "no address"}, "valid email"),
        ({"roles": []}, "required"),
        ({"roles": ["customer"]}, "not one of the available choices"),
        ({"roles": ["platform_operator"]}, "not one of the available choices"),
        ({"person": "nobody at all"}, "Nobody in the directory"),
    ],
)
def test_an_invitation_with_mistakes_comes_back(given, said):
    """422, the mistake beside its field, and nothing is sent."""
    one = tenant()
    answer = signed_in(one, "owner").post(INVITE, {"email": "a@example.org", "roles": ["viewer"], **given})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    with one.reading():
        assert not Invitation.objects.exists()


def test_roles_change_on_the_page_of_the_member():
    """With a reason; a refusal of the operation stands in the form and changes nothing."""
    one = tenant()
    browser = signed_in(one, "owner")
    row = membership(one, "viewer")
    url = f"{MEMBERS}{row.id}/"
    assert browser.post(url, {"roles": ["legal"], "reason": "New job"}).status_code == 302
    assert now(one, row).roles == ["legal"]
    page = text(browser, url)
    assert role_purpose("legal") in page
    assert "The roles of an account in the organisation changed" in page
    assert browser.post(url, {"roles": ["legal"], "reason": ""}).status_code == 422
    with one.reading():
        mine = Membership.objects.get(roles=["owner"])
    answer = browser.post(f"{MEMBERS}{mine.id}/", {"roles": ["viewer"], "reason": "Tired"})
    assert answer.status_code == 409
    assert "Give it to a colleague first" in answer.content.decode()


def test_a_membership_ends_on_its_page():
    """After a reason; the page then says when it ended, and the account does not get in any more."""
    one = tenant()
    browser = signed_in(one, "owner")
    row = membership(one, "viewer")
    url = f"{MEMBERS}{row.id}/end/"
    assert browser.post(url, {"end-reason": ""}).status_code == 422
    assert browser.post(url, {"end-reason": "Left"}).status_code == 302
    assert now(one, row).ended_at is not None
    assert "ended on" in text(browser, url)


def test_an_account_is_linked_to_a_person():
    """By user name or address; empty takes the link away."""
    one = tenant()
    browser = signed_in(one, "owner")
    row = membership(one, "viewer")
    with one.writing():
        person = identity.person(one.organization, user_name="kim")
    url = f"{MEMBERS}{row.id}/person/"
    assert browser.post(url, {"link-person": "kim"}).status_code == 302
    assert now(one, row).person_id == person.id
    assert browser.post(url, {"link-person": ""}).status_code == 302
    assert now(one, row).person_id is None


def test_the_page_of_roles_tells_each_role_in_words():
    """Every role with its purpose, its permissions as sentences and how many hold it; the table marks what each may."""
    one = tenant()
    browser = signed_in(one, "owner")
    page = text(browser, ROLE_PAGES[0])
    for code in ROLES:
        assert str(role_name(code)) in page
    assert "Grant and end memberships." in page
    assert "?role=owner&amp;state=live" in page
    table = text(browser, ROLE_PAGES[1])
    assert "Grant and end memberships." in table
    assert table.count("<tr>") == 1 + len({name for role in ROLES.values() for name in role.permissions})
    assert all(queries_of(browser, url) <= 6 for url in ROLE_PAGES)


READERS = (MEMBERS, *ROLE_PAGES)


def test_who_may_look_and_who_may_change():
    """Visitors sign in, viewers are refused, auditors read and change nothing."""
    one = tenant()
    row = membership(one, "viewer")
    for url in READERS:
        assert Client(HTTP_HOST="127.0.0.1").get(url)["Location"].startswith("/accounts/sign-in/")
        assert signed_in(one, "viewer").get(url).status_code == 403
        assert signed_in(one, "auditor").get(url).status_code == 200
    auditor = signed_in(one, "auditor")
    assert auditor.get(f"{MEMBERS}{row.id}/").status_code == 200
    assert auditor.get(INVITE).status_code == 403
    for path, body in (("", {"roles": ["owner"], "reason": "x"}), ("end/", {"end-reason": "x"}), ("person/", {})):
        assert auditor.post(f"{MEMBERS}{row.id}/{path}", body).status_code == 403
    assert now(one, row).roles == ["viewer"]


def test_members_of_other_organisations_do_not_exist():
    """404 on every page of a member and an invitation, and the row stays."""
    one, other = tenant(), tenant()
    foreign = membership(other, "viewer")
    browser = signed_in(one, "owner")
    for path, body in (("", {"roles": ["legal"], "reason": "x"}), ("end/", {"end-reason": "x"}), ("person/", {})):
        assert browser.get(f"{MEMBERS}{foreign.id}/{path}").status_code == 404
        assert browser.post(f"{MEMBERS}{foreign.id}/{path}", body).status_code == 404
    assert now(other, foreign).ended_at is None


def test_changes_of_access_ask_who_it_is_once_more():
    """Ten minutes after the last proof the pages lead to the confirmation first, and nothing is changed."""
    one = tenant()
    browser = signed_in(one, "owner")
    row = membership(one, "viewer")
    session = browser.session
    session[PROVED] = 0
    session.save()
    for path, body in (("", {"roles": ["legal"], "reason": "x"}), ("end/", {"end-reason": "x"}), ("person/", {})):
        answer = browser.post(f"{MEMBERS}{row.id}/{path}", body)
        assert answer.status_code == 302
        assert "/accounts/confirm/" in answer["Location"]
    assert browser.get(INVITE).status_code == 302
    assert (now(one, row).roles, now(one, row).ended_at) == (["viewer"], None)
    assert browser.get(f"{MEMBERS}{row.id}/").status_code == 200
