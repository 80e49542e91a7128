"""Pools: created, fed with rights, and their capacity set lower or higher again."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from identity.models import OrgUnit
from kernel.errors import Conflict, InvalidInput, JsonValue, NotFound
from kernel.trail import Trail
from licensing.models import Edition, Entitlement, EntitlementState, License, Metric, Product
from licensing.rules.facts import LicenseStatus
from seats.models import PoolSource, SeatPool
from seats.queries import most_rights, pool_for


class PoolNotFound(NotFound):
    """There is no such pool in this organisation."""

    code = "POOL_NOT_FOUND"


class PoolExists(Conflict):
    """A pool for this product, edition, metric, unit and territory exists."""

    code = "POOL_EXISTS"


class SourceTaken(Conflict):
    """The right feeds a pool already; in two pools it would count twice."""

    code = "SOURCE_TAKEN"


class SourceDoesNotFit(Conflict):
    """The right is for something else than the pool: another product, edition, metric or territory, or not active."""

    code = "SOURCE_DOES_NOT_FIT"


class CapacityBelowUse(Conflict):
    """More seats are held than the new capacity allows; release some first. Nothing is freed silently."""

    code = "CAPACITY_BELOW_USE"


class CapacityAboveRights(Conflict):
    """The rights that feed the pool do not allow so many seats."""

    code = "CAPACITY_ABOVE_RIGHTS"


class CapacityInvalid(InvalidInput):
    """A capacity is a whole number from 0."""

    code = "CAPACITY_INVALID"


@dataclass(frozen=True, kw_only=True)
class NewPool:
    """What a pool is for. `name` empty: named after product, edition and metric. With a `license` it holds that
    licence's floating seats alone."""

    product: Product
    metric: Metric
    edition: Edition | None = None
    scope_unit: OrgUnit | None = None
    license: License | None = None
    territory: str = ""
    name: str = ""
    overdraft: int = 0
    hard_limit: bool = True


