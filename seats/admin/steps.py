"""Transitions in the admin: a page that says what will happen, a form, one button, one operation."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy

from identity.models import Device, DirectoryGroup, Person
from kernel.admin import DisplayAdmin, FoundBySearch
from seats.forms import MOST_UNITS, ReasonForm
from seats.models import Assignment

MANAGE = "seats.pool.manage"
APPLY = "apply"


class PersonForm(ReasonForm):
    """Who gets the seat, and why. The admin's own search finds people."""

    person = forms.ModelChoiceField(queryset=Person.objects.filter(active=True), label=gettext_lazy("Person"))
    field_order = ["person", "reason"]
    searched: ClassVar[tuple[str, ...]] = ("person",)

    def __init__(self, site: admin.AdminSite, *args: Any) -> None:
        super().__init__(*args)
        for name in self.searched:
            field: Any = self.fields[name]
            field.widget = FoundBySearch(Assignment._meta.get_field(name), site)
            field.widget.choices = field.choices


class SeatForm(PersonForm):
    """One holder of any kind, and a quantity."""

    person = forms.ModelChoiceField(
        queryset=Person.objects.filter(active=True), required=False, label=gettext_lazy("Person")
    )
    device = forms.ModelChoiceField(
        queryset=Device.objects.filter(retired_at__isnull=True), required=False, label=gettext_lazy("Device")
    )
    external_holder = forms.CharField(
        max_length=200, required=False, label=gettext_lazy("Somebody outside the directory")
    )
    quantity = forms.IntegerField(min_value=1, max_value=MOST_UNITS, initial=1, label=gettext_lazy("Quantity"))
    field_order = ["person", "device", "external_holder", "quantity", "reason"]
    searched: ClassVar[tuple[str, ...]] = ("person", "device")


class EligibleForm(PersonForm):
    """A person, or everybody in a group, and why."""

    person = forms.ModelChoiceField(
        queryset=Person.objects.filter(active=True), required=False, label=gettext_lazy("Person")
    )
    group = forms.ModelChoiceField(
        queryset=DirectoryGroup.objects.order_by("display_name_lower"), required=False, label=gettext_lazy("Group")
    )
    field_order = ["person", "group", "reason"]


class TransferForm(SeatForm):
    """Who gets the seat, and why; the quantity is that of the seat."""

    quantity = None  # type: ignore[assignment]  # how forms leave out a field of their base
    field_order = ["person", "device", "external_holder", "reason"]


class StepAdmin(DisplayAdmin):
    """A page to read whose transitions are pages of their own: what will happen, a form, one button."""

    def allowed(self, request: HttpRequest, permission: str) -> bool:
        return self._principal(request).may(permission)

    def step(
        self, request: HttpRequest, *, title: str, lead: str, form: forms.Form, submit: str, **context: Any
    ) -> TemplateResponse:
        given = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "subtitle": lead,
            "form": form,
            "submit": submit,
            **context,
        }
        return TemplateResponse(request, "admin/seats/step.html", given)

    def again(self, request: HttpRequest, name: str) -> list[tuple[str, str]]:
        """What an action's own page must send back so that the list calls the action again for the same rows."""
        chosen = [(ACTION_CHECKBOX_NAME, value) for value in request.POST.getlist(ACTION_CHECKBOX_NAME)]
        across = ("select_across", request.POST.get("select_across", "0"))
        return [("action", name), (APPLY, "1"), across, *chosen]
