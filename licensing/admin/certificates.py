"""Admin pages of certificates: what is out, until when, and the request to recall one that does not come back."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.clock import Clock, SystemClock
from kernel.pages import PageRequest, form_valid, page
from licensing.admin.forms import StatedReasonForm
from licensing.admin.pills import pill
from licensing.admin.steps import IssuingAdmin
from licensing.models import Certificate
from licensing.ports import bindings
from licensing.queries.certificates import checked_out

RECALL = "licensing.certificate.recall"


class OutFilter(admin.SimpleListFilter):
    title = gettext_lazy("seat")
    parameter_name = "out"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", gettext_lazy("Takes a seat now"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "1":
            return queryset
        return queryset.filter(id__in=checked_out(at=SystemClock().now()).values("id"))


class CertificateAdmin(IssuingAdmin):
    view_permission = "licensing.license.view"
    list_display = ["jti", "license", "kind", "issued_at", "expires_at", "returned_at", "state"]
    list_select_related = ["license"]
    list_filter = [OutFilter, "kind"]
    search_fields = ["license__number"]
    ordering = ["-issued_at"]
    fields = [
        "jti", "license", "kind", "signing_key", "sequence", "issued_at", "expires_at", "returned_at", "return_reason",
    ]  # fmt: skip
    change_form_template = "admin/licensing/certificate/change_form.html"
    clock: Clock = SystemClock()

    @admin.display(description=gettext_lazy("State"))
    def state(self, row: Certificate) -> str:
        """Display only: nothing is decided by this clock."""
        if row.returned_at is not None:
            return pill("danger", _("Recalled")) if row.return_reason else pill("neutral", _("Returned"))
        if row.expires_at is not None and row.expires_at <= self.clock.now():
            return pill("neutral", _("Ended"))
        return pill("info", _("Holds")) if row.holder is None else pill("warn", _("Takes a seat"))

    def get_urls(self) -> list[Any]:
        """The recall, in front of the stock routes, whose last one takes every address."""
        recall = page(RECALL, confirm=True)(self.recall_view)
        return [
            path("<uuid:certificate_id>/recall/", recall, name="licensing_certificate_recall"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context = {"recall_url": ""}
        if row is not None and row.returned_at is None and self.allowed(request, RECALL):
            context["recall_url"] = reverse("admin:licensing_certificate_recall", args=[row.pk])
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def recall_view(self, request: PageRequest, certificate_id: UUID) -> HttpResponse:
        """Asks a second person to end a certificate before its time, for a reason."""
        related = Certificate.objects.select_related("license__licensee", "license__product")
        row = get_object_or_404(related, id=certificate_id)
        form = StatedReasonForm(request.POST if request.method == "POST" else None)
        back = reverse("admin:licensing_certificate_change", args=[row.id])
        if form_valid(form, request):
            bindings.ask_to_recall(certificate=row, reason=form.cleaned_data["reason"], trail=request.trail)
            messages.success(request, _("The recall was asked for and waits for a second person."))
            return HttpResponseRedirect(back)
        return self.step(
            request,
            title=_("Ask to recall the certificate"),
            form=form,
            submit=_("Ask to recall the certificate"),
            back=back,
            row=row.license,
            danger=True,
            explanation=_(
                "Somebody else has to approve this. Then its seat is free, and it stands on the revocation list until "
                "its end. A machine that never sees the list may run on it until then."
            ),
        )


PAGES = ((Certificate, CertificateAdmin),)
