"""The page that puts two licence types beside each other."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.clock import SystemClock
from kernel.pages import PageRequest
from licensing.models import LicenseType
from licensing.queries.tiers import compare_types
from licensing.rules.rights_diff import Aspect, ChangeKind, RightsChange

CHANGES = {
    ChangeKind.GAINED: ("ok", gettext_lazy("Gained")),
    ChangeKind.LOST: ("danger", gettext_lazy("Lost")),
    ChangeKind.CHANGED: ("info", gettext_lazy("Changed")),
}
ASPECTS = {
    Aspect.FEATURE: gettext_lazy("Feature"),
    Aspect.LIMIT: gettext_lazy("Limit"),
    Aspect.TERRITORIES: gettext_lazy("Territories"),
    Aspect.DOMAINS: gettext_lazy("Domains"),
    Aspect.DEPARTMENTS: gettext_lazy("Departments"),
    Aspect.VERSIONS: gettext_lazy("Versions"),
    Aspect.MODEL: gettext_lazy("Model"),
    Aspect.TERM: gettext_lazy("Term"),
    Aspect.GRACE: gettext_lazy("Days of grace after the end"),
    Aspect.EXPIRY: gettext_lazy("What happens at the end"),
}


class CompareForm(forms.Form):
    """The type or version that a customer would go to."""

    other = forms.ModelChoiceField(
        queryset=LicenseType.objects.select_related("product").order_by("name", "version"),
        label=gettext_lazy("Compare with"),
    )


def compare_page(request: PageRequest, type_id: UUID, *, context: dict[str, Any]) -> HttpResponse:
    """GET only: `other` in the address is the second type; without it the form alone."""
    before = get_object_or_404(LicenseType.objects.select_related("product"), id=type_id)
    form = CompareForm(request.GET if "other" in request.GET else None)
    after = form.cleaned_data["other"] if form.is_bound and form.is_valid() else None
    found = [] if after is None else compare_types(before=before, after=after, at=SystemClock().now())
    shown = {
        **context,
        "title": _("Compare"),
        "form": form,
        "before": before,
        "after": after,
        "changes": [_in_words(one) for one in found],
    }
    return render(request, "admin/licensing/licensetype/compare.html", shown)


def _in_words(change: RightsChange) -> dict[str, Any]:
    tone, label = CHANGES[change.kind]
    return {
        "tone": tone,
        "label": label,
        "aspect": ASPECTS[change.aspect],
        "code": change.code,
        "before": change.before,
        "after": change.after,
    }
