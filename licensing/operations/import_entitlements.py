"""The import kind "entitlements": rows of a sheet become agreements, purchases and active rights with seats."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from identity.models import Organization, OrgUnit
from identity.operations import create_org_unit
from kernel.money import rounded
from kernel.trail import Trail
from licensing.importing.entitlements import ENTITLEMENTS, EntitlementRow
from licensing.importing.fields import RowForm
from licensing.importing.findings import Finding, error
from licensing.importing.rows import ParsedRow
from licensing.models import (
    Agreement,
    Edition,
    Entitlement,
    ImportRow,
    Metric,
    MetricFunction,
    MetricSubject,
    PartyKind,
    Product,
    Purchase,
    PurchaseLine,
)
from licensing.operations.agreements import NewAgreement, create_agreement
from licensing.operations.catalogue import Named, ensure_product, standard_metrics
from licensing.operations.entitlements import NewEntitlement, create_entitlement
from licensing.operations.parties import ensure_party
from licensing.operations.product_spellings import ProductSpellings, product_line, spelt
from licensing.operations.purchases import NewLine, NewPurchase, add_lines, record_purchase
from licensing.ports import AppliedRow, Change, ImportContext, PlannedRow, RowStatus, left_out

ON_RECORD_DIFFERS = error(
    "ENTITLEMENT_ON_RECORD_DIFFERS",
    _("This right is on record with other figures. Rights are not edited: renew or revoke %(number)s."),
)

# What tells one right from another; names as `comparable` leaves them.
Key = tuple[str, str, str, str, str, datetime, str, str, str, str]


@dataclass(frozen=True)
class _OnRecord:
    """A right in the book, as far as a sheet can contradict it."""

    number: str
    figures: tuple[tuple[str, str], ...]


class EntitlementImport:
    """Implements licensing.ports.ImportKind. Calendar days mean midnight in the organisation's time zone; the last
    day of a term holds to its end."""

    @property
    def needs(self) -> str:
        return "licensing.entitlement.manage"

    @property
    def form(self) -> RowForm[EntitlementRow]:
        return ENTITLEMENTS

    def plan(
        self, rows: Iterable[ParsedRow[EntitlementRow]], context: ImportContext
    ) -> Iterator[PlannedRow[EntitlementRow]]:
        """Three queries for the whole file: rights on record, products and the time zone."""
        zone = _zone(context)
        on_record = _rights_on_record()
        products = ProductSpellings.of_catalogue()
        for parsed in rows:
            settled = left_out(parsed)
            if settled is not None:
                yield settled
            elif parsed.row is not None:
                yield _planned(parsed, parsed.row, on_record.get(_key(parsed.row, zone)), products)

    def apply(
        self, planned: Sequence[PlannedRow[EntitlementRow]], *, context: ImportContext, trail: Trail
    ) -> Sequence[AppliedRow]:
        """Writes what is new. Rows that name the same agreement or purchase share it."""
        zone = _zone(context)
        metrics = standard_metrics(trail=trail)
        evidence = {
            row.line: row
            for row in ImportRow.objects.filter(batch_id=context.batch_id, line__in=[item.line for item in planned])
        }
        applied: list[AppliedRow] = []
        for item in planned:
            if item.row is None or item.status not in {RowStatus.NEW, RowStatus.WARNING}:
                applied.append(AppliedRow(item.line, item.status, findings=item.findings))
                continue
            right = _write(item.row, zone, metrics, evidence.get(item.line), trail)
            applied.append(AppliedRow(item.line, item.status, right._meta.label, str(right.id), findings=item.findings))
        return applied


def _planned(
    parsed: ParsedRow[EntitlementRow], row: EntitlementRow, known: _OnRecord | None, products: ProductSpellings
) -> PlannedRow[EntitlementRow]:
    if known is not None:
        changes = tuple(
            Change(field, before, after)
            for (field, before), (_field, after) in zip(known.figures, _figures_of_row(row), strict=True)
            if before != after
        )
        if not changes:
            return PlannedRow(parsed.line, RowStatus.SAME, findings=parsed.findings)
        finding = Finding(parsed.line, "", "", row.product, ON_RECORD_DIFFERS, {"number": known.number})
        return PlannedRow(parsed.line, RowStatus.ERROR, changes=changes, findings=(*parsed.findings, finding))
    findings = parsed.findings
    if problem := products.problem(row.publisher, row.product):
        findings = (*findings, Finding(parsed.line, "product", "", row.product, problem.rule, problem.details))
    changes = tuple(Change(field, "", after) for field, after in _figures_of_row(row) if after)
    return PlannedRow(parsed.line, RowStatus.NEW, row, changes, findings)


def _figures_of_row(row: EntitlementRow) -> tuple[tuple[str, str], ...]:
    return (
        ("quantity", "" if row.quantity is None else str(row.quantity)),
        ("rights_per_unit", str(row.rights_per_unit)),
        ("end", row.end.isoformat() if row.end else ""),
    )


def _rights_on_record() -> dict[Key, _OnRecord]:
    rows = Entitlement.objects.select_related(
        "product__publisher", "edition", "metric", "agreement", "purchase_line__purchase", "purchase_line__cost_centre"
    ).exclude(state="revoked")
    zones = {row.id: ZoneInfo(row.time_zone) for row in Organization.objects.all()}
    return {_key_on_record(row): _on_record(row, zones[row.organization_id]) for row in rows.iterator(chunk_size=2000)}


def _on_record(row: Entitlement, zone: ZoneInfo) -> _OnRecord:
    last_day = (row.ends_at.astimezone(zone) - timedelta(microseconds=1)).date() if row.ends_at else None
    return _OnRecord(
        row.number,
        (
            ("quantity", "" if row.quantity is None else str(row.quantity)),
            ("rights_per_unit", str(row.rights_per_unit)),
            ("end", last_day.isoformat() if last_day else ""),
        ),
    )


def _key_on_record(row: Entitlement) -> Key:
    line = row.purchase_line
    purchase = line.purchase if line else None
    return (
        *product_line(row.product.publisher.name, row.product.name),
        spelt(row.edition.name) if row.edition else "",
        row.metric.code,
        row.model,
        row.starts_at,
        row.agreement.number if row.agreement else "",
        purchase.order_number if purchase else "",
        purchase.invoice_number if purchase else "",
        line.sku if line else "",
    )


def _key(row: EntitlementRow, zone: ZoneInfo) -> Key:
    bought = _names_a_purchase(row)
    return (
        *product_line(row.publisher, row.product),
        spelt(row.edition or ""),
        row.metric,
        row.model,
        _midnight(row.start, zone),
        row.agreement_number or "",
        (row.purchase_order or "") if bought else "",
        (row.invoice or "") if bought else "",
        (row.sku or "") if bought else "",
    )


def _names_a_purchase(row: EntitlementRow) -> bool:
    """Whether the row brings a purchase line; without price, currency and a number those cells are not kept."""
    return bool(row.unit_price is not None and row.currency is not None and (row.purchase_order or row.invoice))


def _write(
    row: EntitlementRow, zone: ZoneInfo, metrics: dict[str, Metric], evidence: ImportRow | None, trail: Trail
) -> Entitlement:
    product, edition = ensure_product(named=Named(row.publisher, row.product, row.edition or ""), trail=trail)
    licensor = ensure_party(kind=PartyKind.LICENSOR, name=row.publisher, trail=trail)
    if row.metric not in metrics:
        metrics[row.metric] = _own_metric(row.metric, trail)
    agreement = _agreement(row, zone, trail) if row.agreement_number else None
    line = _purchase_line(row, product, edition, agreement, trail)
    return create_entitlement(
        entitlement=NewEntitlement(
            product=product,
            edition=edition,
            metric=metrics[row.metric],
            model=row.model,
            quantity=row.quantity,
            rights_per_unit=row.rights_per_unit,
            starts_at=_midnight(row.start, zone),
            ends_at=_after(row.end, zone),
            maintenance_until=_after(row.maintenance_until, zone),
            agreement=agreement,
            licensor=licensor,
            document=row.evidence or "",
            purchase_line=line,
            import_row=evidence,
        ),
        trail=trail,
    )


def _agreement(row: EntitlementRow, zone: ZoneInfo, trail: Trail) -> Agreement:
    number = row.agreement_number or ""
    found = Agreement.objects.filter(number=number).first()
    if found is not None:
        return found
    return create_agreement(
        agreement=NewAgreement(
            number=number,
            starts_at=_midnight(row.start, zone),
            ends_at=_after(row.end, zone),
            currency=row.currency or "EUR",
            notice_days=row.notice_days or 0,
            auto_renew=bool(row.auto_renew),
            licensor=ensure_party(kind=PartyKind.LICENSOR, name=row.publisher, trail=trail),
        ),
        trail=trail,
    )


def _purchase_line(
    row: EntitlementRow, product: Product, edition: Edition | None, agreement: Agreement | None, trail: Trail
) -> PurchaseLine | None:
    """The line that bought this right; None when the sheet names no order, invoice or price."""
    if row.unit_price is None or row.currency is None or not _names_a_purchase(row):
        return None
    line = NewLine(
        quantity=row.quantity or 1,
        unit_price=row.unit_price,
        rights_per_unit=row.rights_per_unit,
        billing_period=row.billing_period or "once",
        sku=row.sku or "",
        description=row.product,
        product=product,
        edition=edition,
        cost_centre=_cost_centre(row.cost_centre, trail),
    )
    found = Purchase.objects.filter(
        order_number=row.purchase_order or "", invoice_number=row.invoice or "", supplier__isnull=True
    ).first()
    if found is None:
        purchase = NewPurchase(
            currency=row.currency,
            lines=[line],
            order_number=row.purchase_order or "",
            invoice_number=row.invoice or "",
            agreement=agreement,
        )
        return record_purchase(purchase=purchase, trail=trail).lines.get()
    [added] = add_lines(purchase=found, lines=[line], trail=trail)
    trail.record(
        "purchase.updated",
        subject=found,
        details={"added_lines": 1, "amount": str(rounded(row.unit_price * (row.quantity or 1)))},
    )
    return added


def _own_metric(word: str, trail: Trail) -> Metric:
    """A metric of the organisation's own, counted in units until somebody defines it better."""
    row, created = Metric.objects.get_or_create(
        organization_id=trail.organization_id,
        code=word.lower(),
        superseded_at=None,
        defaults={
            "name": word,
            "subject": MetricSubject.UNIT,
            "function": MetricFunction.SUM,
            "created_at": trail.clock.now(),
        },
    )
    if created:
        trail.record("metric.created", subject=row, details={"code": row.code, "version": 1})
    return row


def _zone(context: ImportContext) -> ZoneInfo:
    return ZoneInfo(Organization.objects.get(id=context.organization_id).time_zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)


def _after(day: date | None, zone: ZoneInfo) -> datetime | None:
    """The instant at which a last day is over."""
    return None if day is None else _midnight(day + timedelta(days=1), zone)


def _cost_centre(code: str | None, trail: Trail) -> OrgUnit | None:
    return create_org_unit(code=code, name=code, trail=trail) if code else None
