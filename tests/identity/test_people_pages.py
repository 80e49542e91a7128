"""The pages of people and groups: works, visitor, wrong role, other organisation, bad input, constant cost, reads."""

import pytest
from django.test import Client

from audit.models import AccessEvent, Hold
from identity.models import DirectoryGroup, GroupMember, Person
from tests.factories import identity
from tests.factories.moments import NOW
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.reporting.counted import queries_of
from tests.seats.books import fed_pool, fill

pytestmark = pytest.mark.django_db
PEOPLE = "/organization/people/"
GROUPS = "/organization/groups/"
READS = "/organization/reads/"


def text(browser: Client, url: str, **data: str) -> str:
    answer = browser.get(url, data)
    assert answer.status_code == 200
    return answer.content.decode()


def somebody(one: Tenant, **columns) -> Person:
    with one.writing():
        return identity.person(one.organization, **columns)


def now(one: Tenant, row: Person) -> Person:
    with one.reading():
        return Person.objects.get(id=row.id)


def reads(one: Tenant, **wanted) -> list[tuple[str, str, int]]:
    with one.reading():
        rows = AccessEvent.objects.filter(**wanted).order_by("at", "id")
        return [(row.purpose, row.subject_id, row.count) for row in rows]


def test_the_list_is_searched_filtered_and_taken_away():
    """Active people by default; by name, state and unit; the same as CSV; each is one read."""
    one = tenant()
    browser = signed_in(one, "it_admin")
    with one.writing():
        unit = identity.unit(one.organization)
        identity.person(one.organization, user_name="nora", org_unit=unit)
        identity.person(one.organization, user_name="olaf", legal_hold=True)
    page = text(browser, PEOPLE)
    assert "nora" in page
    assert "olaf" in page
    assert "nora" not in text(browser, PEOPLE, state="held")
    assert "olaf" not in text(browser, PEOPLE, unit=str(unit.id))
    assert "Nobody matches these filters" in text(browser, PEOPLE, q="nobody at all")
    assert browser.get(PEOPLE, {"state": "x"}).status_code == 400
    rows = browser.get(f"{PEOPLE}export/", {"q": "nora"}).content.decode().splitlines()
    assert len(rows) == 2
    assert [(purpose, count) for purpose, _id, count in reads(one)] == [
        ("page", 2), ("page", 1), ("page", 1), ("export", 1),
    ]  # fmt: skip


@pytest.mark.requirement("REQ-132")
def test_every_surface_notes_who_looked_at_whom():
    """Page, REST, admin, GraphQL: one event for each look, with the reader and the record, and none for a refusal."""
    one = tenant()
    row = somebody(one, user_name="nora")
    browser = signed_in(one, "it_admin")
    for url in (f"{PEOPLE}{row.id}/", f"/api/v1/people/{row.id}/", f"/admin/identity/person/{row.id}/change/"):
        assert browser.get(url).status_code == 200
    for url in (PEOPLE, "/api/v1/people/", "/admin/identity/person/"):
        assert browser.get(url).status_code == 200
    query = {"query": "{ people { nodes { userName } } }"}
    assert browser.post("/graphql/", query, content_type="application/json").json()["data"]
    assert reads(one) == [
        ("page", str(row.id), 1),
        ("rest", str(row.id), 1),
        ("admin", str(row.id), 1),
        ("page", "", 1),
        ("rest", "", 1),
        ("admin", "", 1),
        ("graphql", "", 1),
    ]
    before = len(reads(one))
    assert signed_in(one, "viewer").get(f"{PEOPLE}{row.id}/").status_code == 403
    assert signed_in(tenant(), "it_admin").get(f"{PEOPLE}{row.id}/").status_code == 404
    assert len(reads(one)) == before
    page = text(signed_in(one, "auditor"), READS, subject=str(row.id))
    assert "Kim Member" in page
    assert "Nora" in page
    found = signed_in(one, "auditor").get("/api/v1/audit/access-events/", {"subject_id": str(row.id)}).json()
    assert len(found["results"]) == 3