def create_pool(*, pool: NewPool, trail: Trail) -> SeatPool:
    """Creates a pool without capacity; rights that feed it bring the seats. Raises PoolExists."""
    row = SeatPool(
        organization_id=trail.organization_id,
        name=pool.name or _name_of(pool),
        product=pool.product,
        edition=pool.edition,
        metric=pool.metric,
        scope_unit=pool.scope_unit,
        license=pool.license,
        territory=pool.territory,
        overdraft=pool.overdraft,
        hard_limit=pool.hard_limit,
        capacity=0,
        created_at=trail.clock.now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise PoolExists(
            _("A pool for this product, edition and metric exists already."), pointer="/product"
        ) from error
    trail.record(
        "pool.created",
        subject=row,
        details={
            "name": row.name,
            "product": str(row.product_id),
            "edition": _id(row.edition_id),
            "metric": str(row.metric_id),
            "scope_unit": _id(row.scope_unit_id),
            "license": _id(row.license_id),
            "territory": row.territory,
            "overdraft": row.overdraft,
            "hard_limit": row.hard_limit,
        },
    )
    return row


def feed_pool(
    *, pool: SeatPool, trail: Trail, entitlement: Entitlement | None = None, license: License | None = None
) -> PoolSource:
    """Makes a right a source of the pool and raises its capacity by the seats that the right brings.

    A renewal brings what it has more than its predecessor in the same pool, so that the capacity follows the rights
    and not the years. Raises SourceTaken, SourceDoesNotFit and PoolNotFound.
    """
    source = _locked_source(entitlement, license)
    row = locked_pool(pool.id)
    _check_fit(row, source)
    before = row.capacity
    try:
        with transaction.atomic():
            made = PoolSource.objects.create(
                organization_id=trail.organization_id,
                pool=row,
                entitlement=source if isinstance(source, Entitlement) else None,
                license=source if isinstance(source, License) else None,
                created_at=trail.clock.now(),
            )
    except IntegrityError as error:
        raise SourceTaken(_("This right feeds a pool already."), pointer="/entitlement") from error
    _raise_capacity(row, source)
    trail.record(
        "pool.fed",
        subject=row,
        details={
            "entitlement": str(source.id) if isinstance(source, Entitlement) else None,
            "license": str(source.id) if isinstance(source, License) else None,
            "rights": _seats_of(source),
            "capacity_before": before,
            "capacity_after": row.capacity,
        },
    )
    return made


def feed_from(*, entitlement: Entitlement, trail: Trail) -> None:
    """Feeds a right that starts to count into the pool of its product, edition, metric and territory, which is created
    when there is none. A right that was granted to somebody else feeds nothing: its seats are not ours.

    Implements licensing.ports.RightsActivated. Raises what feed_pool raises.
    """
    if entitlement.licensee_id is not None:
        return
    pool = _pool_of(entitlement) or _new_pool_of(entitlement, trail)
    feed_pool(pool=pool, entitlement=entitlement, trail=trail)


def set_capacity(*, pool: SeatPool, capacity: int, trail: Trail) -> SeatPool:
    """Sets how many seats may be given out, at most what the sources allow; the same figure again changes nothing.

    Raises CapacityInvalid, CapacityBelowUse, CapacityAboveRights and PoolNotFound.
    """
    if capacity < 0:
        raise CapacityInvalid(_("A capacity is a whole number from 0."), pointer="/capacity")
    row = locked_pool(pool.id)
    before = row.capacity
    if before == capacity:
        return row
    is_cut = before is None or capacity < before
    if is_cut and capacity + row.overdraft < row.used:
        raise CapacityBelowUse(
            _("%(used)d seats are in use. Release some before the capacity goes below that.") % {"used": row.used},
            pointer="/capacity",
            details={"used": row.used, "overdraft": row.overdraft},
        )
    rights = most_rights(row, at=trail.clock.now())
    if not is_cut and rights is not None and capacity > rights:
        raise CapacityAboveRights(
            _("The rights that feed this pool allow %(rights)d seats.") % {"rights": rights},
            pointer="/capacity",
            details={"rights": rights},
        )
    row.capacity, row.unlimited = capacity, False
    row.save(update_fields=["capacity", "unlimited"])
    trail.record("pool.capacity_changed", subject=row, details={"before": before, "after": capacity, "used": row.used})
    return row


def locked_pool(pool_id: UUID) -> SeatPool:
    """The pool as it is now, its row locked until the end of the transaction. Raises PoolNotFound."""
    return locked_pools([pool_id])[0]


def locked_pools(pool_ids: Collection[UUID]) -> list[SeatPool]:
    """Pools as they are now, their rows locked by ascending id: every change of `used` starts here.
    Raises PoolNotFound when one of them does not exist."""
    rows = list(SeatPool.objects.select_for_update(no_key=True).filter(id__in=pool_ids).order_by("id"))
    if len(rows) != len(set(pool_ids)):
        raise PoolNotFound(_("There is no such pool in your organisation."))
    return rows


def _locked_source(entitlement: Entitlement | None, license: License | None) -> Entitlement | License:
    """Rights are locked before the pool (docs/architecture.md, order of locks)."""
    if entitlement is not None and license is None:
        return Entitlement.objects.select_for_update(no_key=True).get(id=entitlement.id)
    if license is not None and entitlement is None:
        return License.objects.select_for_update(no_key=True).get(id=license.id)
    raise ValueError("a pool is fed by one entitlement or one licence")


def _check_fit(pool: SeatPool, source: Entitlement | License) -> None:
    fits = source.product_id == pool.product_id and source.edition_id == pool.edition_id
    if isinstance(source, Entitlement):
        # A right for everywhere may feed a pool for one territory, never the other way round.
        fits = fits and pool.license_id is None and source.metric_id == pool.metric_id
        fits = fits and source.territory in {"", pool.territory}
        active = source.state == EntitlementState.ACTIVE
    elif pool.license_id is not None:
        # Where its software may run is asked at each check-out.
        fits = fits and source.id == pool.license_id
        active = source.status == LicenseStatus.ACTIVE
    else:
        fits = fits and (source.territories is None or pool.territory in source.territories)
        active = source.status == LicenseStatus.ACTIVE
    if not (fits and active):
        raise SourceDoesNotFit(
            _("Only an active right for the same product, edition, metric and territory can feed this pool."),
            pointer="/entitlement",
        )


def _seats_of(source: Entitlement | License) -> int | None:
    """Seats that a right brings; None when unlimited."""
    return source.rights if isinstance(source, Entitlement) else source.quantity


def _raise_capacity(pool: SeatPool, source: Entitlement | License) -> None:
    seats = _seats_of(source)
    if seats is None or pool.capacity is None:
        pool.unlimited, pool.capacity = True, None
    else:
        pool.capacity += max(seats - _already_counted(pool, source), 0)
    pool.save(update_fields=["unlimited", "capacity"])


def _already_counted(pool: SeatPool, source: Entitlement | License) -> int:
    """The seats that the predecessor of a renewal brought into the same pool."""
    if not isinstance(source, Entitlement) or source.previous_id is None:
        return 0
    previous = Entitlement.objects.filter(id=source.previous_id, pool_sources__pool=pool).first()
    return (previous.rights or 0) if previous else 0


def _pool_of(entitlement: Entitlement) -> SeatPool | None:
    return pool_for(
        product_id=entitlement.product_id,
        edition_id=entitlement.edition_id,
        metric_id=entitlement.metric_id,
        territory=entitlement.territory,
    )


def _new_pool_of(entitlement: Entitlement, trail: Trail) -> SeatPool:
    wanted = NewPool(
        product=entitlement.product,
        edition=entitlement.edition,
        metric=entitlement.metric,
        territory=entitlement.territory,
    )
    try:
        return create_pool(pool=wanted, trail=trail)
    except PoolExists:
        # Somebody else created it between our look and our insert; their commit is visible now.
        made = _pool_of(entitlement)
        if made is None:
            raise
        return made


def _name_of(pool: NewPool) -> str:
    title = f"{pool.product.name} {pool.edition.name}" if pool.edition else pool.product.name
    where = f" ({pool.territory})" if pool.territory else ""
    return f"{title} · {pool.metric.name}{where}"


def _id(value: UUID | None) -> JsonValue:
    return str(value) if value is not None else None
