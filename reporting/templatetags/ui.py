"""Template tags of the design system: `{% load ui %}`. docs/design-system.md shows each."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.numbers import format_percent
from django import template
from django.forms import BoundField, CheckboxInput
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from identity.wording import role_name
from kernel.clock import moment, second
from reporting.charts import Chart
from reporting.charts import figure as chart_figure
from reporting.packages.formatting import Formatter
from reporting.tiles import Tile

register = template.Library()
register.filter("moment", moment)
register.filter("second", second)
register.filter("role_name", role_name)

# A state is never told by colour alone: each tone has its own icon, and the pill has a word.
TONE_ICONS: dict[str, str] = {
    "ok": "circle-check",
    "warn": "alert-triangle",
    "danger": "alert-octagon",
    "info": "info-circle",
    "pending": "clock",
    "neutral": "circle-minus",
}
# Tags of django.contrib.messages → tone of the note that shows them.
MESSAGE_TONES: dict[str, str] = {
    "debug": "neutral",
    "info": "info",
    "success": "ok",
    "warning": "warn",
    "error": "danger",
}


def _formatter() -> Formatter:
    """How the reader's language writes figures; English where translation is switched off."""
    return Formatter(get_language() or "en")


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite. Without a label it is decoration and hidden from screen readers."""
    href = f"{static('vendor/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', href)


@register.inclusion_tag("components/pill.html")
def pill(tone: str, label: str, icon: str = "") -> dict[str, str]:
    """A state in a word, with the icon of its tone; raises KeyError for a tone that does not exist."""
    return {"tone": tone, "label": label, "icon": icon or TONE_ICONS[tone]}


@register.filter
def tone_icon(tone: str) -> str:
    """The icon that stands for a tone."""
    return TONE_ICONS[tone]


@register.filter
def message_tone(level_tag: str) -> str:
    """The tone of a message of django.contrib.messages."""
    return MESSAGE_TONES.get(level_tag, "info")


@register.inclusion_tag("components/kpi_row.html")
def kpi_row(tiles: list[Tile] | list[Mapping[str, Any]]) -> dict[str, Any]:
    """The strip of figures on top of a page."""
    return {"tiles": tiles}


@register.inclusion_tag("components/as_of.html")
def as_of(when: datetime) -> dict[str, datetime]:
    """The instant that a figure holds for; every figure has one."""
    return {"when": when}


@register.inclusion_tag("components/empty_state.html")
def empty_state(
    title: str, text: str = "", icon: str = "list-check", url: str = "", action: str = ""
) -> dict[str, str]:
    """What stands where a list would: why it is empty and what to do next."""
    return {"title": title, "text": text, "icon": icon, "url": url, "action": action}


@register.inclusion_tag("components/meter.html")
def meter(value: float, maximum: float, label: str, tone: str = "") -> dict[str, Any]:
    """A share as a bar with its numbers: `value` of `maximum`, which may be exceeded or 0 (the bar is then full)."""
    return {"value": value, "maximum": maximum, "shown": min(value, maximum or value), "label": label, "tone": tone}


@register.inclusion_tag("components/field.html")
def field(field: BoundField, label: str = "") -> dict[str, Any]:
    """One form field with label, help and errors, joined for screen readers as Django joins them."""
    return {"field": field, "label": label or field.label, "check": isinstance(field.field.widget, CheckboxInput)}


@register.inclusion_tag("components/copy_field.html")
def copy_field(id: str, label: str, value: str, rows: int = 1, focus: bool = False) -> dict[str, Any]:
    """Something to take elsewhere: a field that cannot be changed, and a button that copies it."""
    return {"id": id, "label": label, "value": value, "rows": rows, "focus": focus}


@register.inclusion_tag("components/sure.html", takes_context=True)
def sure(
    context: Context, id: str, url: str, *, action: str, question: str, text: str, confirm: str, icon: str = ""
) -> dict[str, Any]:
    """A button that asks once more, in a dialog that Escape closes, before its form is sent to `url`."""
    return {
        "id": id,
        "url": url,
        "action": action,
        "question": question,
        "text": text,
        "confirm": confirm,
        "icon": icon,
        "token": context.get("csrf_token", ""),
    }


@register.inclusion_tag("components/file_drop.html")
def file_drop(field: BoundField, hint: str = "") -> dict[str, Any]:
    """A file field as a drop area; it stays an ordinary file input for keyboard and screen reader."""
    return {"field": field, "hint": hint}


@register.simple_tag
def figure(chart: Chart, table: bool = True) -> SafeString:
    """A chart of reporting.charts with its legend, and its facts as a table unless they stand beside it anyway."""
    return chart_figure(chart, table=table)


@register.simple_tag
def money(amount: Decimal, currency: str) -> str:
    """An amount as the reader's language writes it ("€1,284.50", "1.284,50 €"); `currency` is ISO 4217."""
    return _formatter().money(amount, currency)


@register.filter
def number(value: int | None) -> str:
    """A count with the grouping of the reader's language; a dash where there is none."""
    return _formatter().number(value)


@register.filter
def share(value: float | Decimal) -> str:
    """A ratio (0.875) as a percentage without decimals ("88%")."""
    return format_percent(value, locale=_formatter().locale)


@register.filter
def initials(name: str) -> str:
    """At most two letters for the round mark of an account: of "Mira Holt" MH, of "mira@halden.example" m."""
    words = name.split("@")[0].replace(".", " ").split()
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]])
