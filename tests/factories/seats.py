"""Pools and the seats that are held."""

from itertools import count
from typing import Any

from identity.models import Organization
from seats.models import Assignment, Departure, GroupRule, LeavingPolicy, PoolSource, SeatClaim, SeatPool
from tests.factories import identity, licensing
from tests.factories.moments import NOW, days

_next = count(1)


def pool(organization: Organization, **columns: Any) -> SeatPool:
    """A hard pool of ten seats, none of them used."""
    values: dict[str, Any] = {"name": f"Pool {next(_next)}", "capacity": 10, "created_at": NOW, **columns}
    if "product" not in values:
        values["product"] = licensing.product(organization)
    if "metric" not in values:
        values["metric"] = licensing.metric(organization)
    return SeatPool.objects.create(organization=organization, **values)


def source(pool: SeatPool, **columns: Any) -> PoolSource:
    return PoolSource.objects.create(organization=pool.organization, pool=pool, created_at=NOW, **columns)


def assignment(pool: SeatPool, **columns: Any) -> Assignment:
    """One seat of a new person; a device or an external holder instead when named. `pool.used` stays as it is."""
    values: dict[str, Any] = {"since": NOW, "source": "admin", "created_at": NOW, **columns}
    if not {"person", "device", "external_holder"} & set(values):
        values["person"] = identity.person(pool.organization)
    values.setdefault("external_holder_lower", values.get("external_holder", "").lower())
    return Assignment.objects.create(organization=pool.organization, pool=pool, **values)


def group_rule(organization: Organization, **columns: Any) -> GroupRule:
    """A rule in force of a new group and a new pool, unless they are named."""
    values: dict[str, Any] = {"created_at": NOW, "created_by": "somebody", **columns}
    if "group" not in values:
        values["group"] = identity.group(organization)
    if "pool" not in values:
        values["pool"] = pool(organization)
    if values["group"] is not None:
        values.setdefault("group_name", values["group"].display_name)
    return GroupRule.objects.create(organization=organization, **values)


def claim(pool: SeatPool, **columns: Any) -> SeatClaim:
    """Somebody who came back and waits for a seat."""
    values: dict[str, Any] = {"kind": "return", "created_at": NOW, "code": "CAPACITY_EXCEEDED", **columns}
    if "person" not in values:
        values["person"] = identity.person(pool.organization)
    return SeatClaim.objects.create(organization=pool.organization, pool=pool, **values)


def leaving_policy(organization: Organization, **columns: Any) -> LeavingPolicy:
    return LeavingPolicy.objects.create(organization=organization, updated_at=NOW, **columns)


def departure(organization: Organization, **columns: Any) -> Departure:
    """Somebody who left and whose seats are gone."""
    values: dict[str, Any] = {
        "left_at": NOW,
        "state": "released",
        "return_until": days(14),
        "updated_at": NOW,
        **columns,
    }
    if "person" not in values:
        values["person"] = identity.person(organization, active=False, left_at=NOW)
    return Departure.objects.create(organization=organization, **values)
