"""The import kind "last_uses": each line moves on when a person or device last used a product, by one source."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from identity.models import Device, Organization, Person
from kernel.errors import JsonValue
from kernel.trail import Trail
from licensing.importing.fields import RowForm
from licensing.importing.findings import Finding, Rule, error, warning
from licensing.importing.last_uses import LAST_USES, LastUseRow
from licensing.importing.rows import ParsedRow
from licensing.models import LastUse, Product
from licensing.ports import AppliedRow, Change, ImportContext, PlannedRow, RowStatus, left_out
from licensing.queries.imported_names import DirectoryNames, ProductNames

USED_IN_FUTURE = error("USED_IN_FUTURE", _("The use lies in the future."))
USER_UNKNOWN = warning("USER_UNKNOWN", _("%(subject)s is not in the directory. This line is left out."))
NEVER_USED = warning("NEVER_USED", _("The line names no moment of use. It is left out."))

TOLERANCE = timedelta(minutes=5)
USUAL_SOURCE = "import"

# Product, and person or device.
Key = tuple[UUID, UUID]
# When, and how often; the later one stands.
Said = tuple[datetime, int]


@dataclass(frozen=True)
class _Use:
    """One line whose names are known."""

    product: Product
    subject: Person | Device
    at: datetime
    uses: int | None

    @property
    def key(self) -> Key:
        return self.product.id, self.subject.id

    @property
    def said(self) -> Said:
        return self.at, self.uses or 0


@dataclass
class _Book:
    """What lines are looked up in, read once for a file or a chunk of it; `known` moves on with the lines."""

    now: datetime
    zone: ZoneInfo
    products: ProductNames
    directory: DirectoryNames
    known: dict[Key, Said] = field(default_factory=dict)


class LastUseImport:
    """Implements licensing.ports.ImportKind. A time without a zone is one of the organisation's zone, a day its
    midnight there. Uses of several lines about one subject and product become one row: the latest."""

    @property
    def needs(self) -> str:
        return "licensing.entitlement.manage"

    @property
    def form(self) -> RowForm[LastUseRow]:
        return LAST_USES

    def plan(self, rows: Iterable[ParsedRow[LastUseRow]], context: ImportContext) -> Iterator[PlannedRow[LastUseRow]]:
        """Reads names and what the source said before in a fixed number of queries."""
        book = _read(context)
        for parsed in rows:
            settled = left_out(parsed)
            if settled is not None:
                yield settled
            elif parsed.row is not None:
                yield _planned(parsed, parsed.row, book)

    def apply(
        self, planned: Sequence[PlannedRow[LastUseRow]], *, context: ImportContext, trail: Trail
    ) -> Sequence[AppliedRow]:
        book = _read(context)
        uses = {
            item.line: use
            for item in planned
            if item.row is not None and isinstance(use := _use_of(item.row, book), _Use)
        }
        moving = [uses[item.line] for item in planned if item.line in uses and item.status is not RowStatus.SAME]
        before = dict(_before(context))
        rows = _move(moving, context, trail)
        return [_applied(item, uses.get(item.line), rows, before) for item in planned]


def _planned(parsed: ParsedRow[LastUseRow], row: LastUseRow, book: _Book) -> PlannedRow[LastUseRow]:
    use = _use_of(row, book)
    if isinstance(use, Rule):
        where = "product" if use.code.startswith("PRODUCT") else "last_used" if use is not USER_UNKNOWN else "user_name"
        details: dict[str, str | int] = {"product": row.product, "subject": row.subject}
        finding = Finding(parsed.line, where, "", str(getattr(row, where) or row.subject), use, details)
        status = RowStatus.ERROR if finding.is_error else RowStatus.WARNING
        return PlannedRow(parsed.line, status, findings=(*parsed.findings, finding))
    known = book.known.get(use.key)
    if known is not None and use.said <= known:
        return PlannedRow(parsed.line, RowStatus.SAME, row, findings=parsed.findings)
    book.known[use.key] = use.said
    change = Change("last_used", "" if known is None else _written(known[0], book.zone), _written(use.at, book.zone))
    status = RowStatus.NEW if known is None else RowStatus.CHANGED
    return PlannedRow(parsed.line, status, row, (change,), parsed.findings)


def _use_of(row: LastUseRow, book: _Book) -> _Use | Rule:
    """What the line means, or the rule that keeps it out."""
    found = book.products.meant(product=row.product, publisher=row.publisher)
    if isinstance(found, Rule):
        return found
    if row.last_used is None:
        return NEVER_USED
    at = _instant(row.last_used, book.zone)
    if at > book.now + TOLERANCE:
        return USED_IN_FUTURE
    subject: Person | Device | None
    if row.names_device:
        subject = book.directory.device(hostname=row.hostname, serial_number=row.serial_number)
    else:
        # The name with which somebody signs in at an identity provider is an address here and a user name there.
        subject = book.directory.person(
            user_name=row.user_name, email=row.email or row.user_name, employee_number=row.employee_number
        )
    return USER_UNKNOWN if subject is None else _Use(found[0], subject, at, row.uses)


def _read(context: ImportContext) -> _Book:
    zone = Organization.objects.values_list("time_zone", flat=True).get(id=context.organization_id)
    return _Book(
        now=context.at,
        zone=ZoneInfo(zone),
        products=ProductNames.read(),
        directory=DirectoryNames.read(),
        known={_key(row): _said(row) for row in _of_source(context).iterator(chunk_size=2000)},
    )


def _of_source(context: ImportContext) -> QuerySet[LastUse]:
    return LastUse.objects.filter(source=context.source or USUAL_SOURCE)


def _move(uses: Sequence[_Use], context: ImportContext, trail: Trail) -> dict[Key, LastUse]:
    """Writes the latest of each subject and product, in one order for everybody, and answers the rows."""
    latest: dict[Key, _Use] = {}
    for use in uses:
        if use.key not in latest or use.said > latest[use.key].said:
            latest[use.key] = use
    wanted = [latest[key] for key in sorted(latest)]
    # Another import of the source may be faster with a row; then it is moved on below like one that was there.
    LastUse.objects.bulk_create((_row(use, context, trail) for use in wanted), ignore_conflicts=True)
    stored = _of_source(context).filter(product_id__in={product for product, _subject in latest})
    rows = {_key(row): row for row in stored.select_for_update(no_key=True).order_by("id") if _key(row) in latest}
    behind = [(rows[use.key], use) for use in wanted if _said(rows[use.key]) < use.said]
    for row, use in behind:
        row.last_used_at, row.uses, row.batch_id, row.recorded_at = use.at, use.uses, context.batch_id, context.at
    LastUse.objects.bulk_update([row for row, _use in behind], ["last_used_at", "uses", "batch", "recorded_at"])
    if wanted:
        trail.record(
            "last_use.recorded",
            subject=Organization.objects.get(id=trail.organization_id),
            details={
                "source": context.source or USUAL_SOURCE,
                "batch": str(context.batch_id or ""),
                "rows": len(wanted),
            },
        )
    return rows


def _row(use: _Use, context: ImportContext, trail: Trail) -> LastUse:
    return LastUse(
        organization_id=trail.organization_id,
        product=use.product,
        person=use.subject if isinstance(use.subject, Person) else None,
        device=use.subject if isinstance(use.subject, Device) else None,
        source=context.source or USUAL_SOURCE,
        last_used_at=use.at,
        uses=use.uses,
        batch_id=context.batch_id,
        recorded_at=context.at,
    )


def _said(row: LastUse) -> Said:
    return row.last_used_at, row.uses or 0


def _key(row: LastUse) -> Key:
    subject = row.person_id or row.device_id
    if subject is None:
        raise ValueError("a last use is of a person or a device")
    return row.product_id, subject


def _before(context: ImportContext) -> Iterator[tuple[Key, Mapping[str, JsonValue]]]:
    """What stood there before the chunk, for a rollback."""
    for row in _of_source(context).iterator(chunk_size=2000):
        batch = None if row.batch_id is None else str(row.batch_id)
        yield _key(row), {"last_used_at": row.last_used_at.isoformat(), "uses": row.uses, "batch": batch}


def _applied(
    item: PlannedRow[LastUseRow],
    use: _Use | None,
    rows: Mapping[Key, LastUse],
    before: Mapping[Key, Mapping[str, JsonValue]],
) -> AppliedRow:
    row = None if use is None or item.status is RowStatus.SAME else rows.get(use.key)
    if use is None or row is None:
        return AppliedRow(item.line, item.status, findings=item.findings)
    return AppliedRow(
        item.line, item.status, row._meta.label, str(row.id), before=before.get(use.key), findings=item.findings
    )


def _instant(said: date, zone: ZoneInfo) -> datetime:
    if not isinstance(said, datetime):
        return datetime.combine(said, time.min, tzinfo=zone)
    return said if said.tzinfo is not None else said.replace(tzinfo=zone)


def _written(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
