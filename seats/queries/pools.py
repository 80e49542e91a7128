"""Reads of pools: what they may hold and do hold at a moment."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from licensing.models import Entitlement, EntitlementState, License
from licensing.rules.facts import LicenseStatus
from licensing.rules.terms import Period
from seats.models import Assignment, Lease, PoolSource, SeatPool
from seats.rules.capacity import PlannedEnd, PoolFacts, Right, ceiling_at, covered_at, rights_valid_at


@dataclass(frozen=True, kw_only=True)
class Ceiling:
    """What a pool may hold and does hold at the moment `at`.

    `covered` is the smaller of the pool's capacity and the rights valid at `at`, `limit` that and the overdraft; both
    None where there is no number.
    """

    used: int
    covered: int | None
    limit: int | None
    at: datetime

    @property
    def free(self) -> int | None:
        """Seats that may still be taken; None when any number may."""
        return None if self.limit is None else max(self.limit - self.used, 0)

    @property
    def excess(self) -> int:
        """Seats held beyond the limit."""
        return 0 if self.limit is None else max(self.used - self.limit, 0)


@dataclass(frozen=True, kw_only=True)
class PoolState(Ceiling):
    """A pool at the moment `at`, as lists, dashboards and scans need it.

    `capacity` is what an administrator or the sources set; None where there is no number. `has_rights`: at least one
    source is valid, or the pool is unlimited and needs none.
    """

    id: UUID
    name: str
    publisher: str
    product_id: UUID
    product: str
    edition: str
    metric: str
    unit: str
    territory: str
    capacity: int | None
    overdraft: int
    hard_limit: bool
    has_rights: bool

    @property
    def utilisation(self) -> float | None:
        """Used seats over the limit: 1.0 when full, more when over-allocated, None without a limit. A pool with a limit
        of 0 is full when seats are held."""
        if self.limit is None:
            return None
        return self.used / self.limit if self.limit else float(self.used > 0)


@dataclass(frozen=True)
class SourceState:
    """A right that feeds a pool: its number, the seats that it brings (None: any number), and whether it holds now."""

    number: str
    seats: int | None
    period: Period
    is_valid: bool


def pools() -> QuerySet[SeatPool]:
    """Pools with what their names are made of."""
    return SeatPool.objects.select_related("product__publisher", "edition", "metric", "scope_unit")


def facts_of(rows: Iterable[SeatPool], *, at: datetime) -> list[tuple[SeatPool, PoolFacts]]:
    """Each of these pools with what the rules need of it; one query for the sources of all. Facts when the caller holds
    the pools' locks, an estimate otherwise. `planned_ends` are left out: they serve refusals alone."""
    listed = list(rows)
    sources = _sources_by_pool(listed)
    return [(pool, _facts(pool, sources[pool.id], at)) for pool in listed]


def pool_states(rows: Iterable[SeatPool], *, at: datetime) -> list[PoolState]:
    """The state of each of these pools (from `pools()`), in their order."""
    return [_state(pool, facts, at) for pool, facts in facts_of(rows, at=at)]


def ceilings(rows: Iterable[SeatPool], *, at: datetime) -> list[Ceiling]:
    """What each of these pools may hold and does hold, in their order: one query."""
    return [
        Ceiling(used=pool.used, covered=covered_at(facts, at), limit=ceiling_at(facts, at), at=at)
        for pool, facts in facts_of(rows, at=at)
    ]


def most_rights(pool: SeatPool, *, at: datetime) -> int | None:
    """The most seats that the pool's sources allow at any one moment from `at` on; None when unlimited."""
    sources = [source for source in _sources_by_pool([pool])[pool.id] if not source.period.ended_by(at)]
    if any(source.quantity is None for source in sources):
        return None
    rights = [Right(source.quantity or 0, source.period) for source in sources]
    begins = {right.period.start for right in rights if right.period.start is not None and right.period.start > at}
    return max(rights_valid_at(rights, moment) for moment in {at, *begins})


def planned_ends(pool_id: UUID, *, at: datetime) -> tuple[PlannedEnd, ...]:
    """When seats of the pool are planned to become free, after `at`: assignments that end, and leases, which their
    clients may renew."""
    rows = Assignment.objects.live().filter(pool_id=pool_id, until__gt=at).values_list("quantity", "until")
    leases = Lease.objects.held().filter(pool_id=pool_id, expires_at__gt=at).values_list("quantity", "expires_at")
    return tuple(PlannedEnd(quantity, until) for quantity, until in (*rows, *leases) if until is not None)