def test_reads_are_for_auditors():
    """Visitors sign in, an administrator is refused, bad input is 400, and the list costs the same however long."""
    one = tenant()
    assert Client(HTTP_HOST="127.0.0.1").get(READS).status_code == 302
    assert signed_in(one, "it_admin").get(READS).status_code == 403
    auditor = signed_in(one, "auditor")
    assert "No read matches" in text(auditor, READS)
    assert auditor.get(READS, {"subject": "x"}).status_code == 400
    row = somebody(one)
    reader = signed_in(one, "it_admin")
    reader.get(f"{PEOPLE}{row.id}/")
    before = queries_of(auditor, READS)
    for _ in range(5):
        reader.get(f"{PEOPLE}{row.id}/")
    assert queries_of(auditor, READS) == before <= 12


def test_a_person_is_added_changed_and_shown_whole():
    """Record, address, manager, unit; then groups, devices and seats stand on the page."""
    one = tenant()
    browser = signed_in(one, "it_admin", "auditor")
    with one.writing():
        unit = identity.unit(one.organization)
    boss = somebody(one, user_name="boss")
    given = {"user_name": "nora", "given_name": "Nora", "family_name": "Vik", "email": "nora@example.org",
             "manager": "boss", "org_unit": str(unit.id), "territory": "no", "title": "Engineer"}  # fmt: skip
    made = browser.post(f"{PEOPLE}new/", given)
    assert made.status_code == 302
    page = text(browser, made["Location"])
    for said in ("Nora Vik", "nora@example.org", "Boss", unit.name, "Engineer", "NO", "No device.", "In no group."):
        assert said in page
    url = made["Location"]
    assert browser.post(f"{url}edit/", {**given, "family_name": "Holm", "email": "holm@example.org"}).status_code == 302
    page = text(browser, url)
    assert "Nora Holm" in page
    assert "holm@example.org" in page
    assert "nora@example.org" not in page
    with one.writing():
        row = Person.objects.get(user_name="nora")
        identity.device(one.organization, person=row, hostname="nb-1")
        pool = fed_pool(one)
    fill(one, pool, 1)
    assert "nb-1" in text(browser, url)
    assert boss.user_name in text(browser, f"{url}edit/")
    taken = browser.post(f"{PEOPLE}new/", {"user_name": "NORA"})
    assert taken.status_code == 409
    for wrong, said in (({"manager": "nobody"}, "Nobody in the directory"), ({"territory": "Norway"}, "valid value")):
        answer = browser.post(f"{PEOPLE}new/", {"user_name": "x", **wrong})
        assert answer.status_code == 422
        assert said in answer.content.decode()


def test_somebody_leaves_and_is_back():
    """The button does the one, then the other."""
    one = tenant()
    browser, row = signed_in(one, "it_admin"), somebody(one)
    for active in (False, True):
        assert browser.post(f"{PEOPLE}{row.id}/state/").status_code == 302
        assert now(one, row).active is active


def test_a_legal_hold_is_placed_and_lifted():
    """With a reason, by those who may; the hold stands where purging looks for it."""
    one = tenant()
    browser, row = signed_in(one, "legal"), somebody(one)
    url = f"{PEOPLE}{row.id}/hold/"
    assert browser.post(url, {"reason": ""}).status_code == 422
    assert browser.post(url, {"reason": "Case 7"}).status_code == 302
    with one.reading():
        assert Hold.objects.get(person=row.pseudonym).lifted_at is None
    assert now(one, row).legal_hold
    assert browser.post(url, {"reason": "Settled"}).status_code == 302
    with one.reading():
        assert Hold.objects.get(person=row.pseudonym).lifted_at is not None
    assert signed_in(one, "it_admin").post(url, {"reason": "x"}).status_code == 403


