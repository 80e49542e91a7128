"""What the names in a sheet of assignments mean: products, pools and holders, read once and looked up row by row."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from identity.models import Device, Organization, Person
from licensing.importing.assignments import AssignmentRow
from licensing.importing.findings import Rule, error, warning
from licensing.importing.texts import comparable
from licensing.models import Edition, ObservedUse, Product
from licensing.ports import ImportContext
from licensing.queries.imported_names import DirectoryNames, ProductNames
from licensing.rules.reach import Reach
from seats.models import Assignment, SeatPool
from seats.ownership import seat_reach
from seats.queries import facts_of
from seats.rules.capacity import admits

NOT_YOURS = error("PRODUCT_NOT_OWNED", _("You do not answer for %(product)s; its owner imports this line."))
HOLDER_UNKNOWN = warning(
    "HOLDER_UNKNOWN", _("%(subject)s is not in the directory. The use is kept as observed use of an unknown holder.")
)
HOLDER_GONE = warning(
    "HOLDER_GONE", _("%(subject)s has left or is out of use and can hold no seat. The use is kept as observed use.")
)


@dataclass(frozen=True)
class Target:
    """What the names of one row mean: a product line, its pool, and the holder as far as the directory knows them."""

    product: Product
    edition: Edition | None
    pool: SeatPool | None
    person: Person | None = None
    device: Device | None = None
    problem: Rule | None = None


@dataclass
class Book:
    """Everything that rows are looked up in, read once per file or chunk."""

    zone: ZoneInfo
    reach: Reach
    products: ProductNames
    editions: Mapping[tuple[UUID, str], Edition]
    pools: Mapping[tuple[UUID, UUID | None], Sequence[SeatPool]]
    free: dict[UUID, int | None]
    held: set[tuple[UUID, str]]
    observed: Mapping[tuple[UUID, UUID | None, str], ObservedUse]
    directory: DirectoryNames


def target_of(row: AssignmentRow, book: Book) -> Target | Rule:
    """What the row means, or the rule that its product's name breaks."""
    found = _product(row, book)
    if isinstance(found, Rule):
        return found
    product, edition = found
    if not book.reach.covers(product.id):
        return NOT_YOURS
    pool = _pool(row, product, edition, book)
    if row.subject_kind == "external":
        return Target(product, edition, pool)
    if row.subject_kind == "device":
        device = book.directory.device(hostname=row.hostname, serial_number=row.serial_number)
        problem = HOLDER_UNKNOWN if device is None else HOLDER_GONE if device.retired_at is not None else None
        return Target(product, edition, pool, device=device, problem=problem)
    person = book.directory.person(user_name=row.user_name, email=row.email, employee_number=row.employee_number)
    problem = HOLDER_UNKNOWN if person is None else None if person.active else HOLDER_GONE
    return Target(product, edition, pool, person=person, problem=problem)


def _product(row: AssignmentRow, book: Book) -> tuple[Product, Edition | None] | Rule:
    found = book.products.meant(product=row.product, publisher=row.publisher)
    if isinstance(found, Rule):
        return found
    product, edition = found
    if row.edition:
        edition = book.editions.get((product.id, comparable(row.edition)), edition)
    return product, edition


def _pool(row: AssignmentRow, product: Product, edition: Edition | None, book: Book) -> SeatPool | None:
    """The pool of the product line whose metric counts this kind of holder; a row without an edition takes the only
    edition that has a pool."""
    pools = list(book.pools.get((product.id, edition.id if edition else None), ()))
    if not pools and edition is None:
        pools = [
            pool for (product_id, _edition), rows in book.pools.items() if product_id == product.id for pool in rows
        ]
        if len(pools) > 1:
            return None
    fitting = [pool for pool in pools if pool.metric.subject == row.subject_kind]
    return next(iter(fitting or pools), None)


def subject_key(row: AssignmentRow, target: Target) -> str:
    holder = target.person or target.device
    return str(holder.id) if holder else (row.external_holder or "").strip().lower()


def observed_key(row: AssignmentRow, target: Target) -> tuple[UUID, UUID | None, str]:
    holder = target.person or target.device
    subject = str(holder.id) if holder else row.subject.lower()
    return target.product.id, target.edition.id if target.edition else None, subject


def read_book(at: datetime, context: ImportContext) -> Book:
    pools: dict[tuple[UUID, UUID | None], list[SeatPool]] = defaultdict(list)
    free: dict[UUID, int | None] = {}
    rows = SeatPool.objects.select_related("metric").filter(scope_unit__isnull=True).order_by("created_at", "id")
    for pool, facts in facts_of(rows, at=at):
        pools[pool.product_id, pool.edition_id].append(pool)
        free[pool.id] = admits(facts, quantity=1, at=at).free
    return Book(
        zone=ZoneInfo(Organization.objects.values_list("time_zone", flat=True).get(id=context.organization_id)),
        reach=seat_reach(context.actor),
        products=ProductNames.read(),
        editions={(row.product_id, comparable(row.name)): row for row in Edition.objects.all()},
        pools=pools,
        free=free,
        held=_held(),
        observed={
            (row.product_id, row.edition_id, str(row.person_id or row.device_id or row.external_subject_lower)): row
            for row in ObservedUse.objects.live()
        },
        directory=DirectoryNames.read(),
    )


def _held() -> set[tuple[UUID, str]]:
    return {(row.pool_id, holder_of(row)) for row in Assignment.objects.live().iterator(chunk_size=2000)}


def holder_of(row: Assignment) -> str:
    return str(row.person_id or row.device_id) if not row.external_holder_lower else row.external_holder_lower