def sources_of(pool_id: UUID, *, at: datetime) -> list[SourceState]:
    """The rights that feed a pool, those in force first and then by their end."""
    rows = PoolSource.objects.filter(pool_id=pool_id).select_related("entitlement", "license")
    states = [_source_state(row, at) for row in rows]
    return sorted(states, key=lambda one: (not one.is_valid, one.period.end is not None, one.period.end or at))


def pool_for(*, product_id: UUID, edition_id: UUID | None, metric_id: UUID, territory: str = "") -> SeatPool | None:
    """The pool that rights for this product, edition, metric and territory feed, for the whole organisation."""
    return SeatPool.objects.filter(
        product_id=product_id,
        edition=edition_id,
        metric_id=metric_id,
        territory=territory,
        scope_unit__isnull=True,
        license__isnull=True,
    ).first()


@dataclass(frozen=True)
class _Source:
    """A right that feeds a pool; `quantity` None: unlimited."""

    quantity: int | None
    period: Period


def _facts(pool: SeatPool, sources: Sequence[_Source], at: datetime) -> PoolFacts:
    """The facts of a pool from its row and its sources.

    An unlimited pool whose unlimited rights have all lapsed, while counted ones still hold, is as large as those.
    """
    endless = [source for source in sources if source.quantity is None]
    unlimited = pool.unlimited and (not sources or any(source.period.holds_at(at) for source in endless))
    counted = sum(source.quantity or 0 for source in sources)
    capacity = None if unlimited else counted if pool.capacity is None else pool.capacity
    return PoolFacts(
        capacity=capacity,
        used=pool.used,
        # In a pool with a capacity an unlimited right covers all of it.
        rights=tuple(
            Right((capacity or 0) if source.quantity is None else source.quantity, source.period) for source in sources
        ),
        unlimited=unlimited,
        hard_limit=pool.hard_limit,
        overdraft=pool.overdraft,
        reserved=pool.reserved,
    )


def _sources_by_pool(rows: Sequence[SeatPool]) -> dict[UUID, list[_Source]]:
    """All sources, also those that are over: the rule decides which of them hold at a moment."""
    found: dict[UUID, list[_Source]] = defaultdict(list)
    for source in PoolSource.objects.filter(pool__in=[row.id for row in rows]).select_related("entitlement", "license"):
        found[source.pool_id].append(_source(source))
    return found


def _source(row: PoolSource) -> _Source:
    if row.entitlement is not None:
        return _Source(row.entitlement.rights, _term_of(row.entitlement))
    if row.license is not None:
        return _Source(row.license.quantity, _term_of_license(row.license))
    raise AssertionError("the constraint seats_pool_source_one_right leaves nothing else")


def _source_state(row: PoolSource, at: datetime) -> SourceState:
    source = _source(row)
    return SourceState(str(row.entitlement or row.license), source.quantity, source.period, source.period.holds_at(at))


def _term_of(right: Entitlement) -> Period:
    in_force = right.state == EntitlementState.ACTIVE
    return Period(right.starts_at, right.ends_at) if in_force else _never(right.starts_at)


def _term_of_license(row: License) -> Period:
    in_force = row.status == LicenseStatus.ACTIVE
    return Period(row.valid_from, row.expires_at) if in_force else _never(row.created_at)


def _never(moment: datetime) -> Period:
    """An empty period: a right that was revoked or suspended is a source still, but covers nothing."""
    return Period(moment, moment)


def _state(pool: SeatPool, facts: PoolFacts, at: datetime) -> PoolState:
    return PoolState(
        id=pool.id,
        name=pool.name,
        publisher=pool.product.publisher.name,
        product_id=pool.product_id,
        product=pool.product.name,
        edition=pool.edition.name if pool.edition else "",
        metric=pool.metric.name,
        unit=pool.scope_unit.name if pool.scope_unit else "",
        territory=pool.territory,
        capacity=pool.capacity,
        overdraft=pool.overdraft,
        hard_limit=pool.hard_limit,
        used=pool.used,
        covered=covered_at(facts, at),
        limit=ceiling_at(facts, at),
        has_rights=(facts.unlimited and not facts.rights) or any(right.period.holds_at(at) for right in facts.rights),
        at=at,
    )
