"""Pages of transitions in the vendor's part of the admin: what will happen, a form, one button, one operation."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kernel.admin import DisplayAdmin, FoundBySearch
from kernel.pages import PageRequest


class IssuingAdmin(DisplayAdmin):
    """A page to read, with transitions on pages of their own.

    Those stand under kernel.pages.page: a refusal is shown on the form, and nothing that was typed is lost.
    """

    def allowed(self, request: HttpRequest, permission: str) -> bool:
        return self._principal(request).may(permission)

    def step(
        self, request: HttpRequest, *, title: str, form: forms.Form, submit: str, back: str, **context: Any
    ) -> HttpResponse:
        given = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "form": form,
            "submit": submit,
            "back": back,
            **context,
        }
        return render(request, "admin/licensing/step.html", given)


class SteppedAdmin(IssuingAdmin):
    """Rows to read; what may be done to one stands above it."""

    change_form_template = "admin/licensing/with_steps.html"

    def steps_of(self, request: HttpRequest, row: Any) -> list[dict[str, str]]:
        """Buttons as url, label, icon and look."""
        raise NotImplementedError

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        steps = [] if row is None else self.steps_of(request, row)
        return super().change_view(request, object_id, form_url, {"own_steps": steps, **(extra_context or {})})


def plain_form(request: PageRequest) -> forms.Form:
    """The form of a step that asks nothing."""
    return forms.Form(request.POST if request.method == "POST" else None)


def found_by_search(form: forms.Form, name: str, model: Any, site: admin.AdminSite) -> None:
    """Lets a field be found by the admin's own search."""
    field: Any = form.fields[name]
    field.widget = FoundBySearch(model._meta.get_field(name), site)
    field.widget.choices = field.choices
