"""Pools and the seats that are held."""

from itertools import count
from typing import Any

from django.db.models import F

from identity.models import Organization
from seats.models import (
    Assignment,
    Departure,
    Eligibility,
    Exemption,
    GroupRule,
    Lease,
    LeaseDenial,
    LeasePolicy,
    LeasePriority,
    LeavingPolicy,
    PoolSource,
    ReclamationRule,
    RemovalCandidate,
    Reservation,
    SeatClaim,
    SeatPool,
)
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
    """One seat of a new person; a device or an external holder instead when named. The pool counts it."""
    values: dict[str, Any] = {"since": NOW, "source": "admin", "created_at": NOW, **columns}
    if not {"person", "device", "external_holder"} & set(values):
        values["person"] = identity.person(pool.organization)
    values.setdefault("external_holder_lower", values.get("external_holder", "").lower())
    if values.get("released_at") is None:
        SeatPool.objects.filter(id=pool.id).update(used=F("used") + values.get("quantity", 1))
    return Assignment.objects.create(organization=pool.organization, pool=pool, **values)


def reservation(pool: SeatPool, *, quantity: int = 1, **columns: Any) -> Reservation:
    """Seats kept for a new unit, or for the unit or group named; counted in `reserved` of the pool."""
    if not {"unit", "group"} & set(columns):
        columns["unit"] = identity.unit(pool.organization)
    SeatPool.objects.filter(id=pool.id).update(reserved=F("reserved") + quantity)
    values: dict[str, Any] = {"reason": "New team", "set_at": NOW, "set_by": "somebody", **columns}
    return Reservation.objects.create(organization=pool.organization, pool=pool, quantity=quantity, **values)


def eligibility(pool: SeatPool, **columns: Any) -> Eligibility:
    """A new person, or whoever is named, may use the pool."""
    if not {"person", "group"} & set(columns):
        columns["person"] = identity.person(pool.organization)
    values: dict[str, Any] = {"reason": "Trained", "added_at": NOW, "added_by": "somebody", **columns}
    return Eligibility.objects.create(organization=pool.organization, pool=pool, **values)


def lease(pool: SeatPool, **columns: Any) -> Lease:
    """An active session of a new floating licence. `pool.used` stays as it is."""
    values: dict[str, Any] = {
        "holder_key": f"{next(_next):064x}",
        "user": "anna",
        "user_lower": "anna",
        "state": "active",
        "asked_at": NOW,
        "acquired_at": NOW,
        "seen_at": NOW,
        "expires_at": days(1),
        **columns,
    }
    if "license" not in values:
        kind = licensing.license_type(pool.product, model="floating", duration_months=0)
        values["license"] = licensing.license(kind)
    return Lease.objects.create(organization=pool.organization, pool=pool, **values)


def lease_policy(pool: SeatPool, **columns: Any) -> LeasePolicy:
    values: dict[str, Any] = {"updated_at": NOW, **columns}
    return LeasePolicy.objects.create(organization=pool.organization, pool=pool, **values)


def lease_priority(pool: SeatPool, **columns: Any) -> LeasePriority:
    values: dict[str, Any] = {"priority": 1, **columns}
    return LeasePriority.objects.create(organization=pool.organization, pool=pool, **values)


def lease_denial(pool: SeatPool, **columns: Any) -> LeaseDenial:
    values: dict[str, Any] = {"license_id": pool.id, "quantity": 1, "used": 10, "at": NOW, **columns}
    return LeaseDenial.objects.create(organization=pool.organization, pool_id=pool.id, **values)


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
