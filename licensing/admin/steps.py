"""Pages of transitions in the vendor's part of the admin: what will happen, a form, one button, one operation."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kernel.admin import DisplayAdmin
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


def plain_form(request: PageRequest) -> forms.Form:
    """The form of a step that asks nothing."""
    return forms.Form(request.POST if request.method == "POST" else None)
