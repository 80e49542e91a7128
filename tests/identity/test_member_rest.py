"""REST of roles, memberships and invitations: works, visitor, wrong role, other organisation, bad input, cost."""

import orjson
import pytest
from django.test import Client

from audit.queries import events
from identity.models import Invitation, Membership
from identity.operations import end_membership
from identity.rules.roles import ROLES
from tests.factories import identity
from tests.factories.moments import NOW
from tests.factories.tenants import Tenant, member, signed_in, tenant
from tests.reporting.counted import queries_of

pytestmark = pytest.mark.django_db
NOBODY = "01900000-0000-7000-8000-000000000000"


def send(browser: Client, method: str, path: str, **body):
    return browser.generic(method, f"/api/v1/{path}", orjson.dumps(body), content_type="application/json")


def membership(one: Tenant, *roles: str) -> Membership:
    account, _principal = member(one, *roles)
    with one.reading():
        return Membership.objects.get(account_id=account.id)


def test_roles_are_read():
    """All of them with purpose, permissions in words and holders; one by its code; an unknown one is 404."""
    browser = signed_in(tenant(), "auditor")
    rows = browser.get("/api/v1/roles/").json()
    assert {row["code"] for row in rows} == set(ROLES)
    single = browser.get("/api/v1/roles/auditor/").json()
    assert single["held_by"] == 1
    assert {one["code"] for one in single["permissions"]} == ROLES["auditor"].permissions
    assert browser.get("/api/v1/roles/emperor/").status_code == 404
    assert queries_of(browser, "/api/v1/roles/") <= 5


def test_memberships_are_listed_filtered_and_read():
    """By role, by whether they hold; a page costs the same however many there are."""
    one = tenant()
    browser = signed_in(one, "owner")
    row = membership(one, "legal")
    [found] = browser.get("/api/v1/memberships/", {"role": "legal", "live": "true"}).json()["results"]
    assert (found["id"], found["roles"]) == (str(row.id), ["legal"])
    assert browser.get(f"/api/v1/memberships/{row.id}/").json() == found
    before = queries_of(browser, "/api/v1/memberships/")
    with one.writing():
        for _ in range(10):
            identity.membership(one.organization, identity.account())
    assert queries_of(browser, "/api/v1/memberships/") == before


def test_roles_change_and_memberships_end_and_begin_again():
    """PATCH with a reason, POST end with a reason, POST for an account that worked here before."""
    one = tenant()
    browser = signed_in(one, "owner")
    row = membership(one, "viewer")
    changed = send(browser, "PATCH", f"memberships/{row.id}/", roles=["finance"], reason="New job")
    assert (changed.status_code, changed.json()["roles"]) == (200, ["finance"])
    assert "Ledger-Entry" in changed
    ended = send(browser, "POST", f"memberships/{row.id}/end/", reason="Left")
    assert ended.json()["ended_at"] is not None
    again = send(browser, "POST", "memberships/", account=str(row.account_id), roles=["viewer"])
    assert again.status_code == 201
    assert send(browser, "POST", "memberships/", account=str(row.account_id), roles=["viewer"]).status_code == 409


