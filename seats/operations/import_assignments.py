"""The import kind "assignments": rows of a sheet become seats, or observed use where there is no free right."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from identity.models import Device, Organization, Person, PersonEmail
from kernel.errors import Refusal
from kernel.trail import Trail
from licensing.importing.assignments import ASSIGNMENTS, AssignmentRow
from licensing.importing.fields import RowForm
from licensing.importing.findings import Finding, Rule, error, warning
from licensing.importing.rows import ParsedRow
from licensing.importing.texts import comparable
from licensing.models import Edition, ObservedUse, Product, ProductAlias
from licensing.ports import AppliedRow, Change, ImportContext, PlannedRow, RowStatus, left_out
from licensing.rules.reach import Reach
from seats.models import Assignment, AssignmentSource, SeatPool
from seats.operations.assigning import Placed, assign_in_pools
from seats.operations.holders import SeatRequest
from seats.ownership import ASSIGN_OWN, seat_reach
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
NO_RIGHT = warning("NO_RIGHT", _("Nothing gives a right to %(product)s. The use is kept as observed use."))
NO_SEAT_FREE = warning("CAPACITY_EXCEEDED", _("No seat of %(pool)s is free. The use is kept as observed use."))
HOLDER_UNKNOWN = warning(
    "HOLDER_UNKNOWN", _("%(subject)s is not in the directory. The use is kept as observed use of an unknown holder.")
)
HOLDER_GONE = warning(
    "HOLDER_GONE", _("%(subject)s has left or is out of use and can hold no seat. The use is kept as observed use.")
)
SEAT_REFUSED = warning("SEAT_REFUSED", _("No seat was given: %(reason)s The use is kept as observed use."))


@dataclass(frozen=True)
class _Target:
    """What the names of one row mean: a product line, its pool, and the holder as far as the directory knows them."""

    product: Product
    edition: Edition | None
    pool: SeatPool | None
    person: Person | None = None
    device: Device | None = None
    problem: Rule | None = None


@dataclass
class _Book:
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


class AssignmentImport:
    """Implements licensing.ports.ImportKind. A seat is given by the one assign operation, with source "import"."""

    @property
    def needs(self) -> str:
        return ASSIGN_OWN

    @property
    def form(self) -> RowForm[AssignmentRow]:
        return ASSIGNMENTS

    def plan(
        self, rows: Iterable[ParsedRow[AssignmentRow]], context: ImportContext
    ) -> Iterator[PlannedRow[AssignmentRow]]:
        """Looks names up in a fixed number of queries and counts free seats down as the file goes on."""
        book = _read_book(context.at, context)
        for parsed in rows:
            settled = left_out(parsed)
            if settled is not None:
                yield settled
            elif parsed.row is not None:
                yield _planned(parsed, parsed.row, book)

    def apply(
        self, planned: Sequence[PlannedRow[AssignmentRow]], *, context: ImportContext, trail: Trail
    ) -> Sequence[AppliedRow]:
        book = _read_book(trail.clock.now(), context)
        outcomes: dict[int, AppliedRow] = {}
        by_pool: dict[UUID, list[tuple[PlannedRow[AssignmentRow], _Target]]] = defaultdict(list)
        for item in planned:
            target = None if item.row is None else _target(item.row, book)
            if item.row is None or not isinstance(target, _Target) or item.status is RowStatus.SAME:
                outcomes[item.line] = AppliedRow(item.line, item.status, findings=item.findings)
            elif target.pool is None or target.problem is not None:
                outcomes[item.line] = _observe(item, target, context, trail, findings=item.findings)
            else:
                by_pool[target.pool.id].append((item, target))
        outcomes.update(_give_seats(by_pool, book.zone, context, trail))
        return [outcomes[item.line] for item in planned]


def _give_seats(
    by_pool: Mapping[UUID, Sequence[tuple[PlannedRow[AssignmentRow], _Target]]],
    zone: ZoneInfo,
    context: ImportContext,
    trail: Trail,
) -> dict[int, AppliedRow]:
    """All rows of all pools in one call, which locks in order; who got no seat is kept as observed use."""
    wanted = {
        pool_id: [(item, target, _request(item, target, zone)) for item, target in rows]
        for pool_id, rows in by_pool.items()
    }
    placements = assign_in_pools(
        requests={pool_id: [request for _item, _target, request in rows] for pool_id, rows in wanted.items()},
        source=AssignmentSource.IMPORT,
        partial=True,
        trail=trail,
    )
    outcomes: dict[int, AppliedRow] = {}
    for pool_id, rows in wanted.items():
        placed = {one.request.key: one for one in placements[pool_id].placed}
        refused = {left.request.key: left.refusal for left in placements[pool_id].left_out}
        for item, target, request in rows:
            if request.key in placed:
                outcomes[item.line] = _seated(item, placed[request.key])
            else:
                findings = _why_not(item, target, refused[request.key])
                outcomes[item.line] = _observe(item, target, context, trail, findings=findings)
    return outcomes


def _seated(item: PlannedRow[AssignmentRow], placed: Placed) -> AppliedRow:
    """A seat now, whatever the plan feared."""
    status = RowStatus.NEW if placed.is_new else RowStatus.SAME
    findings = tuple(finding for finding in item.findings if finding.rule is not NO_SEAT_FREE)
    row = placed.assignment
    return AppliedRow(item.line, status, row._meta.label, str(row.id), findings=findings)


def _why_not(item: PlannedRow[AssignmentRow], target: _Target, refusal: Refusal) -> tuple[Finding, ...]:
    """The findings of the plan, and what the operation added to them."""
    if refusal.code != "CAPACITY_EXCEEDED":
        return (*item.findings, Finding(item.line, "", "", "", SEAT_REFUSED, {"reason": refusal.message}))
    if any(finding.code == "CAPACITY_EXCEEDED" for finding in item.findings) or target.pool is None:
        return item.findings
    name = target.pool.name
    return (*item.findings, Finding(item.line, "product", "", name, NO_SEAT_FREE, {"pool": name}))


def _request(item: PlannedRow[AssignmentRow], target: _Target, zone: ZoneInfo) -> SeatRequest:
    row = item.row
    if row is None:
        raise ValueError("a line that is left out asks for nothing")
    return SeatRequest(
        person=target.person,
        device=target.device,
        external_holder=row.external_holder or "",
        quantity=row.quantity,
        since=_midnight(row.since, zone),
        reason=row.reason or "",
    )


def _observe(
    item: PlannedRow[AssignmentRow],
    target: _Target,
    context: ImportContext,
    trail: Trail,
    *,
    findings: tuple[Finding, ...],
) -> AppliedRow:
    """Keeps the use as demand; the same subject and product twice is one row, whose last use moves on."""
    row = item.row
    if row is None:
        raise ValueError("a line that is left out uses nothing")
    zone = ZoneInfo(Organization.objects.values_list("time_zone", flat=True).get(id=context.organization_id))
    name = "" if target.person or target.device else row.subject
    last_used = _midnight(row.last_used, zone)
    use, created = ObservedUse.objects.get_or_create(
        organization_id=trail.organization_id,
        product=target.product,
        edition=target.edition,
        person=target.person,
        device=target.device,
        external_subject_lower=name.lower(),
        ended_at=None,
        defaults={
            "external_subject": name,
            "quantity": row.quantity,
            "since": _midnight(row.since, zone) or trail.clock.now(),
            "last_used_at": last_used,
            "source": context.source or "import",
            "batch_id": context.batch_id,
            "created_at": trail.clock.now(),
        },
    )
    if created:
        trail.record(
            "observed_use.recorded",
            subject=use,
            details={"product": str(target.product.id), "quantity": use.quantity, "batch": str(context.batch_id or "")},
        )
    elif last_used is not None and (use.last_used_at is None or last_used > use.last_used_at):
        use.last_used_at = last_used
        use.save(update_fields=["last_used_at"])
        trail.record("observed_use.seen", subject=use, details={"last_used_at": last_used.isoformat()})
    status = RowStatus.WARNING if created else RowStatus.SAME
    return AppliedRow(item.line, status, use._meta.label, str(use.id), findings=findings)


def _planned(parsed: ParsedRow[AssignmentRow], row: AssignmentRow, book: _Book) -> PlannedRow[AssignmentRow]:
    target = _target(row, book)
    if isinstance(target, Rule):
        finding = Finding(parsed.line, "product", "", row.product, target, {"product": row.product})
        return PlannedRow(parsed.line, RowStatus.ERROR, findings=(*parsed.findings, finding))
    subject = _subject_key(row, target)
    if target.pool is not None and (target.pool.id, subject) in book.held:
        return PlannedRow(parsed.line, RowStatus.SAME, row, findings=parsed.findings)
    problem = target.problem or _capacity_problem(row, target, book)
    if problem is not None:
        if _observed_key(row, target) in book.observed:
            return PlannedRow(parsed.line, RowStatus.SAME, row, findings=parsed.findings)
        return PlannedRow(
            parsed.line,
            RowStatus.WARNING,
            row,
            (Change("observed_use", "", row.subject),),
            (*parsed.findings, _explained(parsed.line, row, target, problem)),
        )
    if target.pool is not None:
        book.held.add((target.pool.id, subject))
    return PlannedRow(parsed.line, RowStatus.NEW, row, (Change("seat", "", row.subject),), parsed.findings)


def _explained(line: int, row: AssignmentRow, target: _Target, problem: Rule) -> Finding:
    details: dict[str, str | int] = {
        "product": row.product,
        "subject": row.subject,
        "pool": target.pool.name if target.pool else "",
    }
    where = "product" if problem in {NO_RIGHT, NO_SEAT_FREE} else "user_name"
    return Finding(line, where, "", row.product if where == "product" else row.subject, problem, details)


def _capacity_problem(row: AssignmentRow, target: _Target, book: _Book) -> Rule | None:
    if target.pool is None:
        return NO_RIGHT
    free = book.free[target.pool.id]
    if free is None:
        return None
    if row.quantity > free:
        return NO_SEAT_FREE
    book.free[target.pool.id] = free - row.quantity
    return None


def _target(row: AssignmentRow, book: _Book) -> _Target | Rule:
    """What the row means, or the rule that its product's name breaks."""
    found = _product(row, book)
    if isinstance(found, Rule):
        return found
    product, edition = found
    if not book.reach.covers(product.id):
        return NOT_YOURS
    pool = _pool(row, product, edition, book)
    if row.subject_kind == "external":
        return _Target(product, edition, pool)
    if row.subject_kind == "device":
        device = next((book.devices[name] for name in _device_names(row) if name in book.devices), None)
        problem = HOLDER_UNKNOWN if device is None else HOLDER_GONE if device.retired_at is not None else None
        return _Target(product, edition, pool, device=device, problem=problem)
    person = next((book.people[name] for name in _person_names(row) if name in book.people), None)
    problem = HOLDER_UNKNOWN if person is None else None if person.active else HOLDER_GONE
    return _Target(product, edition, pool, person=person, problem=problem)


