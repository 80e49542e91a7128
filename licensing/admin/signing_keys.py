"""Admin pages of the keys that sign certificates and answers: the list, a new key, and a withdrawal."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.pages import PageRequest, form_valid, page
from licensing.admin.forms import StatedReasonForm
from licensing.admin.pills import pill
from licensing.admin.steps import IssuingAdmin, plain_form
from licensing.models import SigningKey, SigningKeyStatus
from licensing.operations import revoke_signing_key, rotate_signing_key

MANAGE = "licensing.signing_key.manage"
TONES = {
    SigningKeyStatus.ACTIVE: "ok",
    SigningKeyStatus.RETIRING: "info",
    SigningKeyStatus.RETIRED: "neutral",
    SigningKeyStatus.REVOKED: "danger",
}


class SigningKeyAdmin(IssuingAdmin):
    view_permission = "licensing.license.view"
    list_display = ["kid", "created_at", "retired_at", "state"]
    list_filter = ["status"]
    search_fields = ["kid"]
    ordering = ["-created_at"]
    fields = ["kid", "status", "created_at", "retired_at", "revoked_at", "revoked_reason"]
    change_form_template = "admin/licensing/signingkey/change_form.html"

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self.allowed(request, MANAGE)

    @admin.display(description=gettext_lazy("State"), ordering="status")
    def state(self, row: SigningKey) -> str:
        return pill(TONES[SigningKeyStatus(row.status)], str(row.get_status_display()))

    def get_urls(self) -> list[Any]:
        """The steps, in front of the stock routes, whose last one takes every address."""
        secured = page(MANAGE, confirm=True)
        return [
            path("add/", secured(self.rotate_view), name="licensing_signingkey_add"),
            path("<uuid:key_id>/revoke/", secured(self.revoke_view), name="licensing_signingkey_revoke"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context = {"revoke_url": ""}
        if row is not None and row.status != SigningKeyStatus.REVOKED and self.allowed(request, MANAGE):
            context["revoke_url"] = reverse("admin:licensing_signingkey_revoke", args=[row.pk])
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def rotate_view(self, request: PageRequest) -> HttpResponse:
        """A new key signs from now on."""
        form = plain_form(request)
        if form_valid(form, request):
            row = rotate_signing_key(trail=request.trail)
            messages.success(request, _("The key %(kid)s signs from now on.") % {"kid": row.kid})
            return HttpResponseRedirect(reverse("admin:licensing_signingkey_changelist"))
        return self.step(
            request,
            title=_("Replace the signing key"),
            form=form,
            submit=_("Draw a new key"),
            back=reverse("admin:licensing_signingkey_changelist"),
            explanation=_(
                "A new key signs certificates and answers from now on. The present one verifies what it signed until "
                "its last certificate has ended. Clients that carry a fixed set of keys need the new set."
            ),
        )

    def revoke_view(self, request: PageRequest, key_id: UUID) -> HttpResponse:
        """Withdraws one key, for a reason."""
        row = get_object_or_404(SigningKey, id=key_id)
        form = StatedReasonForm(request.POST if request.method == "POST" else None)
        back = reverse("admin:licensing_signingkey_change", args=[row.id])
        if form_valid(form, request):
            revoke_signing_key(key_id=row.id, reason=form.cleaned_data["reason"], trail=request.trail)
            messages.success(request, _("The key %(kid)s is revoked.") % {"kid": row.kid})
            return HttpResponseRedirect(back)
        return self.step(
            request,
            title=_("Revoke the signing key"),
            form=form,
            submit=_("Revoke the key"),
            back=back,
            danger=True,
            explanation=_(
                "At once and for good: no certificate of this key verifies any more, and all of them stand on the "
                "revocation list. If it is the one that signs, a new key is drawn."
            ),
        )


PAGES = ((SigningKey, SigningKeyAdmin),)
