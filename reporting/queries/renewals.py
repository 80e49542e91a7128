"""Agreements and rights that end, by the last day on which a notice is in time."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from licensing.models import Agreement, AgreementState, Entitlement, EntitlementState
from reporting.queries.rights import not_renewed
from reporting.queries.spending import bought_line
from reporting.rules.notice import Bucket, bucket_of, last_day, notice_day
from reporting.rules.spending import BoughtLine, annual_by_currency

# A right that ended without a renewal stays on the list this long: somebody may still count on it.
ENDED_SHOWN = timedelta(days=90)


class RenewalKind(StrEnum):
    AGREEMENT = "agreement"
    ENTITLEMENT = "entitlement"


@dataclass(frozen=True, kw_only=True)
class Renewal:
    """One thing that ends. Days are calendar days of the organisation; `days_left` counts to `notice_on`, the last day
    on which a notice is in time, and is negative when it has passed. `rights` counts the rights that end with an
    agreement, `quantity` the units of a right (None: any number). `annual` is its cost a year by currency."""

    kind: RenewalKind
    id: UUID
    number: str
    title: str
    partner: str
    ends_on: date
    notice_on: date
    notice_days: int
    days_left: int
    has_ended: bool
    auto_renew: bool
    has_evidence: bool
    rights: int = 0
    quantity: int | None = None
    annual: tuple[tuple[str, Decimal], ...] = ()

    @property
    def bucket(self) -> Bucket:
        return bucket_of(self.days_left)

    @property
    def renews_by_itself(self) -> bool:
        """The notice is missed, so that the next term comes without anybody asking for it."""
        return self.auto_renew and self.days_left < 0 and not self.has_ended


def renewals(*, at: datetime, zone: ZoneInfo) -> list[Renewal]:
    """Running agreements with an end; rights with an end and without a renewal, also those that ended within the last
    90 days. The most urgent first; two queries.

    A right that ends with its agreement is a part of it and no entry of its own. A right has the notice period of its
    agreement, and none without one.
    """
    agreements = {row.id: row for row in _agreements(at)}
    rights = list(_rights(at))
    lines = _lines_by_agreement(rights, at)
    folded: dict[UUID, int] = defaultdict(int)
    found = []
    for right in rights:
        if right.ends_at is None:
            continue
        agreement = agreements.get(right.agreement_id) if right.agreement_id else None
        if agreement is not None and agreement.ends_at == right.ends_at:
            folded[agreement.id] += 1
        else:
            found.append(_of_right(right, right.ends_at, at, zone))
    for agreement in agreements.values():
        if agreement.ends_at is not None:
            entry = _of_agreement(agreement, agreement.ends_at, at, zone)
            annual = tuple(annual_by_currency(lines[agreement.id]).items())
            found.append(replace(entry, rights=folded[agreement.id], annual=annual))
    return sorted(found, key=lambda entry: (entry.notice_on, entry.ends_on, entry.number))


def _agreements(at: datetime) -> Iterable[Agreement]:
    return Agreement.objects.filter(state=AgreementState.ACTIVE, ends_at__gt=at).select_related("licensor")


def _rights(at: datetime) -> Iterable[Entitlement]:
    """Endless rights come along where they are part of an agreement: they belong to what it costs."""
    ending = Q(ends_at__gt=at - ENDED_SHOWN)
    endless = Q(ends_at__isnull=True, agreement__isnull=False)
    return (
        Entitlement.objects.filter(ending | endless, not_renewed(), state=EntitlementState.ACTIVE)
        .select_related("product__publisher", "edition", "agreement")
        .select_related("purchase_line__purchase", "purchase_line__product__publisher")
        .order_by("number")
    )


def _lines_by_agreement(rights: Iterable[Entitlement], at: datetime) -> dict[UUID, list[BoughtLine]]:
    """The purchase lines of each agreement's rights in force, each line once."""
    seen: set[UUID] = set()
    found: dict[UUID, list[BoughtLine]] = defaultdict(list)
    for right in rights:
        line = right.purchase_line
        if line is None or right.agreement_id is None or line.id in seen or not right.is_valid_at(at):
            continue
        seen.add(line.id)
        found[right.agreement_id].append(bought_line(line, right.product))
    return found


def _of_agreement(row: Agreement, ends_at: datetime, at: datetime, zone: ZoneInfo) -> Renewal:
    notice_on = notice_day(ends_at, row.notice_days, zone)
    return Renewal(
        kind=RenewalKind.AGREEMENT,
        id=row.id,
        number=row.number,
        title=row.title,
        partner=row.licensor.name if row.licensor else "",
        ends_on=last_day(ends_at, zone),
        notice_on=notice_on,
        notice_days=row.notice_days,
        days_left=(notice_on - at.astimezone(zone).date()).days,
        has_ended=False,
        auto_renew=row.auto_renew,
        has_evidence=bool(row.document),
    )


def _of_right(row: Entitlement, ends_at: datetime, at: datetime, zone: ZoneInfo) -> Renewal:
    notice_days = row.agreement.notice_days if row.agreement else 0
    notice_on = notice_day(ends_at, notice_days, zone)
    return Renewal(
        kind=RenewalKind.ENTITLEMENT,
        id=row.id,
        number=row.number,
        title=" ".join(_words(row)),
        partner=row.product.publisher.name,
        ends_on=last_day(ends_at, zone),
        notice_on=notice_on,
        notice_days=notice_days,
        days_left=(notice_on - at.astimezone(zone).date()).days,
        has_ended=ends_at <= at,
        auto_renew=row.agreement.auto_renew if row.agreement else False,
        has_evidence=row.has_evidence,
        quantity=row.rights,
        annual=_annual(row),
    )


def _words(row: Entitlement) -> Iterator[str]:
    yield row.product.name
    if row.edition is not None:
        yield row.edition.name


def _annual(row: Entitlement) -> tuple[tuple[str, Decimal], ...]:
    line = row.purchase_line
    return tuple(annual_by_currency([bought_line(line, row.product)]).items()) if line is not None else ()
