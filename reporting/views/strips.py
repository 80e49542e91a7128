"""Figures as tiles: each function makes those that one set of facts gives, for any page that shows them."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from reporting.packages.formatting import Formatter
from reporting.queries.ledger import Signed
from reporting.queries.use import SeatUse
from reporting.tiles import Tile


def words() -> Formatter:
    """How the reader's language writes figures."""
    return Formatter(get_language() or "en")


def seats_tiles(use: SeatUse, *, page: str = "") -> list[Tile]:
    """Seats in use, free, and beyond rights; `page` is where their rows stand, when not on the same page."""
    write, totals = words(), use.totals
    covered = _("of %(limit)s covered") % {"limit": write.number(totals.limit)}
    if totals.unlimited_pools:
        aside = ngettext(
            "%(count)d pool without a limit aside", "%(count)d pools without a limit aside", totals.unlimited_pools
        )
        covered = f"{covered}, {aside % {'count': totals.unlimited_pools}}"
    return [
        Tile(
            label=_("Seats in use"),
            value=write.number(totals.used),
            icon="armchair",
            note=covered,
            as_of=use.at,
            href=f"{page}#use",
        ),
        Tile(
            label=_("Free seats"),
            value=write.number(totals.free),
            icon="circle-dashed",
            note=_("may still be assigned"),
            as_of=use.at,
            href=f"{page}?sort=-free#use",
        ),
        Tile(
            label=_("Seats over limit"),
            value=write.number(totals.over),
            tone="danger" if totals.over else "",
            icon="" if totals.over else "circle-check",
            note=_("held without a right") if totals.over else _("every seat is covered"),
            as_of=use.at,
            href=f"{page}?sort=-over#use",
        ),
    ]


def violations_tile(count: int, *, scanned_at: datetime | None) -> Tile:
    """Open violations as of the last scan."""
    return Tile(
        label=_("Open violations"),
        value=words().number(count),
        tone="danger" if count else "",
        icon="" if count else "shield-check",
        note="" if scanned_at else _("never scanned"),
        as_of=scanned_at,
        href=reverse("compliance:violations") + "?state=open",
    )


def expiring_tile(count: int, *, at: datetime, page: str = "") -> Tile:
    return Tile(
        label=_("Expiring in 90 days"),
        value=words().number(count),
        tone="warn" if count else "",
        icon="" if count else "calendar-event",
        note=_("rights without a renewal"),
        as_of=at,
        href=f"{page}#expiring",
    )


def annual_tiles(costs: Mapping[str, Decimal], *, at: datetime, page: str) -> list[Tile]:
    """One tile for each currency: amounts of two currencies are never added."""
    write = words()
    return [
        Tile(
            label=_("Annual cost"),
            value=write.whole_money(amount, currency),
            icon="coin",
            note=_("of rights in force"),
            as_of=at,
            href=f"{page}#{currency}",
        )
        for currency, amount in costs.items()
    ]


def ledger_tiles(state: Signed) -> list[Tile]:
    """Length of the chain, and how much of it a checkpoint has signed."""
    write, unsigned = words(), state.size - state.signed_size
    entries = ngettext("%(count)s entry newer", "%(count)s entries newer", unsigned) % {"count": write.number(unsigned)}
    return [
        Tile(
            label=_("Ledger entries"),
            value=write.number(state.size),
            icon="list-check",
            as_of=state.last_at,
            href=reverse("reporting:audit") + "#entries",
        ),
        Tile(
            label=_("Signed by a checkpoint"),
            value=write.number(state.signed_size),
            icon="shield-check",
            note=entries if unsigned else _("all entries"),
            as_of=state.signed_at,
            href=reverse("reporting:audit") + "#checkpoint",
        ),
    ]
