"""The import kind "assignments": rows of a sheet become seats, or observed use where there is no free right."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refusal
from kernel.trail import Trail
from licensing.importing.assignments import ASSIGNMENTS, AssignmentRow
from licensing.importing.fields import RowForm
from licensing.importing.findings import Finding, Rule, warning
from licensing.importing.rows import ParsedRow
from licensing.models import ObservedUse
from licensing.ports import AppliedRow, Change, ImportContext, PlannedRow, RowStatus, left_out
from seats.models import AssignmentSource
from seats.operations.assigning import Placed, assign_in_pools
from seats.operations.assignment_book import Book, Target, observed_key, read_book, subject_key, target_of
from seats.operations.holders import SeatRequest
from seats.ownership import ASSIGN_OWN

NO_RIGHT = warning("NO_RIGHT", _("Nothing gives a right to %(product)s. The use is kept as observed use."))
NO_SEAT_FREE = warning("CAPACITY_EXCEEDED", _("No seat of %(pool)s is free. The use is kept as observed use."))
SEAT_REFUSED = warning("SEAT_REFUSED", _("No seat was given: %(reason)s The use is kept as observed use."))


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
        book = read_book(context.at, context)
        for parsed in rows:
            settled = left_out(parsed)
            if settled is not None:
                yield settled
            elif parsed.row is not None:
                yield _planned(parsed, parsed.row, book)

    def apply(
        self, planned: Sequence[PlannedRow[AssignmentRow]], *, context: ImportContext, trail: Trail
    ) -> Sequence[AppliedRow]:
        book = read_book(trail.clock.now(), context)
        outcomes: dict[int, AppliedRow] = {}
        by_pool: dict[UUID, list[tuple[PlannedRow[AssignmentRow], Target]]] = defaultdict(list)
        for item in planned:
            target = None if item.row is None else target_of(item.row, book)
            if item.row is None or not isinstance(target, Target) or item.status is RowStatus.SAME:
                outcomes[item.line] = AppliedRow(item.line, item.status, findings=item.findings)
            elif target.pool is None or target.problem is not None:
                outcomes[item.line] = _observe(item, target, book.zone, context, trail, findings=item.findings)
            else:
                by_pool[target.pool.id].append((item, target))
        outcomes.update(_give_seats(by_pool, book.zone, context, trail))
        return [outcomes[item.line] for item in planned]


def _give_seats(
    by_pool: Mapping[UUID, Sequence[tuple[PlannedRow[AssignmentRow], Target]]],
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
                outcomes[item.line] = _observe(item, target, zone, context, trail, findings=findings)
    return outcomes


def _seated(item: PlannedRow[AssignmentRow], placed: Placed) -> AppliedRow:
    """A seat now, whatever the plan feared."""
    status = RowStatus.NEW if placed.is_new else RowStatus.SAME
    findings = tuple(finding for finding in item.findings if finding.rule is not NO_SEAT_FREE)
    row = placed.assignment
    return AppliedRow(item.line, status, row._meta.label, str(row.id), findings=findings)


def _why_not(item: PlannedRow[AssignmentRow], target: Target, refusal: Refusal) -> tuple[Finding, ...]:
    """The findings of the plan, and what the operation added to them."""
    if refusal.code != "CAPACITY_EXCEEDED":
        return (*item.findings, Finding(item.line, "", "", "", SEAT_REFUSED, {"reason": refusal.message}))
    if any(finding.code == "CAPACITY_EXCEEDED" for finding in item.findings) or target.pool is None:
        return item.findings
    name = target.pool.name
    return (*item.findings, Finding(item.line, "product", "", name, NO_SEAT_FREE, {"pool": name}))


def _request(item: PlannedRow[AssignmentRow], target: Target, zone: ZoneInfo) -> SeatRequest:
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
    target: Target,
    zone: ZoneInfo,
    context: ImportContext,
    trail: Trail,
    *,
    findings: tuple[Finding, ...],
) -> AppliedRow:
    """Keeps the use as demand; the same subject and product twice is one row, whose last use moves on."""
    row = item.row
    if row is None:
        raise ValueError("a line that is left out uses nothing")
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


def _planned(parsed: ParsedRow[AssignmentRow], row: AssignmentRow, book: Book) -> PlannedRow[AssignmentRow]:
    target = target_of(row, book)
    if isinstance(target, Rule):
        finding = Finding(parsed.line, "product", "", row.product, target, {"product": row.product})
        return PlannedRow(parsed.line, RowStatus.ERROR, findings=(*parsed.findings, finding))
    subject = subject_key(row, target)
    if target.pool is not None and (target.pool.id, subject) in book.held:
        return PlannedRow(parsed.line, RowStatus.SAME, row, findings=parsed.findings)
    problem = target.problem or _capacity_problem(row, target, book)
    if problem is not None:
        if observed_key(row, target) in book.observed:
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


def _explained(line: int, row: AssignmentRow, target: Target, problem: Rule) -> Finding:
    details: dict[str, str | int] = {
        "product": row.product,
        "subject": row.subject,
        "pool": target.pool.name if target.pool else "",
    }
    where = "product" if problem in {NO_RIGHT, NO_SEAT_FREE} else "user_name"
    return Finding(line, where, "", row.product if where == "product" else row.subject, problem, details)


def _capacity_problem(row: AssignmentRow, target: Target, book: Book) -> Rule | None:
    if target.pool is None:
        return NO_RIGHT
    free = book.free[target.pool.id]
    if free is None:
        return None
    if row.quantity > free:
        return NO_SEAT_FREE
    book.free[target.pool.id] = free - row.quantity
    return None


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, tzinfo=zone)
