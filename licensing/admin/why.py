"""The admin page “Why is this invalid?”: what a client would state, another day, what is supposed; and the findings."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.clock import moment
from kernel.errors import InvalidInput
from kernel.pages import PageRequest, form_valid
from licensing.admin.steps import IssuingAdmin
from licensing.cures import cure_of
from licensing.models import License
from licensing.models.issuing import STATUS_CHOICES
from licensing.queries.explanations import explanation_of
from licensing.questions import read_why
from licensing.rules.explanation import Explanation, Reason, Source
from licensing.rules.outcome import FactValue

WHY = "licensing.license.view"
MACHINE = [("", gettext_lazy("Not stated")), ("no", gettext_lazy("No")), ("yes", gettext_lazy("Yes"))]
CALENDAR = [MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(2999, 12, 31))]
PLACES = {"/at": "on", "/what_if/limits/users": "users", "/what_if/limits/activations": "activations"}
"""Pointers of the question → fields of the form, where these are not called alike."""


class WhyForm(forms.Form):
    """A question in fields; `cleaned_data["question"]` is what licensing.questions has read from them."""

    on = forms.DateField(
        required=False,
        label=gettext_lazy("On the day"),
        help_text=gettext_lazy("00:00 UTC of that day. Empty: now."),
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=CALENDAR,
    )
    product = forms.CharField(required=False, max_length=200, label=gettext_lazy("Product"))
    version = forms.CharField(required=False, max_length=200, label=gettext_lazy("Version"))
    features = forms.CharField(
        required=False,
        label=gettext_lazy("Features"),
        help_text=gettext_lazy("Codes with commas or spaces between them"),
    )
    country = forms.CharField(
        required=False, max_length=2, label=gettext_lazy("Country"), help_text=gettext_lazy("Two letters, such as NO")
    )
    fingerprint = forms.CharField(required=False, max_length=200, label=gettext_lazy("Fingerprint of the machine"))
    user = forms.CharField(required=False, max_length=200, label=gettext_lazy("User"))
    domain = forms.CharField(required=False, max_length=200, label=gettext_lazy("Domain"))
    department = forms.CharField(required=False, max_length=200, label=gettext_lazy("Department"))
    vm = forms.ChoiceField(required=False, choices=MACHINE, label=gettext_lazy("On a virtual machine"))
    lease = forms.CharField(required=False, max_length=2000, label=gettext_lazy("Lease"))
    status = forms.ChoiceField(
        required=False,
        choices=[("", gettext_lazy("As it is")), *STATUS_CHOICES],
        label=gettext_lazy("If its status were"),
    )
    expires_at = forms.DateField(
        required=False,
        label=gettext_lazy("If its term ended on"),
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=CALENDAR,
    )
    users = forms.IntegerField(required=False, min_value=0, label=gettext_lazy("If it had seats for so many users"))
    activations = forms.IntegerField(required=False, min_value=0, label=gettext_lazy("If it allowed so many machines"))
    supposed = ("status", "expires_at", "users", "activations")

    @property
    def stated(self) -> list[forms.BoundField]:
        """What the client would state, and when."""
        return [field for field in self if field.name not in self.supposed]

    @property
    def narrowing(self) -> list[forms.BoundField]:
        return [self[name] for name in self.supposed]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        try:
            given["question"] = read_why(_body(given))
        except InvalidInput as refusal:
            for error in refusal.errors:
                name = PLACES.get(error.pointer) or error.pointer.split("/")[2]
                self.add_error(name if name in self.fields else None, error.message)
        return given


class WhyAdmin(IssuingAdmin):
    """Pages of licences that explain what a validation would say."""

    def why_view(self, request: PageRequest, license_id: UUID) -> HttpResponse:
        """Asked by POST, so that no fingerprint or user stands in an address; nothing is written."""
        row = get_object_or_404(License.objects.select_related("licensee", "product"), id=license_id)
        form = WhyForm(request.POST if request.method == "POST" else None)
        told = None
        if form_valid(form, request):
            question = form.cleaned_data["question"]
            told = explanation_of(license_id=row.id, question=question, now=request.trail.clock.now())
        return self._explained(request, row, form, told)

    def _explained(self, request: HttpRequest, row: License, form: WhyForm, told: Explanation | None) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Why is this invalid?"),
            "row": row,
            "form": form,
            "told": told,
            "findings": [_row(reason) for reason in told.reasons] if told else [],
            "warnings": [(one.code, moment(one.until)) for one in told.decision.warnings] if told else [],
            "back": reverse("admin:licensing_license_change", args=[row.id]),
        }
        shown = render(request, "admin/licensing/license/why.html", context)
        shown["Cache-Control"] = "no-store"
        return shown


def _body(given: dict[str, Any]) -> dict[str, Any]:
    """The question as its JSON would be; what was left empty is not stated."""
    scope = {name: given.get(name) for name in ("product", "version", "country", "fingerprint", "user", "domain")}
    scope |= {name: given.get(name) for name in ("department", "lease")}
    if given.get("features"):
        scope["features"] = given["features"].replace(",", " ").split()
    if given.get("vm"):
        scope["vm"] = given["vm"] == "yes"
    limits = {name: given[name] for name in ("users", "activations") if given.get(name) is not None}
    what_if: dict[str, Any] = {"limits": limits}
    if given.get("status"):
        what_if["status"] = given["status"]
    if given.get("expires_at"):
        what_if["expires_at"] = f"{given['expires_at'].isoformat()}T00:00:00Z"
    stated = {name: value for name, value in scope.items() if value not in ("", None)}
    at = {"at": f"{given['on'].isoformat()}T00:00:00Z"} if given.get("on") else {}
    return {**at, "scope": stated, "what_if": what_if}


def _row(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "fact": reason.fact,
        "actual": _shown(reason.actual),
        "required": _shown(reason.required),
        "cure": cure_of(reason.code),
        "source": _source(reason.source),
    }


def _source(source: Source | None) -> dict[str, Any] | None:
    if source is None:
        return None
    names = {
        "license": _("Licence"),
        "license_type": _("Licence type"),
        "party": _("Customer"),
        "product": _("Product"),
        "release": _("Release"),
    }
    address = reverse(f"admin:licensing_{source.kind.replace('_', '')}_change", args=[source.id])
    return {"url": address, "label": names[source.kind]}


def _shown(value: FactValue) -> str:
    """A fact for people; digests are cut to what tells them apart."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, tuple):
        return ", ".join(one if len(one) <= 40 else f"{one[:10]}…" for one in value)
    if isinstance(value, str) and len(value) > 40:
        return f"{value[:10]}…"
    return "" if value is None else str(value)
