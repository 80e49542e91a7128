"""Which pool a licence's floating seats come from, and on what terms."""

from collections.abc import Mapping
from dataclasses import asdict
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from identity.models import DirectoryGroup, Person
from kernel.errors import InvalidInput
from kernel.trail import Trail
from licensing.models import License
from licensing.operations import standard_metrics
from licensing.operations.license_states import locked_license
from seats.models import LeasePolicy, LeasePriority, PoolSource, SeatPool
from seats.operations.pools import NewPool, create_pool, feed_pool, locked_pool
from seats.queries import most_rights
from seats.rules.leases import LeaseTerms, best_priority

CONCURRENT = "concurrent_user"


class LeaseTermsInvalid(InvalidInput):
    """A length, a share or a priority is out of its range."""

    code = "LEASE_TERMS_INVALID"


def pool_of_license(*, license: License, trail: Trail) -> UUID:
    """The pool that the licence feeds; a pool of its own, as large as the licence, comes into being with the first
    check-out. Locks the licence only then."""
    fed = PoolSource.objects.filter(license_id=license.id).values_list("pool_id", flat=True)
    if (pool_id := fed.first()) is not None:
        return pool_id
    row = locked_license(license_id=license.id)
    if (pool_id := fed.first()) is not None:
        return pool_id
    metric = standard_metrics(trail=trail)[CONCURRENT]
    name = f"{row.product.name} · {row.number}"
    wanted = NewPool(product=row.product, edition=row.edition, metric=metric, license=row, name=name)
    pool = create_pool(pool=wanted, trail=trail)
    feed_pool(pool=pool, license=row, trail=trail)
    return pool.id


def follow_quantity(*, license: License, before: int, trail: Trail) -> None:
    """A licence got more units: its pool may hold as many more, at most what its sources allow. Fewer need nothing:
    rights are read again at every check-out. Implements licensing.ports.QuantityChanged."""
    source = PoolSource.objects.filter(license_id=license.id).first()
    if source is None or license.quantity <= before:
        return
    pool = locked_pool(source.pool_id)
    rights = most_rights(pool, at=trail.clock.now())
    if pool.capacity is None or rights is None:
        return
    old, pool.capacity = pool.capacity, max(pool.capacity, min(pool.capacity + license.quantity - before, rights))
    pool.save(update_fields=["capacity"])
    trail.record(
        "pool.capacity_changed", subject=pool, details={"before": old, "after": pool.capacity, "used": pool.used}
    )


def set_lease_terms(*, pool: SeatPool, terms: LeaseTerms, trail: Trail) -> LeasePolicy:
    """Sets how floating seats of a pool are handed out; leases that run keep the end that they were told.
    Raises PoolNotFound."""
    row = locked_pool(pool.id)
    values = {**asdict(terms), "holding": terms.holding.value, "updated_at": trail.clock.now()}
    policy = LeasePolicy.objects.filter(pool=row).first()
    if policy is None:
        policy = LeasePolicy.objects.create(organization_id=trail.organization_id, pool=row, **values)
    else:
        for name, value in values.items():
            setattr(policy, name, value)
        policy.save(update_fields=list(values))
    details = {name: value for name, value in values.items() if name != "updated_at"}
    trail.record("lease.terms_set", subject=row, details=details)
    return policy


def read_terms(*, given: Mapping[str, object]) -> LeaseTerms:
    """Terms from what somebody sent, checked. Raises LeaseTermsInvalid."""
    try:
        terms = LeaseTerms(**given)  # type: ignore[arg-type]  # a wrong name or type is a TypeError
    except (TypeError, ValueError) as error:
        raise LeaseTermsInvalid(_("These terms are out of their range."), pointer="/lease_seconds") from error
    return terms


def set_lease_priority(
    *, pool: SeatPool, priority: int | None, trail: Trail, department: str = "", group: DirectoryGroup | None = None
) -> None:
    """Sets the priority (1 to 9, 1 goes first) of a department or directory group in the queue of a pool; None takes it
    away. Those who wait keep their place. Raises LeaseTermsInvalid and PoolNotFound."""
    department = department.strip().lower()
    if bool(department) is (group is not None):
        raise LeaseTermsInvalid(_("Name a department or a group, one of them."), pointer="/department")
    if priority is not None and not 1 <= priority <= 9:
        raise LeaseTermsInvalid(_("A priority is a number from 1 to 9."), pointer="/priority")
    row = locked_pool(pool.id)
    LeasePriority.objects.filter(pool=row, department=department, group=group).delete()
    if priority is not None:
        LeasePriority.objects.create(
            organization_id=trail.organization_id, pool=row, department=department, group=group, priority=priority
        )
    trail.record(
        "lease.priority_set",
        subject=row,
        details={"department": department, "group": str(group.id) if group else None, "priority": priority},
    )


def priority_of(*, pool_id: UUID, department: str, person: Person | None) -> int:
    """The best priority of those that hold for a department or for a group of the person; the usual one otherwise."""
    mine = Q(department=department.lower()) & ~Q(department="")
    if person is not None:
        mine |= Q(group__members__person=person)
    return best_priority(list(LeasePriority.objects.filter(mine, pool_id=pool_id).values_list("priority", flat=True)))
