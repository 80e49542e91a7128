"""Forms and filters of the pages of violations."""

from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from compliance.models import Severity, Violation, ViolationKind, ViolationState
from compliance.queries import colleagues

ANY = _("Any")
MOST_SEARCHED = 100


class ViolationFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package publishes no types
    """State, kind, severity, and a text that is part of the number or of the pool's name."""

    q = django_filters.CharFilter(label=_("Number or product"), method="named", max_length=MOST_SEARCHED)
    state = django_filters.ChoiceFilter(label=_("State"), choices=ViolationState.choices, empty_label=ANY)
    severity = django_filters.ChoiceFilter(label=_("Severity"), choices=Severity.choices, empty_label=ANY)
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=ViolationKind.choices, empty_label=ANY)

    class Meta:
        model = Violation
        fields = ["q", "state", "severity", "kind"]

    def named(self, rows: QuerySet[Violation], _name: str, text: str) -> QuerySet[Violation]:
        wanted = text.strip()
        return rows.filter(Q(number__iexact=wanted) | Q(pool__name__icontains=wanted))


class OwnerForm(forms.Form):
    """Who takes care of a violation, and until when. Times are in UTC, as everywhere on the pages."""

    owner = forms.ChoiceField(label=_("Who takes care"), required=False)
    due_at = forms.DateTimeField(
        label=_("Cured by (UTC)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )

    def __init__(self, violation: Violation, at: datetime, data: Any = None) -> None:
        due_at = violation.due_at.astimezone(UTC) if violation.due_at else None
        super().__init__(data, initial={"owner": str(violation.owner_id or ""), "due_at": due_at})
        choices: Any = [("", _("— nobody yet —")), *((str(row.id), str(row)) for row in colleagues(at=at))]
        owner: Any = self.fields["owner"]
        owner.choices = choices
