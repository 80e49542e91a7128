"""Admin pages of licence types: the list of versions, and forms that add the first and the next one."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kernel.clock import DatabaseClock
from kernel.pages import PageRequest, form_valid, page
from licensing.admin.forms import LicenseTypeForm, StatedReasonForm, VersionForm, condition_texts
from licensing.admin.machine_forms import FIELDSETS, machine_initial, machine_rules
from licensing.admin.pills import pill
from licensing.admin.steps import IssuingAdmin
from licensing.admin.tiers import compare_page
from licensing.models import LicenseType
from licensing.operations import Conditions, NewLicenseType, apply_type_version, create_license_type
from licensing.queries.type_changes import preview
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
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("name", "code", "version", "product", "edition", "model", "created_at", "superseded_at")}),
        (
            gettext_lazy("Term"),
            {
                "fields": (
                    "duration_months", "duration_days", "expiry_basis", "grace_days", "notice_days", "expiry_strategy",
                    "converts_to",
                )
            },
        ),
        *((legend, {"fields": names}) for legend, names in FIELDSETS),
        (gettext_lazy("Conditions"), {"fields": ("features", "limits", "territories", "version_range")}),
    )  # fmt: skip

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
            path("<uuid:type_id>/apply/", page(DEFINE)(self.apply_view), name="licensing_licensetype_apply"),
            path("<uuid:type_id>/version/", versions, name="licensing_licensetype_version"),
            path("<uuid:type_id>/compare/", page(VIEW)(self.compare_view), name="licensing_licensetype_compare"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context = {"version_url": "", "apply_url": "", "compare_url": ""}
        if row is not None:
            context["compare_url"] = reverse("admin:licensing_licensetype_compare", args=[row.pk])
        if row is not None and row.superseded_at is None and self.allowed(request, DEFINE):
            context["version_url"] = reverse("admin:licensing_licensetype_version", args=[row.pk])
            context["apply_url"] = (
                reverse("admin:licensing_licensetype_apply", args=[row.pk]) if row.version > 1 else ""
            )
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

    def apply_view(self, request: PageRequest, type_id: UUID) -> HttpResponse:
        """The licences of older versions, what each would gain and lose, and the button that carries them over."""
        kind = get_object_or_404(LicenseType.objects.select_related("product"), id=type_id)
        changes = preview(kind, at=DatabaseClock().now())
        form = StatedReasonForm(request.POST if request.method == "POST" else None)
        if form_valid(form, request):
            shown = request.POST.get("shown", "")
            rows = apply_type_version(
                type_id=kind.id, confirmed=int(shown) if shown.isdecimal() else -1, reason=form.cleaned_data["reason"],
                trail=request.trail,
            )  # fmt: skip
            said = ngettext("%(count)d licence is carried over.", "%(count)d licences are carried over.", len(rows))
            messages.success(request, said % {"count": len(rows)})
            return HttpResponseRedirect(reverse("admin:licensing_licensetype_change", args=[kind.id]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Apply version %(version)d of %(name)s") % {"version": kind.version, "name": kind.name},
            "kind": kind,
            "changes": changes,
            "form": form,
            "back": reverse("admin:licensing_licensetype_change", args=[kind.id]),
        }
        return render(request, "admin/licensing/licensetype/apply.html", context)


def _wanted(given: dict[str, Any]) -> NewLicenseType:
    stated = dict(given)
    names = ("features", "limits", "territories", "domains", "departments", "version_range")
    machines = machine_rules(stated)
    conditions = Conditions(**{name: stated.pop(name) for name in names})
    return NewLicenseType(machines=machines, conditions=conditions, **stated)


def _initial(before: LicenseType) -> dict[str, Any]:
    names = (
        "name", "edition", "model", "duration_months", "duration_days", "expiry_basis", "grace_days", "notice_days",
        "offline_hours",
        "expiry_strategy", "converts_to", "trial_once", "renewal_basis", "auto_renews", "dunning_restrict_days",
        "dunning_suspend_days", "unit_price", "currency", "charge_period",
    )  # fmt: skip
    stated = {name: getattr(before, name) for name in names}
    return {**stated, **machine_initial(before), **condition_texts(before)}


PAGES = ((LicenseType, LicenseTypeAdmin),)
