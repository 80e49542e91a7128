"""Queries: the same few for ten people and for a thousand, in each kind of request."""

from contextlib import contextmanager
from itertools import combinations
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from identity.models import DirectoryGroup, GroupMember, Person, PersonEmail
from seats.models import Assignment
from seats.operations import assign
from tests.factories.moments import NOW
from tests.identity.scim.service import ENTERPRISE, USER, Service, error, service
from tests.reporting.counted import FRAME
from tests.seats.books import REASON, fed_pool

pytestmark = pytest.mark.django_db
READS = 8
OFFBOARDING = 30
LEDGER = ("audit_locked_head", "audit_event", "audit_chain", "audit_opening", "audit_personal", "audit_data_key")


@contextmanager
def counting():
    """Collects the statements that are neither transaction, scope, clock nor the trail's own."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as seen:
        yield found
    for query in seen.captured_queries:
        sql = query["sql"]
        if not sql.upper().startswith(FRAME) and not any(name in sql for name in LEDGER):
            found.append(sql)


def house(size: int) -> tuple[Service, str, list[str]]:
    """People in one group; the id of the group and those of the people."""
    one = service()
    organization = one.tenant.organization
    with one.tenant.writing():
        people = Person.objects.bulk_create(
            Person(
                organization=organization,
                user_name=f"user{n}",
                user_name_lower=f"user{n}",
                created_at=NOW,
                updated_at=NOW,
            )
            for n in range(size)
        )
        PersonEmail.objects.bulk_create(
            PersonEmail(
                organization=organization, person=row, value=f"{row.user_name}@x.test",
                value_lower=f"{row.user_name}@x.test", primary=True,
            )
            for row in people
        )  # fmt: skip
        group = DirectoryGroup.objects.create(
            organization=organization,
            display_name="All",
            display_name_lower="all",
            created_at=NOW,
            updated_at=NOW,
        )
        GroupMember.objects.bulk_create(
            GroupMember(organization=organization, group=group, person=row, since=NOW) for row in people[:-1]
        )
    one.get("ServiceProviderConfig")  # `last_used_at` is written once a minute
    return one, str(group.id), [str(row.id) for row in people]


def requests(group: str, people: list[str]) -> dict[str, tuple[str, str, Any]]:
    """Name → method, path and operation."""
    last, first = people[-1], people[0]
    inside = f'id eq "{group}" and members eq "{first}"'
    return {
        "list": ("GET", "Users?count=200", None),
        "filter": ("GET", 'Users?filter=userName eq "user3"', None),
        "filter by address": ("GET", 'Users?filter=emails[type eq "work" and value eq "user3@x.test"]', None),
        "filter by group": ("GET", f'Users?filter=groups.value eq "{group}"&sortBy=emails.value', None),
        "one": ("GET", f"Users/{last}", None),
        "groups": ("GET", "Groups?excludedAttributes=members", None),
        "group with members": ("GET", f"Groups/{group}", None),
        "is member": (
            "GET",
            f"Groups?filter={inside}&excludedAttributes=members",
            None,
        ),
        "attribute": ("PATCH", f"Users/{first}", {"op": "replace", "path": "title", "value": "Chief"}),
        "addresses": (
            "PATCH",
            f"Users/{first}",
            {"op": "replace", "path": "emails", "value": [{"value": "new@x.test", "type": "home", "primary": True}]},
        ),
        "enterprise": ("PATCH", f"Users/{first}", {"op": "replace", "value": {"department": "x", "nickName": "y"}}),
        "rename": ("PATCH", f"Groups/{group}", {"op": "replace", "path": "displayName", "value": "Everybody"}),
        "join": ("PATCH", f"Groups/{group}", {"op": "add", "path": "members", "value": [{"value": last}]}),
        "leave": ("PATCH", f"Groups/{group}", {"op": "remove", "path": f'members[value eq "{last}"]'}),
    }


def counts(size: int) -> dict[str, int]:
    one, group, people = house(size)
    found = {}
    for name, (method, path, operation) in requests(group, people).items():
        with counting() as seen:
            answer = one.get(path) if method == "GET" else one.patch(path, operation)
        assert answer.status_code in {200, 204}, (name, answer.content)
        found[name] = len(seen)
    return found


@pytest.mark.heavy
def test_reads_and_attribute_writes_cost_the_same_at_any_size():
    """At most 8 queries beside transaction, scope and the trail's own, for 10 people as for 1,000."""
    few, many = counts(10), counts(1_000)
    assert few == many
    assert max(many.values()) <= READS, many


ADDRESSES: tuple[Any, ...] = (
    [("a", "work", True), ("b", "work", False)],
    [("a", "work", False), ("b", "work", True)],
    [("b", "home", False), ("A", "work", True), ("c", "work", False)],
    [("d", "work", True)],
    [("d", "work", False), ("a", "home", True), ("e", "work", False)],
    [],
)
"""What somebody's addresses are one after the other: the primary one changes, some come, go, change in part."""


def test_addresses_become_what_was_asked_for():
    """Whatever they were before, within the budget; the answer says what is read afterwards."""
    one = service()
    person = one.user("several")["id"]
    for wanted in ADDRESSES:
        value = [{"value": f"{name}@x.test", "type": kind, "primary": primary} for name, kind, primary in wanted]
        with counting() as seen:
            answer = one.patch(f"Users/{person}", {"op": "replace", "path": "emails", "value": value})
        assert answer.status_code == 200, answer.content
        read = one.get(f"Users/{person}").json().get("emails", [])
        assert {(row["value"], row["type"], row["primary"]) for row in read} == {
            (row["value"], row["type"], row["primary"]) for row in value
        }
        assert answer.json().get("emails", []) == read
        assert len(seen) <= READS, "\n".join(one[:150] for one in seen)


