"""What the names in a sheet of assignments mean: products, pools and holders, read once and looked up row by row."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from identity.models import Device, Organization, Person, PersonEmail
from licensing.importing.assignments import AssignmentRow
from licensing.importing.findings import Rule, error, warning
from licensing.importing.texts import comparable
from licensing.models import Edition, ObservedUse, Product, ProductAlias
from licensing.ports import ImportContext
from licensing.rules.reach import Reach
from seats.models import Assignment, SeatPool
from seats.ownership import seat_reach
from seats.queries import facts_of
from seats.rules.capacity import admits

PRODUCT_UNKNOWN = error(
    "PRODUCT_UNKNOWN",
    _("%(product)s is not in the catalogue. Import its entitlement first, or record this spelling as another name."),
)
PRODUCT_AMBIGUOUS = error(
    "PRODUCT_AMBIGUOUS", _("More than one publisher has a product called %(product)s. Name the publisher.")
)
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
    products: Mapping[str, Sequence[Product]]
    aliases: Mapping[str, tuple[Product, Edition | None]]
    editions: Mapping[tuple[UUID, str], Edition]
    pools: Mapping[tuple[UUID, UUID | None], Sequence[SeatPool]]
    free: dict[UUID, int | None]
    held: set[tuple[UUID, str]]
    observed: Mapping[tuple[UUID, UUID | None, str], ObservedUse]
    people: dict[str, Person] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)


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
        device = next((book.devices[name] for name in _device_names(row) if name in book.devices), None)
        problem = HOLDER_UNKNOWN if device is None else HOLDER_GONE if device.retired_at is not None else None
        return Target(product, edition, pool, device=device, problem=problem)
    person = next((book.people[name] for name in _person_names(row) if name in book.people), None)
    problem = HOLDER_UNKNOWN if person is None else None if person.active else HOLDER_GONE
    return Target(product, edition, pool, person=person, problem=problem)


def _product(row: AssignmentRow, book: Book) -> tuple[Product, Edition | None] | Rule:
    spelt = comparable(row.product)
    candidates = [
        product
        for product in book.products.get(spelt, ())
        if not row.publisher or comparable(row.publisher) == comparable(product.publisher.name)
    ]
    if len(candidates) > 1:
        return PRODUCT_AMBIGUOUS
    alias = book.aliases.get(spelt)
    if not candidates and alias is None:
        return PRODUCT_UNKNOWN
    product, edition = (candidates[0], None) if candidates or alias is None else alias
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


def _person_names(row: AssignmentRow) -> list[str]:
    said = (("user", row.user_name), ("mail", row.email), ("number", row.employee_number))
    return [f"{kind}:{value.lower()}" for kind, value in said if value]


def _device_names(row: AssignmentRow) -> list[str]:
    said = (("host", row.hostname), ("serial", row.serial_number))
    return [f"{kind}:{value.lower()}" for kind, value in said if value]


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
    own = SeatPool.objects.filter(scope_unit__isnull=True, license__isnull=True)
    rows = own.select_related("metric").order_by("created_at", "id")
    for pool, facts in facts_of(rows, at=at):
        pools[pool.product_id, pool.edition_id].append(pool)
        free[pool.id] = admits(facts, quantity=1, at=at).free
    book = Book(
        zone=ZoneInfo(Organization.objects.values_list("time_zone", flat=True).get(id=context.organization_id)),
        reach=seat_reach(context.actor),
        products=_products_by_spelling(),
        aliases={
            row.alias_normalised: (row.product, row.edition)
            for row in ProductAlias.objects.select_related("product__publisher", "edition")
        },
        editions={(row.product_id, comparable(row.name)): row for row in Edition.objects.all()},
        pools=pools,
        free=free,
        held=_held(),
        observed={
            (row.product_id, row.edition_id, str(row.person_id or row.device_id or row.external_subject_lower)): row
            for row in ObservedUse.objects.live()
        },
    )
    _read_directory(book)
    return book


def _products_by_spelling() -> Mapping[str, Sequence[Product]]:
    found: dict[str, list[Product]] = defaultdict(list)
    for row in Product.objects.select_related("publisher"):
        found[comparable(row.name)].append(row)
    return found


def _held() -> set[tuple[UUID, str]]:
    return {(row.pool_id, holder_of(row)) for row in Assignment.objects.live().iterator(chunk_size=2000)}


def holder_of(row: Assignment) -> str:
    return str(row.person_id or row.device_id) if not row.external_holder_lower else row.external_holder_lower


def _read_directory(book: Book) -> None:
    for person in Person.objects.filter(deleted_at__isnull=True).order_by("created_at").iterator(chunk_size=2000):
        book.people[f"user:{person.user_name_lower}"] = person
        if person.employee_number:
            book.people[f"number:{person.employee_number.lower()}"] = person
    by_id = {person.id: person for person in book.people.values()}
    addresses = PersonEmail.objects.filter(person__deleted_at__isnull=True)
    for person_id, address in addresses.values_list("person_id", "value_lower").iterator():
        book.people.setdefault(f"mail:{address}", by_id[person_id])
    for device in Device.objects.iterator(chunk_size=2000):
        book.devices[f"host:{device.hostname_lower}"] = device
        if device.serial:
            book.devices[f"serial:{device.serial.lower()}"] = device
