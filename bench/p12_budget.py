"""The query budget of SCIM on a directory of any size: at most 8 for reads and attribute writes, at most 30 where
somebody leaves, beside transaction, scope, clock and the trail's own.

tests/identity/scim/test_budget.py holds the same for 1,000 people in the suite; here it is asserted at the size of P12.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

MOST, MOST_WHEN_LEAVING = 8, 30
FRAME = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "SELECT SET_CONFIG", "SELECT CLOCK_TIMESTAMP")
LEDGER = ("audit_event", "audit_chain", "audit_locked_head", "audit_opening", "audit_personal", "audit_data_key")
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

Send = Callable[..., Any]
"""(method, path, body) → the answer; raises AssertionError for anything but success."""
Request = tuple[str, str, Any]


class OverBudget(AssertionError):
    """A request needed more queries than identity allows, whatever the size."""


def check_budget(send: Send, *, group: str, people: Sequence[str]) -> dict[str, int]:
    """Sends every kind of request once; prints and returns the queries of each. Raises OverBudget for the first that
    needs too many."""
    send("GET", f"Users/{people[0]}")  # the moment of the token's use is written once a minute
    found: dict[str, int] = {}
    for most, requests in (
        (MOST, _lists(group) | _filters(group, people) | _changes(group, people)),
        (MOST_WHEN_LEAVING, _leavers(people)),
    ):
        for name, request in requests.items():
            found[name] = _queries(send, request)
            if found[name] > most:
                raise OverBudget(f"{name}: {found[name]} queries, {most} allowed")
    print(f"  budget of {len(found)} kinds of request kept: at most {max(found.values())} queries, each:")
    for name, queries in found.items():
        print(f"    {queries:>2}  {name}")
    return found


def _queries(send: Send, request: Request) -> int:
    with CaptureQueriesContext(connection) as seen:
        send(*request)
    statements = (query["sql"] for query in seen.captured_queries)
    return sum(not sql.upper().startswith(FRAME) and not any(name in sql for name in LEDGER) for sql in statements)


def _lists(group: str) -> dict[str, Request]:
    places = {
        "people": "Users",
        "people, the longest page": "Users?count=200",
        "people, a late page": "Users?startIndex=19901&count=100",
        "people, by address": "Users?sortBy=emails.value&sortOrder=descending",
        "people, one attribute": "Users?attributes=userName",
        "groups": "Groups?excludedAttributes=members",
        "group with all its members": f"Groups/{group}",
        "group without": f"Groups/{group}?excludedAttributes=members",
    }
    searched = {"schemas": [SEARCH], "filter": 'userName sw "person1"', "count": 50}
    return {f"list: {name}": ("GET", path, None) for name, path in places.items()} | {
        "list: search by POST": ("POST", "Users/.search", searched)
    }


def _filters(group: str, people: Sequence[str]) -> dict[str, Request]:
    of_people = (
        'userName eq "person7"',
        'userName co "erson19"',
        'userName sw "person19" and active eq true',
        'not (userName ew "7")',
        'externalId eq "nobody"',
        'displayName co "nobody" or title pr',
        'name.familyName sw "No"',
        'emails.value eq "person7@bench.test"',
        'emails[type eq "work" and value co "person7"]',
        "active eq false",
        f'groups.value eq "{group}"',
        f'{ENTERPRISE}:department eq "Sales"',
        f'{ENTERPRISE}:manager.value eq "{people[1]}"',
        'meta.lastModified gt "2020-01-01T00:00:00Z"',
        f'id eq "{people[-1]}"',
    )
    of_groups = (
        'displayName eq "Everybody"',
        f'members.value eq "{people[0]}"',
        f'id eq "{group}" and members eq "{people[0]}"',
    )
    return {f"filter: {one}": ("GET", f"Users?filter={one}", None) for one in of_people} | {
        f"filter: {one}": ("GET", f"Groups?excludedAttributes=members&filter={one}", None) for one in of_groups
    }


def _changes(group: str, people: Sequence[str]) -> dict[str, Request]:
    first, second, last = people[0], people[1], people[-1]

    def person(**operation: Any) -> Request:
        return "PATCH", f"Users/{first}", {"Operations": [operation]}

    def whole(**operation: Any) -> Request:
        return "PATCH", f"Groups/{group}", {"Operations": [operation]}

    address = {"value": "first@bench.test", "type": "work", "primary": True}
    three = [address, *({"value": f"{kind}@bench.test", "type": kind} for kind in ("home", "other"))]
    everything = (
        {"op": "replace", "path": "emails", "value": [address | {"value": "new@bench.test"}]},
        {"op": "replace", "path": f"{ENTERPRISE}:manager", "value": last},
        {"op": "replace", "value": {"userName": "person0-again", "phoneNumbers": [{"value": "+47 22 00 00 00"}]}},
    )
    return {
        "change: title": person(op="replace", path="title", value="Chief"),
        "change: name": person(op="replace", path="name.familyName", value="Noether"),
        "change: several": person(op="replace", value={"nickName": "Emmy", "displayName": "Emmy Noether"}),
        "change: title taken away": person(op="remove", path="title"),
        "change: external id": person(op="replace", path="externalId", value="e-1"),
        "change: user name": person(op="replace", path="userName", value="person0-renamed"),
        "change: addresses": person(op="replace", path="emails", value=[address]),
        "change: more addresses": person(op="replace", path="emails", value=three),
        "change: addresses, manager and names": ("PATCH", f"Users/{first}", {"Operations": [*everything]}),
        "change: department": person(op="replace", path=f"{ENTERPRISE}:department", value="Sales"),
        "change: manager": person(op="replace", path=f"{ENTERPRISE}:manager", value=second),
        "change: active, as before": person(op="replace", path="active", value="True"),
        "change: group renamed": whole(op="replace", path="displayName", value="Everyone"),
        "change: member joins": whole(op="add", path="members", value=[{"value": last}]),
        "change: member leaves": whole(op="remove", path=f'members[value eq "{last}"]'),
        "change: a hundred join": whole(op="add", path="members", value=[{"value": one} for one in people[-100:]]),
        "change: a hundred leave": whole(op="remove", path="members", value=[{"value": one} for one in people[-100:]]),
        "change: person replaced": ("PUT", f"Users/{first}", {"userName": "person0", "emails": [address]}),
    }


def _leavers(people: Sequence[str]) -> dict[str, Request]:
    """Members of the large group who leave; how many seats they held is the suite's to vary."""
    ends = {"Operations": [{"op": "replace", "path": "active", "value": False}]}
    return {
        "leaves: inactive": ("PATCH", f"Users/{people[2]}", ends),
        "leaves: deleted": ("DELETE", f"Users/{people[3]}", None),
    }
