"""Pools and the seats that are held."""

from itertools import count
from typing import Any

from identity.models import Organization
from seats.models import Assignment, PoolSource, SeatPool
from tests.factories import identity, licensing
from tests.factories.moments import NOW

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
