"""Leaving: active=false and DELETE give seats back in the same transaction; what that leaves in ledger and log."""

import pytest

from audit.models import Event
from identity.models import GroupMember, Person, ProvisioningEntry
from identity.operations.provisioning import purge_provisioning_log
from identity.ports import bindings
from kernel.clock import FixedClock
from seats.models import Assignment
from seats.operations import assign
from tests.factories.moments import NOW, days
from tests.factories.provisioning import provisioning_entry
from tests.identity.scim.service import PATCH, USER, Service, service
from tests.seats.books import REASON, fed_pool, used

pytestmark = pytest.mark.django_db


@pytest.fixture
def one() -> Service:
    return service()


def seated(one: Service, user_name: str):
    """A provisioned person with a seat; returns id and pool."""
    made = one.user(user_name)
    with one.tenant.writing():
        pool = fed_pool(one.tenant)
    with one.tenant.writing() as trail:
        assign(pool=pool, person=Person.objects.get(id=made["id"]), reason=REASON, trail=trail)
    assert used(one.tenant, pool) == 1
    return made["id"], pool


def kinds(one: Service) -> list[str]:
    with one.tenant.reading():
        return list(Event.objects.order_by("sequence").values_list("kind", flat=True))


@pytest.mark.requirement("REQ-164", "REQ-179")
@pytest.mark.parametrize("way", ["patch", "put", "delete"])
def test_whoever_leaves_gives_the_seat_back_at_once(one: Service, way: str):
    """When the answer arrives the seat is free, in the same transaction, and doing it twice changes nothing."""
    person, pool = seated(one, "leaver")

    def leave():
        if way == "delete":
            return one.send("DELETE", f"Users/{person}")
        if way == "put":
            return one.send("PUT", f"Users/{person}", {"schemas": [USER], "userName": "leaver", "active": False})
        return one.patch(f"Users/{person}", {"op": "Replace", "path": "active", "value": "False"})

    assert leave().status_code == (204 if way == "delete" else 200)
    assert used(one.tenant, pool) == 0
    before = kinds(one)
    assert {"person.deactivated", "seat.released"} <= set(before)
    assert leave().status_code == (404 if way == "delete" else 200)
    assert [kind for kind in kinds(one)[len(before) :] if kind != "provisioning.refused"] == []


def test_coming_back_soon_brings_the_same_seat(one: Service):
    """Reactivation is an entry of its own, and what is still free of before is given again; twice is once."""
    person, pool = seated(one, "returner")
    one.patch(f"Users/{person}", {"op": "replace", "value": {"active": False}})
    assert used(one.tenant, pool) == 0
    for _ in range(2):
        answer = one.patch(f"Users/{person}", {"op": "replace", "value": {"active": True}})
        assert answer.json()["active"] is True
        assert used(one.tenant, pool) == 1
    assert kinds(one)[-3:] == ["person.reactivated", "seat.assigned", "departure.returned"]


def test_leaving_and_coming_back_with_other_changes_say_both(one: Service):
    """One entry for the attributes and one for the departure or the return, and no other."""
    person = one.user("kim")["id"]
    for active, title, told in ((False, "Gone", "person.deactivated"), (True, "Back", "person.reactivated")):
        before = len(kinds(one))
        changes = {"active": active, "title": title, "emails": [{"value": f"{title}@x.test"}]}
        answer = one.patch(f"Users/{person}", {"op": "replace", "value": changes}).json()
        assert (answer["active"], answer["title"]) == (active, title)
        assert kinds(one)[before:] == ["person.updated", told]
        assert one.get(f"Users/{person}").json() == answer


def test_deleting_ends_memberships_in_groups_and_tells_who_listens(one: Service, monkeypatch):
    """Nobody who is gone stays in a group; the port of group changes hears of joining and leaving alike."""
    heard = []
    monkeypatch.setattr(
        bindings, "group_change", lambda *, group, joined, left, trail: heard.append((len(joined), len(left)))
    )
    people = [one.user(f"member{n}")["id"] for n in range(3)]
    group = one.group("Team", *people)["id"]
    one.send("DELETE", f"Users/{people[0]}")
    assert one.get(f"Groups/{group}").json()["meta"]["version"] == 'W/"2"'
    one.patch(f"Groups/{group}", {"op": "remove", "path": f'members[value eq "{people[1]}"]'})
    one.patch(f"Groups/{group}", {"op": "remove", "path": f'members[value eq "{people[1]}"]'})
    assert len(one.get(f"Groups/{group}").json()["members"]) == 1
    one.send("DELETE", f"Groups/{group}")
    assert heard == [(3, 0), (0, 1), (0, 1), (0, 1)]
    with one.tenant.reading():
        assert not GroupMember.objects.exists()
        assert Person.objects.get(id=people[2]).active


