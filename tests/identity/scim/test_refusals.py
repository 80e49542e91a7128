"""What is refused: each in the log, the first of its kind in the ledger, and how many followed once an hour."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.queries import events
from identity.models import ProvisioningEntry
from identity.operations.provisioning import count_refusals, create_scim_token
from kernel.clock import DatabaseClock, FixedClock
from kernel.principal import Principal, ScopeInsufficient
from tests.identity.scim.service import USER, Service, error, service

pytestmark = pytest.mark.django_db


@pytest.fixture
def one() -> Service:
    return service()


def told(one: Service) -> list[dict[str, Any]]:
    """The details of the refusals that the ledger knows of."""
    with one.tenant.reading():
        return [json.loads(row.body)["details"] for row in events() if row.kind == "provisioning.refused"]


def taken(one: Service, count: int) -> None:
    """So many requests for a name that somebody has."""
    for _ in range(count):
        error(one.post("Users", {"schemas": [USER], "userName": "taken"}), 409, "uniqueness")


def an_hour_passes(one: Service) -> None:
    """The moments of the log move back; the clock of a database stands where it stands."""
    with one.tenant.reading():
        for row in ProvisioningEntry.objects.all():
            ProvisioningEntry.objects.filter(id=row.id).update(at=row.at - timedelta(minutes=61))


def counted(one: Service) -> None:
    count_refusals(one.tenant.organization.id, DatabaseClock())


def test_a_directory_that_repeats_itself_fills_the_log_and_not_the_ledger(one: Service):
    """Of six equal refusals the ledger has the first at once and the other five as one entry, when the hour is over;
    the log has all six with their cause."""
    one.user("taken")
    taken(one, 6)
    assert [entry["count"] for entry in told(one)] == [1]
    counted(one)
    assert len(told(one)) == 1
    an_hour_passes(one)
    counted(one)
    counted(one)
    first, rest = told(one)
    assert (first["count"], rest["count"]) == (1, 5)
    assert {name: rest[name] for name in ("verb", "resource_type", "status", "scim_type")} == {
        "verb": "POST",
        "resource_type": "User",
        "status": 409,
        "scim_type": "uniqueness",
    }
    assert rest["since"] <= rest["until"]
    with one.tenant.reading():
        log = ProvisioningEntry.objects.filter(outcome="refused")
        assert (log.count(), log.filter(in_ledger=False).count()) == (6, 0)
        assert len({row.detail for row in log}) == 1
        assert all(row.detail for row in log)


def test_a_steady_flood_is_an_entry_an_hour(one: Service):
    """What was counted lately is counted again in the next hour and not told of one by one."""
    one.user("taken")
    taken(one, 2)
    an_hour_passes(one)
    taken(one, 3)
    assert [entry["count"] for entry in told(one)] == [1, 1]
    counted(one)
    an_hour_passes(one)
    counted(one)
    assert [entry["count"] for entry in told(one)] == [1, 1, 3]


def test_refusals_of_another_kind_are_told_of_at_once(one: Service):
    """Another status, another request, another token: each is a kind of its own."""
    somebody = one.user("taken")
    taken(one, 2)
    assert one.post("Users", {"schemas": [USER], "userName": ""}).status_code == 400
    assert one.send("DELETE", "Users/01a217ad-54ad-73db-8af8-9997adfa696e").status_code == 404
    assert one.patch(f"Users/{somebody['id']}", {"op": "remove", "path": "userName"}).status_code == 400
    with one.tenant.writing() as trail:
        other = Service(one.tenant, create_scim_token(name="Other", trail=trail).token)
    taken(other, 1)
    entries = told(one)
    assert [entry["count"] for entry in entries] == [1] * 5
    assert len({(entry["token"], entry["verb"], entry["status"]) for entry in entries}) == 5


def test_other_organisations_are_counted_apart(one: Service):
    """The task of one organisation counts no refusal of another."""
    other = service()
    for each in (one, other):
        each.user("taken")
        taken(each, 3)
        an_hour_passes(each)
    counted(one)
    assert [[entry["count"] for entry in told(each)] for each in (one, other)] == [[1, 2], [1]]


def test_only_refusals_wait(one: Service):
    """The database refuses a change that was done and is not in the ledger."""
    one.user("somebody")
    with one.tenant.reading(), pytest.raises(IntegrityError), transaction.atomic():
        ProvisioningEntry.objects.filter(outcome="done").update(in_ledger=False)


def test_counting_costs_one_read_when_nothing_waits(one: Service, django_assert_max_num_queries):
    """Each minute for each organisation: the scope, which PostgreSQL is told of and forgets again, and one read."""
    one.user("taken")
    clock = FixedClock(DatabaseClock().now())
    with django_assert_max_num_queries(5):
        count_refusals(one.tenant.organization.id, clock)


def test_a_token_without_the_scope_says_so(one: Service, monkeypatch):
    """403 in the words of SCIM, and WWW-Authenticate with the scope that would do (RFC 6750 §3.1)."""

    def refused(self: Principal, permission: str) -> None:
        raise ScopeInsufficient("no", details={"permission": permission, "scope": "scim"})

    monkeypatch.setattr(Principal, "require", refused)
    answer = one.post("Users", {"schemas": [USER], "userName": "x"})
    error(answer, 403)
    assert 'error="insufficient_scope", scope="scim"' in answer["WWW-Authenticate"]
    assert answer["WWW-Authenticate"].endswith('/.well-known/oauth-protected-resource/scim"')