FEWER = [{"value": "only@x.test", "type": "work", "primary": True}]
"""One address where there were three: a row is written over, two go."""


def parts(manager: str) -> dict[str, dict[str, Any]]:
    """Name → one operation of a PATCH; together they change everything that a directory may change of a person."""
    return {
        "addresses": {"op": "replace", "path": "emails", "value": FEWER},
        "manager": {"op": "replace", "path": f"{ENTERPRISE}:manager", "value": manager},
        "names": {"op": "replace", "value": {"userName": "renamed", "displayName": "Renamed", "externalId": "e-9"}},
        "back": {"op": "replace", "path": "active", "value": True},
        "not stored": {
            "op": "add",
            "value": {
                "phoneNumbers": [{"value": "+47 22 00 00 00", "type": "work"}],
                "addresses": [{"type": "work", "locality": "Oslo"}],
            },
        },
    }


@pytest.mark.parametrize("size", range(1, 6))
def test_every_combination_of_changes_keeps_to_the_budget(size: int):
    """Addresses, manager, names, a return, and phones and postal addresses, which are taken and not kept: any of them
    together with any others in one PATCH need at most 8 queries, and all of what is stored is written."""
    one, _group, people = house(3)
    for names in combinations(parts(people[1]), size):
        many = [{"value": f"{name}@x.test", "type": name, "primary": name == "a"} for name in "abc"]
        person = one.user("before", emails=many, active="back" not in names)["id"]
        with counting() as seen:
            answer = one.patch(f"Users/{person}", *(parts(people[1])[name] for name in names))
        assert answer.status_code == 200, (names, answer.content)
        assert len(seen) <= READS, (names, [sql[:150] for sql in seen])
        read = one.get(f"Users/{person}").json()
        assert answer.json() == read
        assert (read["emails"] == FEWER) == ("addresses" in names)
        assert (read.get(ENTERPRISE, {}).get("manager", {}).get("value") == people[1]) == ("manager" in names)
        assert (read["userName"] == "renamed") == ("names" in names)
        assert read["active"]
        one.send("DELETE", f"Users/{person}")


def test_a_replacement_of_everything_keeps_to_the_budget():
    """PUT with other names, fewer addresses and another manager: at most 8 queries."""
    one, _group, people = house(3)
    person = one.user("before", emails=[{"value": "a@x.test"}, {"value": "b@x.test"}])["id"]
    body = {"schemas": [USER, ENTERPRISE], "userName": "after", "emails": FEWER, ENTERPRISE: {"manager": people[1]}}
    with counting() as seen:
        answer = one.send("PUT", f"Users/{person}", body)
    assert answer.status_code == 200, answer.content
    assert len(seen) <= READS, [sql[:150] for sql in seen]


def test_a_manager_who_is_not_in_the_directory_changes_nothing():
    """400 invalidValue for one who never was or was deleted, and nothing of the same PATCH is written."""
    one, _group, people = house(3)
    before = one.get(f"Users/{people[0]}").json()
    one.send("DELETE", f"Users/{people[1]}")
    for nobody in (people[1], "01a217ad-54ad-73db-8af8-9997adfa696e"):
        error(one.patch(f"Users/{people[0]}", *parts(nobody).values()), 400, "invalidValue")
    assert one.get(f"Users/{people[0]}").json() == before


@pytest.mark.requirement("REQ-164")
@pytest.mark.parametrize("way", ["patch", "delete"])
def test_offboarding_is_a_constant(way: str):
    """The same number of queries, at most 30, and one transaction for somebody with 1, 10 and 100 seats."""
    found = []
    for seats in (1, 10, 100):
        one = service()
        person = one.user("leaver")["id"]
        with one.tenant.writing():
            pools = [fed_pool(one.tenant) for _ in range(seats)]
        for pool in pools:
            with one.tenant.writing() as trail:
                assign(pool=pool, person=Person.objects.get(id=person), reason=REASON, trail=trail)
        with counting() as seen:
            if way == "delete":
                answer = one.send("DELETE", f"Users/{person}")
            else:
                answer = one.patch(f"Users/{person}", {"op": "replace", "path": "active", "value": "False"})
        assert answer.status_code in {200, 204}
        found.append(len(seen))
        with one.tenant.reading():
            assert not Assignment.objects.live().exists()
            written = Event.objects.filter(kind__in=["seat.released", "person.deactivated"])
            assert written.count() == seats + 1
            assert len(set(written.values_list("recorded_at", "request_id"))) == 1
    assert len(set(found)) == 1, found
    assert found[0] <= OFFBOARDING, found


def test_a_thousand_members_move_in_few_queries():
    """A replacement of all members is one difference: who leaves and who joins, not one query for each."""
    one, group, people = house(1_000)
    value = [{"value": person} for person in people[500:]]
    with counting() as seen:
        assert one.patch(f"Groups/{group}", {"op": "replace", "path": "members", "value": value}).status_code == 204
    assert len(seen) <= 12, seen
    with one.tenant.reading():
        assert GroupMember.objects.count() == 500
