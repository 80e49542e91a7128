"""Admin pages of activations: the machines of all licences, one of them, and its release."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.pages import PageRequest, form_valid, page
from licensing.admin.forms import StatedReasonForm
from licensing.admin.pills import pill
from licensing.admin.steps import IssuingAdmin
from licensing.models import Activation
from licensing.operations import release_activation

RELEASE = "licensing.activation.release"


class LiveFilter(admin.SimpleListFilter):
    """Machines that hold a place now, or that have lost it."""

    title = gettext_lazy("state")
    parameter_name = "live"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("Active")), ("no", gettext_lazy("Ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Activation]) -> QuerySet[Activation]:
        value = self.value()
        return queryset if value is None else queryset.filter(released_at__isnull=value == "yes")


class ActivationAdmin(IssuingAdmin):
    view_permission = "licensing.license.view"
    list_display = ["machine", "license", "customer", "platform", "country", "first_seen_at", "last_seen_at", "state"]
    list_select_related = ["license__licensee"]
    list_filter = [LiveFilter, "end_reason", "virtual_machine", "is_transfer"]
    search_fields = ["label", "license__number", "license__licensee__name_lower"]
    ordering = ["-first_seen_at", "-id"]
    exclude: ClassVar[Any] = ["fingerprint", "scope_key", "pepper_version", "components", "replaces"]
    change_form_template = "admin/licensing/activation/change_form.html"

    @admin.display(description=gettext_lazy("Machine"), ordering="label")
    def machine(self, row: Activation) -> str:
        return str(row)

    @admin.display(description=gettext_lazy("Customer"))
    def customer(self, row: Activation) -> str:
        return str(row.license.licensee)

    @admin.display(description=gettext_lazy("State"), ordering="released_at")
    def state(self, row: Activation) -> str:
        return pill("ok", _("Active")) if row.is_live else pill("neutral", row.get_end_reason_display())

    def get_urls(self) -> list[Any]:
        """The step, in front of the stock routes, whose last one takes every address."""
        release = page(RELEASE)(self.release_view)
        return [
            path("<uuid:activation_id>/release/", release, name="licensing_activation_release"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context = {"release_url": ""}
        if row is not None and row.is_live and self.allowed(request, RELEASE):
            context["release_url"] = reverse("admin:licensing_activation_release", args=[row.pk])
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def release_view(self, request: PageRequest, activation_id: UUID) -> HttpResponse:
        """Frees the place of a machine that is lost, broken or not theirs."""
        rows = Activation.objects.select_related("license__licensee", "license__product")
        row = get_object_or_404(rows, id=activation_id)
        back = reverse("admin:licensing_license_change", args=[row.license_id])
        form = StatedReasonForm(request.POST if request.method == "POST" else None)
        if form_valid(form, request):
            release_activation(activation_id=row.id, reason=form.cleaned_data["reason"], trail=request.trail)
            messages.success(request, _("%(machine)s is released.") % {"machine": row})
            return HttpResponseRedirect(back)
        return self.step(
            request,
            title=_("Release %(machine)s") % {"machine": row},
            form=form,
            submit=_("Release the machine"),
            back=back,
            row=row.license,
            danger=True,
            explanation=_(
                "Its place is free at once, and its software hears so with the next question. It counts as no transfer."
            ),
        )


PAGES = ((Activation, ActivationAdmin),)
