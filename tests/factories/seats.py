"""Pools and the seats that are held."""

from itertools import count
from typing import Any

from identity.models import Organization
from seats.models import Assignment, Exemption, PoolSource, ReclamationRule, RemovalCandidate, SeatPool
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


def reclamation_rule(pool: SeatPool, **columns: Any) -> ReclamationRule:
    """A rule for one pool with the usual terms: ninety days without use, fourteen days of notice."""
    values: dict[str, Any] = {
        "name": f"Rule {next(_next)}",
        "pool": pool,
        "created_at": NOW,
        "created_by": "somebody",
        **columns,
    }
    return ReclamationRule.objects.create(organization=pool.organization, **values)


def removal_candidate(assignment: Assignment, **columns: Any) -> RemovalCandidate:
    """A seat that was just selected, by a rule of its pool's own unless one is named."""
    values: dict[str, Any] = {"selected_at": NOW, **columns}
    values.setdefault("rule", None)
    values["rule"] = values["rule"] or reclamation_rule(assignment.pool)
    return RemovalCandidate.objects.create(organization=assignment.organization, assignment=assignment, **values)


def exemption(organization: Organization, **columns: Any) -> Exemption:
    """Of a new person, unless something else is named."""
    values: dict[str, Any] = {"reason": "On leave", "created_at": NOW, "created_by": "somebody", **columns}
    if not {"person", "group", "pool"} & set(values):
        values["person"] = identity.person(organization)
    return Exemption.objects.create(organization=organization, **values)
