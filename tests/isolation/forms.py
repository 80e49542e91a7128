"""Forms as a browser meets them: what stands in the HTML of a page, and the fields that Django judges it by."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django import forms
from django.contrib.admin.helpers import AdminForm
from django.contrib.auth.forms import UsernameField
from django_filters import fields as filters

from identity.forms.single_sign_on import AccountField
from licensing.admin.forms import FeaturesField, LimitsField, PlacesField, TerritoriesField

NAMES_ROW = re.compile(r"^(?:[\w.]+:)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$")
"""A value that is an id, alone or after a word for what it is of."""
TYPED: dict[str, str] = {
    "text": "Words",
    "search": "Words",
    "email": "kim@example.org",
    "number": "1",
    "date": "2027-01-01",
    "datetime-local": "2027-01-01T00:00",
    "time": "12:00",
    "url": "https://example.org/",
    "password": "a long enough pass phrase",
    "textarea": "Words",
}
"""Kind of control → what somebody types who was given an empty one."""
CHOSEN = {"select", "radio", "checkbox"}
KEPT = {"hidden", "file", "submit", "button", "reset"}
"""Kinds of controls into which nobody types."""
ROWS = (
    forms.ModelChoiceField,
    forms.ModelMultipleChoiceField,
    forms.UUIDField,
    AccountField,
    filters.ModelChoiceField,
    filters.ModelMultipleChoiceField,
)
CHOICES = (
    forms.ChoiceField,
    forms.MultipleChoiceField,
    forms.TypedChoiceField,
    filters.ChoiceField,
    filters.MultipleChoiceField,
)
TYPED_FIELDS = (
    forms.CharField,
    forms.EmailField,
    forms.IntegerField,
    forms.DecimalField,
    forms.BooleanField,
    forms.DateField,
    forms.DateTimeField,
    forms.FileField,
    forms.SlugField,
    forms.URLField,
    forms.JSONField,
    forms.RegexField,
    UsernameField,
    FeaturesField,
    LimitsField,
    TerritoriesField,
    PlacesField,
)
"""Classes of fields, by what they take. A class that stands in none of the three is a kind that nobody has thought
about: does it name rows?"""


@dataclass
class Control:
    """One named control; of a select, of radio buttons and of boxes all values that it offers."""

    kind: str
    values: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)

    @property
    def names_rows(self) -> bool:
        return any(NAMES_ROW.match(one) for one in self.values)


@dataclass
class Form:
    """One form of a page: where it goes, and its controls by name."""

    method: str
    action: str
    controls: dict[str, Control] = field(default_factory=dict)

    def filled(self) -> dict[str, Any]:
        """What a browser sends when somebody fills in what is empty."""
        found: dict[str, Any] = {}
        for name, one in self.controls.items():
            offered = [value for value in one.values if value]
            if one.kind in TYPED:
                found[name] = one.values[0] or TYPED[one.kind]
            elif one.kind in {"select", "radio"}:
                found[name] = [value for value in one.chosen if value] or offered[:1]
            elif one.kind == "checkbox":
                found[name] = one.chosen
            elif one.kind != "file":
                found[name] = one.values[0]
        return found


class Reader(HTMLParser):
    """Collects the forms of a page; `unknown` are kinds of controls that nobody has thought about."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.unknown: set[str] = set()
        self._by_id: dict[str, Form] = {}
        self._open: Form | None = None
        self._select: Control | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in given}
        if tag == "form":
            self._open = Form(has.get("method", "get").lower(), has.get("action", ""))
            self.forms.append(self._open)
            self._by_id[has.get("id", "")] = self._open
        elif tag in {"input", "select", "textarea", "button"}:
            self._control(tag, has)
        elif tag == "option" and self._select is not None:
            self._select.values.append(has.get("value", ""))
            self._select.chosen += [has.get("value", "")] if "selected" in has else []

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None

    def _control(self, tag: str, has: dict[str, str]) -> None:
        kind = has.get("type", "text" if tag == "input" else "submit") if tag in {"input", "button"} else tag
        if kind not in TYPED.keys() | CHOSEN | KEPT:
            self.unknown.add(kind)
        form = self._by_id.get(has["form"]) if "form" in has else self._open
        name = has.get("name", "")
        if form is None or not name or "disabled" in has:
            return
        if kind in {"submit", "button", "reset"} and name in form.controls:
            return
        control = form.controls.setdefault(name, Control(kind))
        if kind == "select":
            self._select = control
            return
        control.values.append(has.get("value", "on" if kind in CHOSEN else ""))
        control.chosen += control.values[-1:] if "checked" in has else []


def judged(context: Any) -> Iterator[forms.BaseForm]:
    """Every form that a page was rendered with, those of form sets and of the admin too, each once."""
    seen: set[int] = set()
    for layer in context or ():
        for value in list(getattr(layer, "flatten", dict)().values()):
            for one in _forms_in(value):
                if id(one) not in seen:
                    seen.add(id(one))
                    yield one


def _forms_in(value: Any) -> Iterator[forms.BaseForm]:
    if isinstance(value, AdminForm):
        yield value.form
    elif isinstance(value, forms.BaseForm):
        yield value
    elif isinstance(value, forms.BaseFormSet):
        yield from value.forms
    elif isinstance(value, list | tuple):
        for one in value:
            if isinstance(one, forms.BaseForm | forms.BaseFormSet | AdminForm):
                yield from _forms_in(one)


def unknown_fields(one: forms.BaseForm) -> Iterator[str]:
    for name, each in one.fields.items():
        if type(each) not in {*ROWS, *CHOICES, *TYPED_FIELDS}:
            yield f"{type(one).__name__}.{name}: {type(each).__name__}"


def row_fields(one: forms.BaseForm) -> Iterator[tuple[str, Any]]:
    """Names, as they are sent, of fields that name a row of a table, with the table where the field knows it."""
    for name, each in one.fields.items():
        if isinstance(each, ROWS):
            queryset = getattr(each, "queryset", None)
            yield one.add_prefix(name), queryset.model if queryset is not None else None