def test_groups_are_kept_by_hand_or_by_the_directory():
    """By hand: added, joined, left. What a directory service keeps is refused, on the page and over REST."""
    one = tenant()
    browser, row = signed_in(one, "it_admin"), somebody(one, user_name="nora")
    assert "No group yet" in text(browser, GROUPS)
    made = browser.post(GROUPS, {"name": "Designers"})
    assert made.status_code == 302
    url = made["Location"]
    assert browser.post(url, {"person": "nora"}).status_code == 302
    assert "Nora" in text(browser, url)
    assert browser.post(url, {"person": "nobody"}).status_code == 422
    assert browser.post(f"{url}members/{row.id}/leave/").status_code == 302
    assert "Nobody is in this group" in text(browser, url)
    with one.reading():
        DirectoryGroup.objects.update(external_id="from-the-directory")
        key = DirectoryGroup.objects.get().id
    assert browser.post(url, {"person": "nora"}).status_code == 409
    move = browser.post(f"/api/v1/groups/{key}/move/", {"join": [str(row.id)]}, content_type="application/json")
    assert (move.status_code, move.json()["code"]) == (409, "GROUP_KEPT_BY_DIRECTORY")
    with one.reading():
        assert not GroupMember.objects.exists()


def test_rest_changes_people_and_groups():
    """PATCH leaves alone what it does not name; groups are added, moved and paged."""
    one = tenant()
    browser, row = signed_in(one, "it_admin"), somebody(one, user_name="nora", title="Engineer")
    answer = browser.patch(f"/api/v1/people/{row.id}/", {"department": "Design"}, content_type="application/json")
    assert (answer.json()["department"], answer.json()["title"]) == ("Design", "Engineer")
    made = browser.post("/api/v1/groups/", {"display_name": "Designers"}, content_type="application/json").json()
    path = f"/api/v1/groups/{made['id']}/"
    moved = browser.post(f"{path}move/", {"join": [str(row.id)]}, content_type="application/json")
    assert moved.json()["count"] == 1
    assert [one["person"] for one in browser.get(f"{path}members/").json()["results"]] == [str(row.id)]
    assert signed_in(one, "auditor").patch(f"/api/v1/people/{row.id}/", {}).status_code == 403
    assert signed_in(tenant(), "it_admin").get(path).status_code == 404
    assert Client(HTTP_HOST="127.0.0.1").get(path).status_code == 401


def test_lists_cost_the_same_however_long_they_are():
    """People, one group and the groups in a fixed number of queries."""
    one = tenant()
    browser = signed_in(one, "it_admin")
    with one.writing():
        group = DirectoryGroup.objects.create(
            organization=one.organization, display_name="A", display_name_lower="a", created_at=NOW, updated_at=NOW
        )
    urls = (PEOPLE, GROUPS, f"{GROUPS}{group.id}/")
    with one.writing():
        row = identity.person(one.organization)
        GroupMember.objects.create(organization=one.organization, group=group, person=row, since=NOW)
    before = [queries_of(browser, url) for url in urls]
    with one.writing():
        for _ in range(12):
            row = identity.person(one.organization)
            GroupMember.objects.create(organization=one.organization, group=group, person=row, since=row.created_at)
    assert [queries_of(browser, url) for url in urls] == before
    assert max(before) <= 14


def test_visitors_wrong_roles_and_other_organisations():
    """Sign-in, 403 and 404 on every page of people and groups."""
    one = tenant()
    row = somebody(one)
    stranger = signed_in(tenant(), "it_admin", "legal")
    for path in ("", "edit/", "hold/", "merge/"):
        url = f"{PEOPLE}{row.id}/{path}"
        assert Client(HTTP_HOST="127.0.0.1").get(url).status_code == 302
        assert signed_in(one, "viewer").get(url).status_code == 403
        assert stranger.get(url).status_code == 404
    assert stranger.post(f"{PEOPLE}{row.id}/state/").status_code == 404
    assert signed_in(one, "auditor").post(f"{PEOPLE}{row.id}/state/").status_code == 403