def test_names_stand_in_no_ledger_entry_and_no_log(one: Service):
    """The bodies hold names of attributes; the values are commitments in the ledger, and nothing in the log."""
    secret = "Zebulon-Quark"
    made = one.user(secret, displayName=secret, title=secret, emails=[{"value": f"{secret}@x.test"}])
    one.patch(f"Users/{made['id']}", {"op": "replace", "path": "title", "value": f"{secret} II"})
    one.post("Users", {"schemas": [USER], "userName": secret})
    one.patch(f"Users/{made['id']}", {"op": "replace", "path": f'emails[value eq "{secret}"].x', "value": secret})
    one.group(secret)
    with one.tenant.reading():
        said = " ".join(Event.objects.values_list("body", flat=True))
        logged = " ".join(str(vars(row)) for row in ProvisioningEntry.objects.all())
    assert "displayName" in logged
    assert "title" in said
    assert secret not in said
    assert secret not in logged


def test_the_log(one: Service):
    """Each write leaves a line: verb, record, attributes, outcome; refusals say why; reads leave none."""
    made = one.user("logged", externalId="x-1", title="Chief")
    one.get("Users")
    one.patch(f"Users/{made['id']}", {"op": "replace", "path": "name.givenName", "value": "Ann"})
    one.post("Users", {"schemas": [USER], "userName": "LOGGED"})
    one.send("DELETE", f"Users/{made['id']}")
    one.send("DELETE", f"Users/{made['id']}")
    with one.tenant.reading():
        rows = list(ProvisioningEntry.objects.order_by("id"))
    assert [(row.verb, row.outcome, row.status, row.scim_type) for row in rows] == [
        ("POST", "done", 201, ""),
        ("PATCH", "done", 200, ""),
        ("POST", "refused", 409, "uniqueness"),
        ("DELETE", "done", 204, ""),
        ("DELETE", "refused", 404, ""),
    ]
    assert rows[0].attributes == ["externalId", "title", "userName"]
    assert rows[1].attributes == ["name.givenName"]
    assert {row.resource_id for row in rows if row.verb != "POST"} == {made["id"]}
    assert rows[0].external_id == "x-1"
    assert all(row.token_id and row.request_id for row in rows)
    assert rows[2].detail


def test_a_write_that_changes_nothing_leaves_no_ledger_entry(one: Service):
    """The same attributes again: no new version, no entry, one line in the log."""
    made = one.user("same", title="Chief")
    before = kinds(one)
    answer = one.patch(f"Users/{made['id']}", {"op": "replace", "path": "title", "value": "Chief"})
    assert answer.json() == made
    assert kinds(one) == before


def test_a_refused_patch_is_undone_as_a_whole(one: Service):
    """The first operation is good, the second is not: neither holds."""
    made, group = one.user("whole"), one.group("Whole")
    operations = [{"op": "replace", "path": "title", "value": "x"}, {"op": "remove", "path": "userName"}]
    body = {"schemas": [PATCH], "Operations": operations}
    assert one.send("PATCH", f"Users/{made['id']}", body).status_code == 400
    assert one.get(f"Users/{made['id']}").json() == made
    rename = {"op": "replace", "path": "displayName", "value": "Other"}
    stranger = {"op": "add", "path": "members", "value": [{"value": group["id"]}]}
    assert one.patch(f"Groups/{group['id']}", rename, stranger).status_code == 400
    assert one.get(f"Groups/{group['id']}").json()["displayName"] == "Whole"


def test_the_log_is_kept_for_90_days(one: Service):
    """Older entries go, younger ones stay."""
    with one.tenant.writing():
        provisioning_entry(one.tenant.organization, at=days(-91))
        young = provisioning_entry(one.tenant.organization, at=days(-89))
    purge_provisioning_log(one.tenant.organization.id, FixedClock(NOW))
    with one.tenant.reading():
        assert [row.id for row in ProvisioningEntry.objects.all()] == [young.id]


def test_seats_of_others_stay(one: Service):
    """Only the leaver's seats are released."""
    _person, pool = seated(one, "stays")
    other, _pool = seated(one, "leaves")
    one.send("DELETE", f"Users/{other}")
    assert used(one.tenant, pool) == 1
    with one.tenant.reading():
        assert Assignment.objects.live().count() == 1
