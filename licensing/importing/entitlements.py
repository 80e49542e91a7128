"""The sheet of entitlements: what a buyer may use, from whom, how many, how long, for how much, and the proof."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from licensing.importing import dates, values
from licensing.importing.cells import Cell
from licensing.importing.conventions import Convention
from licensing.importing.fields import AcrossCells, Field, Learns, Presence, RowForm
from licensing.importing.findings import CURRENCY_AMBIGUOUS, EMPTY, NUMBER_TOO_LARGE, Problem, Reading, error, warning
from licensing.importing.headings import HEADINGS
from licensing.importing.numbers import LARGEST_WHOLE
from licensing.importing.texts import comparable
from licensing.importing.values import Price
from licensing.importing.words import BILLING_PERIODS, METRICS, MODELS

NAME = 200
NUMBER = 100
REFERENCE = 500
LARGEST_TOTAL = Decimal(10) ** 15

END_BEFORE_START = error("END_BEFORE_START", _("The end (%(end)s) lies before the start (%(start)s)."))
END_MISSING = error("END_MISSING", _("A subscription or trial needs the day on which it ends."))
PERPETUAL_ENDS = error(
    "PERPETUAL_ENDS",
    _("A perpetual right does not end. If maintenance ends that day, put it in the maintenance column."),
)
QUANTITY_MISSING = error("QUANTITY_MISSING", _("Only a site licence may be without a quantity."))
CURRENCY_MISSING = error("CURRENCY_MISSING", _("A price needs its currency."))
CURRENCY_CONTRADICTS = error(
    "CURRENCY_CONTRADICTS",
    _("The price is written in %(price)s, but the currency column says %(currency)s."),
)
BILLING_PERIOD_MISSING = warning(
    "BILLING_PERIOD_MISSING",
    _("Without a billing period the price counts in no annual figure."),
)
ENTITLEMENT_REPEATED = warning("ENTITLEMENT_REPEATED", _("Line %(line)d says the same. This line is left out."))
ENTITLEMENT_CONTRADICTED = error(
    "ENTITLEMENT_CONTRADICTED",
    _("Line %(line)d is the same purchase with other values. Keep one, or give them different purchase numbers."),
)


@dataclass(frozen=True, slots=True)
class EntitlementRow:
    """One right as a file states it: names are as written, nothing is looked up.

    `quantity` None: unlimited, only with model "site". `end` and `maintenance_until` are the last days on which right
    and maintenance hold, None: no end. `unit_price` is for one of `quantity` and one `billing_period` (a code of
    words.BILLING_PERIODS), in `currency`. `model` is a code of words.MODELS, `metric` one of words.METRICS or, for a
    metric of the organisation's own, the word as written. None elsewhere: the file does not say.
    """

    publisher: str
    product: str
    edition: str | None
    metric: str
    quantity: int | None
    rights_per_unit: int
    model: str
    start: date
    end: date | None
    maintenance_until: date | None
    agreement_number: str | None
    notice_days: int | None
    auto_renew: bool | None
    purchase_order: str | None
    invoice: str | None
    sku: str | None
    unit_price: Decimal | None
    currency: str | None
    billing_period: str | None
    cost_centre: str | None
    evidence: str | None

    @property
    def rights(self) -> int | None:
        """What the row entitles to; None: unlimited."""
        return None if self.quantity is None else self.quantity * self.rights_per_unit


def _unlimited_or_whole(cell: Cell, convention: Convention) -> Reading[int]:
    """Words for "unlimited" give no value; whether the model allows that is checked across the cells."""
    if isinstance(cell, str) and comparable(cell) in {"unlimited", "unbegrenzt", "unlimitiert"}:
        return EMPTY
    return values.whole(1)(cell, convention)


FIELDS = (
    Field("publisher", _("Publisher"), HEADINGS["publisher"], values.TextReader(NAME), presence=Presence.CELL),
    Field("product", _("Product"), HEADINGS["product"], values.TextReader(NAME), presence=Presence.CELL),
    Field("edition", _("Edition"), HEADINGS["edition"], values.TextReader(NAME)),
    Field(
        "metric",
        _("Metric"),
        HEADINGS["metric"],
        values.choice(METRICS, other=values.TextReader(NUMBER)),
        presence=Presence.CELL,
    ),
    Field(
        "quantity",
        _("Quantity"),
        HEADINGS["quantity"],
        _unlimited_or_whole,
        presence=Presence.COLUMN,
        learns=Learns.DECIMAL,
    ),
    Field("rights_per_unit", _("Rights per unit"), HEADINGS["rights_per_unit"], values.whole(1), learns=Learns.DECIMAL),
    Field("model", _("Licence model"), HEADINGS["model"], values.choice(MODELS), presence=Presence.CELL),
    Field("start", _("Start"), HEADINGS["start"], dates.read_date, presence=Presence.CELL, learns=Learns.ORDER),
    Field("end", _("End"), HEADINGS["end"], dates.read_date, learns=Learns.ORDER),
    Field(
        "maintenance_until", _("Maintenance until"), HEADINGS["maintenance_until"], dates.read_date, learns=Learns.ORDER
    ),
    Field("agreement_number", _("Agreement number"), HEADINGS["agreement_number"], values.TextReader(NUMBER)),
    Field("notice_days", _("Notice days"), HEADINGS["notice_days"], values.whole(0), learns=Learns.DECIMAL),
    Field("auto_renew", _("Renews automatically"), HEADINGS["auto_renew"], values.truth),
    Field("purchase_order", _("Purchase order"), HEADINGS["purchase_order"], values.TextReader(NUMBER)),
    Field("invoice", _("Invoice"), HEADINGS["invoice"], values.TextReader(NUMBER)),
    Field("sku", _("SKU"), HEADINGS["sku"], values.TextReader(NUMBER)),
    Field("unit_price", _("Unit price"), HEADINGS["unit_price"], values.price, learns=Learns.DECIMAL),
    Field("currency", _("Currency"), HEADINGS["currency"], values.currency),
    Field("billing_period", _("Billing period"), HEADINGS["billing_period"], values.choice(BILLING_PERIODS)),
    Field("cost_centre", _("Cost centre"), HEADINGS["cost_centre"], values.TextReader(NUMBER)),
    Field("evidence", _("Evidence"), HEADINGS["evidence"], values.TextReader(REFERENCE)),
)

_AT = {field.name: position for position, field in enumerate(FIELDS)}
QUANTITY, RIGHTS_PER_UNIT, MODEL = _AT["quantity"], _AT["rights_per_unit"], _AT["model"]
START, END = _AT["start"], _AT["end"]
PRICE, CURRENCY, BILLING = _AT["unit_price"], _AT["currency"], _AT["billing_period"]


def _settle(cells: list[Any]) -> list[AcrossCells]:
    found: list[AcrossCells] = []
    if cells[RIGHTS_PER_UNIT] is None:
        cells[RIGHTS_PER_UNIT] = 1
    if cells[QUANTITY] is not None:
        _settle_size(cells[QUANTITY], cells[RIGHTS_PER_UNIT], cells[PRICE], found)
    elif cells[MODEL] != "site":
        found.append(("quantity", Problem(QUANTITY_MISSING)))
    _settle_term(cells[MODEL], cells[START], cells[END], found)
    if cells[PRICE] is not None:
        _settle_money(cells, found)
    return found


def _settle_size(quantity: int, rights_per_unit: int, price: Price | None, found: list[AcrossCells]) -> None:
    """Each factor fits its column of the book; their products must too."""
    if quantity * rights_per_unit > LARGEST_WHOLE:
        details: dict[str, str | int] = {"maximum": LARGEST_WHOLE // quantity}
        found.append(("rights_per_unit", Problem(NUMBER_TOO_LARGE, details)))
    if price is not None and quantity * price.amount >= LARGEST_TOTAL:
        found.append(("unit_price", Problem(NUMBER_TOO_LARGE, {"maximum": f"{LARGEST_TOTAL // quantity:,}"})))


def _settle_term(model: str, start: date, end: date | None, found: list[AcrossCells]) -> None:
    if end is None:
        if model in ("subscription", "trial"):
            found.append(("end", Problem(END_MISSING)))
    elif end < start:
        found.append(("end", Problem(END_BEFORE_START, {"start": start.isoformat(), "end": end.isoformat()})))
    elif model == "perpetual":
        found.append(("end", Problem(PERPETUAL_ENDS)))


def _settle_money(cells: list[Any], found: list[AcrossCells]) -> None:
    """Turns the price into amount and currency; a sign of several currencies is settled by the currency column."""
    cells[PRICE], meant = cells[PRICE]
    stated = cells[CURRENCY]
    if stated is None and len(meant) == 1:
        cells[CURRENCY] = meant[0]
    elif stated is None and meant:
        found.append(("currency", Problem(CURRENCY_AMBIGUOUS, {"choices": ", ".join(meant)})))
    elif stated is None:
        found.append(("currency", Problem(CURRENCY_MISSING)))
    elif meant and stated not in meant:
        details: dict[str, str | int] = {"price": ", ".join(meant), "currency": stated}
        found.append(("unit_price", Problem(CURRENCY_CONTRADICTS, details)))
    if cells[BILLING] is None and cells[MODEL] != "perpetual":
        found.append(("billing_period", Problem(BILLING_PERIOD_MISSING)))


_spelt = lru_cache(maxsize=8192)(comparable)


def _identity(row: EntitlementRow) -> tuple[str, ...]:
    """What makes it one purchase of one right: two lines that agree in all of this cannot both be meant."""
    return (
        _spelt(row.publisher),
        _spelt(row.product),
        _spelt(row.edition or ""),
        row.metric,
        row.model,
        row.start.isoformat(),
        row.agreement_number or "",
        row.purchase_order or "",
        row.invoice or "",
        row.sku or "",
        row.cost_centre or "",
    )


ENTITLEMENTS: RowForm[EntitlementRow] = RowForm(
    name="entitlements",
    label=_("Entitlements"),
    fields=FIELDS,
    row_type=EntitlementRow,
    settle=_settle,
    identity=_identity,
    statement=(
        *("quantity", "rights_per_unit", "end", "maintenance_until", "notice_days", "auto_renew"),
        *("unit_price", "currency", "billing_period"),
    ),
    repeated=ENTITLEMENT_REPEATED,
    contradicted=ENTITLEMENT_CONTRADICTED,
)
