"""The form that orders an audit package."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from reporting.operations import PackageScope
from reporting.packages.snapshot import Scope
from reporting.rules.spans import Every, Span, current, previous

OWN_DAYS = "days"
THIS_QUARTER, LAST_QUARTER, LAST_MONTH = "this_quarter", "last_quarter", "last_month"


@dataclass(frozen=True)
class Choices:
    """Publishers and products, each (id, name)."""

    publishers: list[tuple[str, str]]
    products: list[tuple[str, str]]


class PackageForm(forms.Form):
    """Period, scope and language. The days count only when the period is "from – to"; `today` is the organisation's."""

    period = forms.ChoiceField(
        label=_("Period"),
        choices=[
            (LAST_QUARTER, _("Last quarter")),
            (THIS_QUARTER, _("This quarter, until today")),
            (LAST_MONTH, _("Last month")),
            (OWN_DAYS, _("From – to")),
        ],
    )
    first_day = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last_day = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    scope = forms.ChoiceField(label=_("What it covers"))
    language = forms.ChoiceField(label=_("Language of the report"), choices=settings.LANGUAGES)

    def __init__(self, today: date, choices: Choices, data: Any = None, *, language: str = "en") -> None:
        last = previous(Every.QUARTER, day=today)
        super().__init__(data, initial={"first_day": last.start, "last_day": last.last, "language": language})
        self.today = today
        scope: Any = self.fields["scope"]
        scope.choices = [
            (Scope.ALL.value, _("The whole organisation")),
            (_("One publisher"), [(f"{Scope.PUBLISHER}:{key}", name) for key, name in choices.publishers]),
            (_("One product"), [(f"{Scope.PRODUCT}:{key}", name) for key, name in choices.products]),
        ]

    def clean(self) -> dict[str, Any]:
        """A period of one's own needs both days; the operation judges whether they make sense."""
        found = super().clean() or {}
        if found.get("period") == OWN_DAYS:
            for name in ("first_day", "last_day"):
                if not found.get(name) and name not in self.errors:
                    self.add_error(name, _("Choose a day."))
        return found

    def span(self) -> tuple[date, date]:
        """First and last day, both included."""
        chosen = self.cleaned_data["period"]
        if chosen == OWN_DAYS:
            return self.cleaned_data["first_day"], self.cleaned_data["last_day"]
        spans: dict[str, Span] = {
            LAST_QUARTER: previous(Every.QUARTER, day=self.today),
            LAST_MONTH: previous(Every.MONTH, day=self.today),
            THIS_QUARTER: current(Every.QUARTER, day=self.today),
        }
        return spans[chosen].start, min(spans[chosen].last, self.today)

    def chosen_scope(self) -> PackageScope:
        kind, _colon, key = self.cleaned_data["scope"].partition(":")
        return PackageScope(Scope(kind), UUID(key) if key else None)
