"""P12: SCIM requests at 20,000 people and a 10,000-member group, against the same requests at 100 people.

Both sides send the same requests through the whole application, in this process, on PostgreSQL under row-level
security; only the size of the directory differs. A group read with all its members is not among the timed requests:
it is as long as its answer. Before anything is timed, the query budget is checked on the large side for every kind of
list, filter and change (bench/p12_budget.py).
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from django.db import connection
from django.test import Client, override_settings

from audit.operations import trail
from bench.p12_budget import check_budget
from bench.sandwich import Comparison, Leg
from identity.models import DirectoryGroup, GroupMember, Person, PersonEmail
from identity.operations import create_organization
from identity.operations.provisioning import create_scim_token
from kernel.clock import DatabaseClock
from kernel.database import as_owner
from kernel.principal import system

LARGE, MEMBERS = 20_000, 10_000
SMALL = 100
TIMES = 25
MUST, STRETCH = 0.5, 0.83
_next = count(1)


@dataclass(frozen=True)
class Directory:
    """An organisation with people, one group of many of them, and a token."""

    token: str
    people: list[str]
    group: str

    def send(self, method: str, path: str, body: Any = None) -> Any:
        answer = Client(HTTP_HOST="127.0.0.1").generic(
            method,
            f"/scim/v2/{path}",
            json.dumps(body).encode() if body is not None else b"",
            content_type="application/scim+json",
            headers={"authorization": f"Bearer {self.token}"},
        )
        if answer.status_code not in {200, 201, 204}:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.content[:300]!r}")
        return answer


def requests(one: Directory) -> dict[str, Any]:
    """Name → a call that sends it; each write changes something each time."""

    def patch(path: str, operation: dict[str, Any]) -> Any:
        return one.send("PATCH", path, {"Operations": [operation]})

    first, last = one.people[0], one.people[-1]
    inside = f'id eq "{one.group}" and members eq "{first}"'
    members = {"path": "members", "value": [{"value": last}]}
    return {
        "page of 100": lambda: one.send("GET", "Users?count=100"),
        "filter by user name": lambda: one.send("GET", 'Users?filter=userName eq "person7"'),
        "filter by address": lambda: one.send("GET", 'Users?filter=emails.value eq "person7@bench.test"'),
        "person": lambda: one.send("GET", f"Users/{first}"),
        "is member": lambda: one.send("GET", f"Groups?excludedAttributes=members&filter={inside}"),
        "attribute": lambda: patch(f"Users/{first}", {"op": "replace", "path": "title", "value": f"T{next(_next)}"}),
        "member joins and leaves": lambda: [
            patch(f"Groups/{one.group}", {"op": op, **members}) for op in ("add", "remove")
        ],
    }


@contextmanager
def comparisons() -> Iterator[list[Comparison]]:
    with override_settings(SCIM_REQUESTS_PER_SECOND=1_000_000):
        directory = _directory("large", LARGE, MEMBERS)
        large, small = requests(directory), requests(_directory("small", SMALL, SMALL // 2))
        _analyse()
        check_budget(directory.send, group=directory.group, people=directory.people)
        yield [
            Comparison(
                name=f"P12 {name}, {LARGE:,} people",
                must=MUST,
                stretch=STRETCH,
                baseline=partial(_leg, small[name]),
                path=partial(_leg, large[name]),
            )
            for name in large
        ]


def _directory(slug: str, size: int, members: int) -> Directory:
    clock = DatabaseClock()
    organization = create_organization(slug=f"bench-p12-{slug}", name="Bench", kind="buyer", clock=clock)
    now = clock.now()
    with trail(organization_id=organization.id, actor=system(organization.id, "bench")) as opened:
        names = [f"person{number}" for number in range(size)]
        people = Person.objects.bulk_create(
            [
                Person(organization=organization, user_name=n, user_name_lower=n, created_at=now, updated_at=now)
                for n in names
            ],
            batch_size=1_000,
        )
        PersonEmail.objects.bulk_create(
            [
                PersonEmail(organization=organization, person=row, value=address, value_lower=address, primary=True)
                for row in people
                for address in [f"{row.user_name}@bench.test"]
            ],
            batch_size=1_000,
        )
        group = DirectoryGroup.objects.create(
            organization=organization,
            display_name="Everybody",
            display_name_lower="everybody",
            created_at=now,
            updated_at=now,
        )
        GroupMember.objects.bulk_create(
            [GroupMember(organization=organization, group=group, person=row, since=now) for row in people[:members]],
            batch_size=1_000,
        )
        issued = create_scim_token(name="bench", trail=opened)
    return Directory(issued.token, [str(row.id) for row in people], str(group.id))


def _analyse() -> None:
    """What autovacuum does within a minute of a first import: without statistics the planner joins row by row."""
    with as_owner(), connection.cursor() as cursor:
        for model in (Person, PersonEmail, DirectoryGroup, GroupMember):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
    connection.close()


def _leg(send: Any) -> Leg:
    began, cpu = time.monotonic(), time.process_time()
    for _ in range(TIMES):
        send()
    return Leg(TIMES, time.monotonic() - began, time.process_time() - cpu)
