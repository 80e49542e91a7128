"""Admin pages of keys that were bought elsewhere: the list, a form that stores one, and a page that shows one."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from kernel.pages import PageRequest, form_valid, page
from licensing.admin.forms import StatedReasonForm
from licensing.admin.steps import IssuingAdmin
from licensing.models import Entitlement, LicenseKey
from licensing.operations import reveal_bought_key, store_bought_key

STORE = "licensing.bought_key.store"
REVEAL = "licensing.bought_key.reveal"


class BoughtKeyForm(forms.Form):
    """A key as its publisher delivered it, and the right that it belongs to."""

    entitlement = forms.ModelChoiceField(
        queryset=Entitlement.objects.select_related("product"), label=gettext_lazy("Entitlement")
    )
    key = forms.CharField(
        max_length=4_000,
        label=gettext_lazy("Key"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Stored encrypted. To see it again somebody states a reason."),
    )


class BoughtKeyAdmin(IssuingAdmin):
    view_permission = "licensing.entitlement.view"
    list_display = ["__str__", "entitlement", "issued_at", "revoked_at"]
    list_select_related = ["entitlement__product"]
    search_fields = ["entitlement__number", "entitlement__product__name_lower"]
    ordering = ["-issued_at"]
    fields = ["prefix", "entitlement", "issued_at", "revoked_at"]
    change_form_template = "admin/licensing/licensekey/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[LicenseKey]:
        """Keys that we issued stand on the pages of their licences."""
        rows: QuerySet[LicenseKey] = super().get_queryset(request)
        return rows.filter(entitlement__isnull=False)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self.allowed(request, STORE)

    def get_urls(self) -> list[Any]:
        """The steps, in front of the stock routes, whose last one takes every address."""
        store = sensitive_post_parameters("key")(page(STORE)(self.store_view))
        reveal = page(REVEAL, confirm=True)(self.reveal_view)
        return [
            path("add/", store, name="licensing_licensekey_add"),
            path("<uuid:key_id>/reveal/", reveal, name="licensing_licensekey_reveal"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context = {"reveal_url": ""}
        if row is not None and self.allowed(request, REVEAL):
            context["reveal_url"] = reverse("admin:licensing_licensekey_reveal", args=[row.pk])
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def store_view(self, request: PageRequest) -> HttpResponse:
        """A key from elsewhere is put away."""
        form = BoughtKeyForm(request.POST if request.method == "POST" else None)
        if form_valid(form, request):
            store_bought_key(
                entitlement_id=form.cleaned_data["entitlement"].id, key=form.cleaned_data["key"], trail=request.trail
            )
            messages.success(request, _("The key is stored."))
            return HttpResponseRedirect(reverse("admin:licensing_licensekey_changelist"))
        return self.step(
            request,
            title=_("Store a bought key"),
            form=form,
            submit=_("Store the key"),
            back=reverse("admin:licensing_licensekey_changelist"),
        )

    def reveal_view(self, request: PageRequest, key_id: UUID) -> HttpResponse:
        """Shows a key in full after a reason was stated; kept by no cache."""
        row = get_object_or_404(LicenseKey.objects.select_related("entitlement__product"), id=key_id, license=None)
        form = StatedReasonForm(request.POST if request.method == "POST" else None)
        back = reverse("admin:licensing_licensekey_change", args=[row.id])
        if form_valid(form, request):
            key = reveal_bought_key(key_id=row.id, reason=form.cleaned_data["reason"], trail=request.trail)
            context = {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("The bought key"),
                "entitlement": row.entitlement,
                "key": key,
                "back": back,
            }
            shown = render(request, "admin/licensing/licensekey/shown.html", context)
            shown["Cache-Control"] = "no-store"
            return shown
        return self.step(
            request,
            title=_("Show the bought key"),
            form=form,
            submit=_("Show the key"),
            back=back,
            danger=True,
            again=True,
            explanation=_("Who saw the key, when and why is written to the ledger."),
        )


PAGES = ((LicenseKey, BoughtKeyAdmin),)