def _product(row: AssignmentRow, book: _Book) -> tuple[Product, Edition | None] | Rule:
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


def _pool(row: AssignmentRow, product: Product, edition: Edition | None, book: _Book) -> SeatPool | None:
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


def _subject_key(row: AssignmentRow, target: _Target) -> str:
    holder = target.person or target.device
    return str(holder.id) if holder else (row.external_holder or "").strip().lower()


def _observed_key(row: AssignmentRow, target: _Target) -> tuple[UUID, UUID | None, str]:
    holder = target.person or target.device
    subject = str(holder.id) if holder else row.subject.lower()
    return target.product.id, target.edition.id if target.edition else None, subject


def _read_book(at: datetime, context: ImportContext) -> _Book:
    pools: dict[tuple[UUID, UUID | None], list[SeatPool]] = defaultdict(list)
    free: dict[UUID, int | None] = {}
    rows = SeatPool.objects.select_related("metric").filter(scope_unit__isnull=True).order_by("created_at", "id")
    for pool, facts in facts_of(rows, at=at):
        pools[pool.product_id, pool.edition_id].append(pool)
        free[pool.id] = admits(facts, quantity=1, at=at).free
    book = _Book(
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


def _read_directory(book: _Book) -> None:
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


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, tzinfo=zone)
