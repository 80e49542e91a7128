"""The lines of the book: each product, edition and metric, with its pools, the rights behind them and their use."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Sum

from licensing.models import Entitlement, EntitlementState, License, ObservedUse
from licensing.rules.facts import LicenseStatus
from reporting.gather.frame import Frame
from reporting.gather.rights import Rights
from reporting.rules.position import PoolUse, RightFact
from seats.models import PoolSource, SeatPool

UseKey = tuple[UUID, UUID | None]
"""Product and edition: all that observed use says about itself."""


@dataclass(kw_only=True)
class Line:
    """One line with its pools; `entitlements` are the rights that stand behind it. `metric` is empty where use was
    observed of which nobody knows how it is counted."""

    publisher: str
    product: str
    edition: str
    metric: str
    pools: list[PoolUse] = field(default_factory=list)
    entitlements: list[Entitlement] = field(default_factory=list)

    @property
    def name(self) -> tuple[str, str, str, str]:
        return self.publisher, self.product, self.edition, self.metric


@dataclass(frozen=True)
class _Observed:
    """Live use without a seat of one product and edition."""

    publisher: str
    product: str
    edition: str
    units: int


def lines(frame: Frame, rights: Rights) -> list[Line]:
    """All lines in the scope, by their names. Three queries."""
    book: dict[tuple[UUID, UUID | None, UUID], Line] = {}
    observed = _observed(frame)
    pools, sources = list(_pools(frame)), _sources(frame, rights)
    counted = {pool: key for key, pool in _pool_of_use(pools).items() if key in observed}
    for pool in pools:
        use = observed.pop(counted[pool.id]) if pool.id in counted else None
        _line(book, pool).pools.append(
            PoolUse(
                rights=tuple(sources[pool.id]),
                held=pool.used,
                observed=use.units if use else 0,
                is_open=pool.unlimited,
            )
        )
    in_pools = {right.reference for found in sources.values() for right in found}
    for row in rights.rows:
        line = _line(book, row)
        line.entitlements.append(row)
        if row.number not in in_pools:
            line.pools.append(PoolUse(rights=(_entitled(row, rights),)))
    return sorted((*book.values(), *_unplaced(observed.values())), key=lambda line: line.name)


def _line(book: dict[tuple[UUID, UUID | None, UUID], Line], row: SeatPool | Entitlement) -> Line:
    key = (row.product_id, row.edition_id, row.metric_id)
    if key not in book:
        book[key] = Line(
            publisher=row.product.publisher.name,
            product=row.product.name,
            edition=row.edition.name if row.edition else "",
            metric=row.metric.name,
        )
    return book[key]


def _unplaced(left: Iterable[_Observed]) -> list[Line]:
    """Observed use that fits no one pool: nothing is guessed, it needs rights of its own."""
    return [
        Line(
            publisher=use.publisher,
            product=use.product,
            edition=use.edition,
            metric="",
            pools=[PoolUse(observed=use.units)],
        )
        for use in left
    ]


def _pools(frame: Frame) -> Iterable[SeatPool]:
    rows = SeatPool.objects.filter(frame.within("product")).order_by("id")
    return rows.select_related("product__publisher", "edition", "metric")


def _sources(frame: Frame, rights: Rights) -> dict[UUID, list[RightFact]]:
    """The rights of each pool, also those that are over."""
    found: dict[UUID, list[RightFact]] = defaultdict(list)
    rows = PoolSource.objects.filter(frame.within("pool__product")).select_related("license").order_by("id")
    for row in rows:
        if row.license is not None:
            found[row.pool_id].append(_licensed(row.license))
        elif row.entitlement_id in rights.by_id:
            found[row.pool_id].append(_entitled(rights.by_id[row.entitlement_id], rights))
    return found


def _observed(frame: Frame) -> dict[UseKey, _Observed]:
    names = ("product__publisher__name", "product__name", "edition__name")
    rows = ObservedUse.objects.live().filter(frame.within("product")).values("product_id", "edition_id", *names)
    return {
        (row["product_id"], row["edition_id"]): _Observed(
            row["product__publisher__name"], row["product__name"], row["edition__name"] or "", row["units"]
        )
        for row in rows.annotate(units=Sum("quantity")).order_by("product_id", "edition_id")
    }


def _pool_of_use(pools: Sequence[SeatPool]) -> dict[UseKey, UUID]:
    """The one pool against whose rights observed use counts: the only one of the product and edition, or the only one
    of them for the whole organisation. None where that leaves a choice."""
    grouped: dict[UseKey, list[SeatPool]] = defaultdict(list)
    for pool in pools:
        grouped[pool.product_id, pool.edition_id].append(pool)
    found = {}
    for key, rows in grouped.items():
        chosen = rows if len(rows) == 1 else [row for row in rows if not row.territory and row.scope_unit_id is None]
        if len(chosen) == 1:
            found[key] = chosen[0].id
    return found


def _entitled(row: Entitlement, rights: Rights) -> RightFact:
    purchase = row.purchase_line.purchase if row.purchase_line else None
    papers = (row.agreement.number if row.agreement else "", str(purchase) if purchase else "", row.document)
    return RightFact(
        reference=row.number,
        paper=next(filter(None, papers), ""),
        rights=row.rights,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        is_withdrawn=row.state != EntitlementState.ACTIVE,
        renewed_from=rights.renewed_from.get(row.id),
    )


def _licensed(row: License) -> RightFact:
    return RightFact(
        reference=row.number,
        paper="",
        rights=row.quantity,
        starts_at=row.valid_from or row.created_at,
        ends_at=row.expires_at,
        is_withdrawn=row.status != LicenseStatus.ACTIVE,
    )
