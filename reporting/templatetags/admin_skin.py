"""Template tags of the admin's lists (templates/admin): numbers to the right, column names on cards, filter chips."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import template
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reporting.templatetags.ui import icon

register = template.Library()

# A boolean as the admin draws it; three icons of the sprite say the same without the alarm of a red cross.
FLAG = re.compile(r'<img src="[^"]*/icon-(yes|no|unknown)[^"]*" alt="([^"]*)">')
NUMERIC_FIELDS = (models.IntegerField, models.DecimalField, models.FloatField)


@dataclass(frozen=True)
class Column:
    """One column of a list: the header as the admin describes it, and whether its cells are figures."""

    header: dict[str, Any]
    numeric: bool


@dataclass(frozen=True)
class Row:
    """One row of a list: cells as safe HTML, and the errors of its inline form."""

    cells: list[SafeString]
    errors: str


@dataclass(frozen=True)
class Grid:
    """A list page's table, ready to print."""

    columns: list[Column]
    rows: list[Row]


@dataclass(frozen=True)
class Chip:
    """A filter that is set, and the address of the same list without it."""

    title: str
    value: str
    remove_url: str


@register.simple_tag
def list_grid(cl: ChangeList, headers: list[dict[str, Any]], results: Iterable[Any]) -> Grid:
    """The admin's result list with `num` on figures and `data-label` on every cell."""
    columns = [Column(header, _is_numeric(cl, name)) for header, name in zip(headers, cl.list_display, strict=True)]
    return Grid(columns, [_row(result, columns) for result in results])


def _row(result: Any, columns: list[Column]) -> Row:
    cells = [_cell(str(cell), column) for cell, column in zip(result, columns, strict=False)]
    errors = str(result.form.non_field_errors()) if result.form else ""
    return Row(cells, errors)


def _cell(html: str, column: Column) -> SafeString:
    """Adds the column's name and its alignment to the opening tag that the admin wrote: `<td class="field-x">`."""
    opening, rest = FLAG.sub(_flag, html).split(">", 1)
    if column.numeric:
        opening = opening.replace('class="', 'class="num ', 1)
    label = "" if "action-checkbox" in opening else escape(str(column.header["text"]).capitalize())
    return SafeString(f'{opening} data-label="{label}">{rest}')  # the admin escaped the cell, we the label


def _flag(found: re.Match[str]) -> str:
    name, label = {"yes": ("check", _("Yes")), "no": ("minus", _("No")), "unknown": ("help-circle", _("Unknown"))}[
        found[1]
    ]
    return f'<span class="flag flag--{found[1]}">{icon(name, label)}</span>'


def _is_numeric(cl: ChangeList, name: Any) -> bool:
    """True for number columns of the model without choices, and for display methods that say so or sort by one."""
    method = name if callable(name) else getattr(cl.model_admin, name, None)
    if getattr(method, "numeric", False):
        return True
    column = name if method is None else str(getattr(method, "admin_order_field", "") or "").lstrip("-")
    try:
        field = cl.lookup_opts.get_field(column)
    except FieldDoesNotExist:
        return False
    return isinstance(field, NUMERIC_FIELDS) and not getattr(field, "choices", None)


@register.filter
def css_classes(attribute: str) -> str:
    """The classes inside a ready-made ` class="…"` attribute of a list header."""
    found = re.search(r'class="([^"]*)"', attribute)
    return found[1] if found else ""


@register.simple_tag
def active_filters(cl: ChangeList) -> list[Chip]:
    """The filters that are set on a list, in the order of the filter drawer."""
    return [_chip(cl, spec) for spec in cl.filter_specs if spec.used_parameters]


def _chip(cl: ChangeList, spec: Any) -> Chip:
    chosen = [str(choice["display"]) for choice in spec.choices(cl) if choice["selected"]]
    return Chip(str(spec.title).capitalize(), ", ".join(chosen), cl.get_query_string(remove=spec.expected_parameters()))