@pytest.mark.parametrize("there", [False, True])
def test_accounts_that_never_worked_here_are_not_found(there):
    """Whether an account exists elsewhere cannot be asked."""
    account = identity.account().id if there else NOBODY
    answer = send(signed_in(tenant(), "owner"), "POST", "memberships/", account=str(account), roles=["viewer"])
    assert (answer.status_code, answer.json()["code"]) == (404, "MEMBERSHIP_NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"roles": ["viewer"]}, 400, "INVALID_INPUT"),
        ({"roles": [], "reason": "x"}, 400, "INVALID_INPUT"),
        ({"roles": ["emperor"], "reason": "x"}, 400, "INVALID_INPUT"),
        ({"roles": ["platform_operator"], "reason": "x"}, 400, "ROLE_NOT_HERE"),
        ({"roles": ["customer"], "reason": "x", "party": NOBODY}, 400, "CUSTOMER_NEEDS_PARTY"),
    ],
)
def test_roles_that_cannot_be_given_are_refused(body, status, code):
    """With the stable code of the reason."""
    one = tenant()
    answer = send(signed_in(one, "owner"), "PATCH", f"memberships/{membership(one, 'viewer').id}/", **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_last_owner_stays_over_rest_too():
    """409 LAST_OWNER, whether the role or the membership is to go."""
    one = tenant()
    browser = signed_in(one, "owner")
    with one.reading():
        row = Membership.objects.get()
    for answer in (
        send(browser, "PATCH", f"memberships/{row.id}/", roles=["viewer"], reason="x"),
        send(browser, "POST", f"memberships/{row.id}/end/", reason="x"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "LAST_OWNER")


def test_invitations_are_sent_read_and_withdrawn():
    """The answer shows no link; DELETE takes it back."""
    one = tenant()
    browser = signed_in(one, "owner")
    sent = send(browser, "POST", "invitations/", email="new@example.org", roles=["viewer"])
    assert sent.status_code == 201
    assert set(sent.json()) == {
        "id", "email", "roles", "person", "party", "invited_at", "expires_at", "accepted_at", "withdrawn_at",
    }  # fmt: skip
    url = f"invitations/{sent.json()['id']}/"
    assert browser.get(f"/api/v1/{url}").json() == sent.json()
    assert browser.delete(f"/api/v1/{url}").status_code == 204
    with one.reading():
        assert Invitation.objects.get().withdrawn_at is not None


def kept_away(one: Tenant, row: Membership, *roles: str) -> None:
    """Roles that somebody took away from the member and that groups do not give back."""
    with one.writing():
        for role in roles:
            identity.withheld_role(row, role)


def test_withheld_roles_are_shown_and_released():
    """Whoever sees members sees what no group gives them; whoever manages members lets groups give it again, as on the
    page, with an entry in the ledger, and once."""
    one = tenant()
    row, owner = membership(one, "viewer"), signed_in(one, "owner")
    kept_away(one, row, "legal", "finance")
    shown = signed_in(one, "auditor").get(f"/api/v1/memberships/{row.id}/").json()
    assert [each["role"] for each in shown["withheld_roles"]] == ["finance", "legal"]
    assert shown["withheld_roles"][0]["withheld_at"].startswith(f"{NOW:%Y-%m-%d}")
    released = send(owner, "POST", f"memberships/{row.id}/release-role/", role="finance")
    assert (released.status_code, "Ledger-Entry" in released) == (200, True)
    assert ([each["role"] for each in released.json()["withheld_roles"]], released.json()["roles"]) == (
        ["legal"],
        ["viewer"],
    )
    with one.reading():
        assert [event.kind for event in events()][-1] == "membership.role_released"
    again = send(owner, "POST", f"memberships/{row.id}/release-role/", role="finance")
    assert (again.status_code, again.json()["code"]) == (404, "ROLE_NOT_WITHHELD")
    granted = send(owner, "PATCH", f"memberships/{row.id}/", roles=["viewer", "legal"], reason="New job")
    assert granted.json()["withheld_roles"] == []


def test_withheld_roles_cost_the_same_for_every_page_of_members():
    """One query for all of a page."""
    one = tenant()
    browser, row = signed_in(one, "owner"), membership(one, "viewer")
    before = queries_of(browser, "/api/v1/memberships/")
    kept_away(one, row, "legal", "finance")
    kept_away(one, membership(one, "viewer"), "legal")
    assert queries_of(browser, "/api/v1/memberships/") == before


@pytest.mark.parametrize(
    ("role", "actor", "status", "code"),
    [
        ("legal", "auditor", 403, "PERMISSION_DENIED"),
        ("emperor", "owner", 400, "INVALID_INPUT"),
        ("procurement", "owner", 404, "ROLE_NOT_WITHHELD"),
        ("legal", "it_admin", 403, "PERMISSION_DENIED"),
    ],
)
def test_releases_that_are_refused(role, actor, status, code):
    """Readers and those who manage people alone, what is no role, and one that is not withheld."""
    one = tenant()
    row = membership(one, "viewer")
    kept_away(one, row, "legal")
    answer = send(signed_in(one, actor), "POST", f"memberships/{row.id}/release-role/", role=role)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_nobody_releases_for_others_or_oneself():
    """401 for visitors, 404 for another organisation, and a refusal for the own roles."""
    one = tenant()
    row = membership(one, "viewer")
    kept_away(one, row, "legal")
    path = f"memberships/{row.id}/release-role/"
    assert send(Client(HTTP_HOST="127.0.0.1"), "POST", path, role="legal").status_code == 401
    assert send(signed_in(tenant(), "owner"), "POST", path, role="legal").status_code == 404
    browser = signed_in(one, "owner")
    with one.reading():
        own = Membership.objects.get(roles=["owner"])
    kept_away(one, own, "finance")
    answer = send(browser, "POST", f"memberships/{own.id}/release-role/", role="finance")
    assert (answer.status_code, answer.json()["code"]) == (403, "OWN_ROLES")


def test_visitors_wrong_roles_and_other_organisations():
    """401, 403 and 404, on reading and writing alike."""
    one, other = tenant(), tenant()
    foreign = membership(other, "viewer")
    paths = ("roles/", "memberships/", "invitations/")
    for path in paths:
        assert Client(HTTP_HOST="127.0.0.1").get(f"/api/v1/{path}").status_code == 401
        assert signed_in(one, "viewer").get(f"/api/v1/{path}").status_code == 403
    auditor, owner = signed_in(one, "auditor"), signed_in(one, "owner")
    assert send(auditor, "POST", "invitations/", email="a@example.org", roles=["viewer"]).status_code == 403
    assert owner.get(f"/api/v1/memberships/{foreign.id}/").status_code == 404
    assert send(owner, "PATCH", f"memberships/{foreign.id}/", roles=["legal"], reason="x").status_code == 404
    assert send(owner, "POST", f"memberships/{foreign.id}/end/", reason="x").status_code == 404
    with one.writing() as opened:
        end_membership(membership=Membership.objects.get(roles=["auditor"]), trail=opened)
    assert auditor.get("/api/v1/roles/").status_code == 401
