"""Admin pages of licence types: the list of versions, and forms that add the first and the next one."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.pages import PageRequest, form_valid, page
from licensing.admin.forms import LicenseTypeForm, VersionForm, condition_texts
from licensing.admin.pills import pill
from licensing.admin.steps import IssuingAdmin
from licensing.admin.tiers import compare_page
from licensing.models import LicenseType
from licensing.operations import Conditions, NewLicenseType, create_license_type
from licensing.wording import term_of

DEFINE = "licensing.type.manage"
VIEW = "licensing.license.view"


class LicenseTypeAdmin(IssuingAdmin):
    view_permission = VIEW
    list_display = ["name", "code", "version", "product", "model", "term", "state"]
    list_select_related = ["product"]
    list_filter = ["model", "product", ("superseded_at", admin.EmptyFieldListFilter)]
    search_fields = ["name", "code"]
    ordering = ["code", "-version"]
    change_form_template = "admin/licensing/licensetype/change_form.html"

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self.allowed(request, DEFINE)

    @admin.display(description=gettext_lazy("Term"))
    def term(self, row: LicenseType) -> str:
        return term_of(row)

    @admin.display(description=gettext_lazy("State"), ordering="superseded_at")
    def state(self, row: LicenseType) -> str:
        return pill("ok", _("In force")) if row.superseded_at is None else pill("neutral", _("Superseded"))

    def get_urls(self) -> list[Any]:
        """The forms, in front of the stock routes, whose last one takes every address."""
        versions = page(DEFINE)(self.version_view)
        return [
            path("add/", page(DEFINE)(self.create_view), name="licensing_licensetype_add"),
            path("<uuid:type_id>/version/", versions, name="licensing_licensetype_version"),
            path("<uuid:type_id>/compare/", page(VIEW)(self.compare_view), name="licensing_licensetype_compare"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context = {"version_url": "", "compare_url": ""}
        if row is not None:
            context["compare_url"] = reverse("admin:licensing_licensetype_compare", args=[row.pk])
        if row is not None and row.superseded_at is None and self.allowed(request, DEFINE):
            context["version_url"] = reverse("admin:licensing_licensetype_version", args=[row.pk])
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def compare_view(self, request: PageRequest, type_id: UUID) -> HttpResponse:
        """What a customer gains and loses by another type."""
        return compare_page(request, type_id, context={**self.admin_site.each_context(request), "opts": self.opts})

    def create_view(self, request: PageRequest) -> HttpResponse:
        """A new template."""
        form = LicenseTypeForm(request.POST if request.method == "POST" else None)
        if form_valid(form, request):
            row = create_license_type(license_type=_wanted(form.cleaned_data), trail=request.trail)
            messages.success(request, _("The licence type %(name)s is ready to use.") % {"name": row.name})
            return HttpResponseRedirect(reverse("admin:licensing_licensetype_change", args=[row.id]))
        return self.step(
            request,
            title=_("Define a licence type"),
            form=form,
            submit=_("Define the licence type"),
            back=reverse("admin:licensing_licensetype_changelist"),
        )

    def version_view(self, request: PageRequest, type_id: UUID) -> HttpResponse:
        """The next version of a template."""
        before = get_object_or_404(LicenseType.objects.select_related("product"), id=type_id)
        form = VersionForm(request.POST if request.method == "POST" else None, initial=_initial(before))
        if form_valid(form, request):
            wanted = _wanted({**form.cleaned_data, "code": before.code, "product": before.product})
            row = create_license_type(license_type=wanted, supersedes=before, trail=request.trail)
            messages.success(request, _("Version %(version)d is in force.") % {"version": row.version})
            return HttpResponseRedirect(reverse("admin:licensing_licensetype_change", args=[row.id]))
        return self.step(
            request,
            title=_("New version of %(name)s") % {"name": before.name},
            form=form,
            submit=_("Put the new version in force"),
            back=reverse("admin:licensing_licensetype_change", args=[before.id]),
            explanation=_("New licences are issued under the new version. Those issued before keep theirs."),
        )


def _wanted(given: dict[str, Any]) -> NewLicenseType:
    stated = dict(given)
    names = ("features", "limits", "territories", "domains", "departments", "version_range")
    return NewLicenseType(conditions=Conditions(**{name: stated.pop(name) for name in names}), **stated)


def _initial(before: LicenseType) -> dict[str, Any]:
    names = (
        "name", "edition", "model", "duration_months", "duration_days", "expiry_basis", "grace_days", "notice_days",
        "expiry_strategy", "converts_to",
    )  # fmt: skip
    return {**{name: getattr(before, name) for name in names}, **condition_texts(before)}


PAGES = ((LicenseType, LicenseTypeAdmin),)
