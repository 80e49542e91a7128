"""Admin pages of contracts: the list, a page with the amendments, and pages to activate, amend and terminate one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.admin import MomentInput
from kernel.pages import PageRequest, form_valid, page
from licensing.admin.steps import IssuingAdmin, plain_form
from licensing.models import AffiliateScope, Agreement, AgreementState, Amendment
from licensing.operations import NewAmendment, activate_agreement, amend_agreement, terminate_agreement
from licensing.operations.agreements import AMENDABLE

RIGHTS = "licensing.entitlement.view"
KEEP = "licensing.entitlement.manage"


class AmendmentForm(forms.Form):
    """The terms as they are, to be changed, and why."""

    starts_at = forms.DateTimeField(label=gettext_lazy("Starts at"), widget=MomentInput())
    ends_at = forms.DateTimeField(
        required=False, label=gettext_lazy("Ends at"), widget=MomentInput(), help_text=gettext_lazy("Empty: no end.")
    )
    notice_days = forms.IntegerField(min_value=0, max_value=3650, label=gettext_lazy("Notice period in days"))
    auto_renew = forms.BooleanField(required=False, label=gettext_lazy("Renews automatically"))
    true_up_on = forms.DateField(
        required=False, label=gettext_lazy("True-up on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    co_terminates_on = forms.DateField(
        required=False, label=gettext_lazy("Co-terminates on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    currency = forms.CharField(min_length=3, max_length=3, label=gettext_lazy("Currency"))
    affiliate_scope = forms.ChoiceField(choices=AffiliateScope.choices, label=gettext_lazy("Affiliates covered"))
    effective_at = forms.DateTimeField(label=gettext_lazy("The amendment holds from"), widget=MomentInput())
    reason = forms.CharField(
        max_length=500,
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Stays on record with the agreement."),
    )
    document = forms.CharField(required=False, max_length=500, label=gettext_lazy("Document"))

    def __init__(self, row: Agreement, data: Any = None) -> None:
        super().__init__(data, initial={name: getattr(row, name) for name in AMENDABLE})

    def amendment(self) -> NewAmendment:
        """Only what was changed in the form: a moment is shown to the minute and must not lose its seconds."""
        given = self.cleaned_data
        return NewAmendment(
            effective_at=given["effective_at"],
            changes={name: given[name] for name in AMENDABLE if name in self.changed_data},
            reason=given["reason"],
            document=given["document"],
        )


class TerminationForm(forms.Form):
    """Why an agreement is terminated."""

    reason = forms.CharField(
        max_length=500,
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Stays on record with the agreement."),
    )


class AmendmentInline(admin.TabularInline):  # type: ignore[type-arg]  # generic when types are checked, not when it runs
    """Amendments of an agreement, to read."""

    model = Amendment
    fields = ["number", "effective_at", "reason", "document", "amended_at"]
    extra = 0
    max_num = 0
    can_delete = False
    ordering = ["number"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AgreementAdmin(IssuingAdmin):
    view_permission = RIGHTS
    list_display = ["number", "title", "type", "licensor", "starts_at", "ends_at", "notice_by", "auto_renew"]
    list_select_related = ["licensor"]
    list_filter = ["type", "state", "auto_renew"]
    search_fields = ["number", "title"]
    ordering = ["ends_at"]
    inlines = [AmendmentInline]

    @admin.display(description=gettext_lazy("Notice by"), ordering="ends_at")
    def notice_by(self, row: Agreement) -> Any:
        return row.notice_deadline

    def get_urls(self) -> list[Any]:
        """The steps, in front of the stock routes, whose last one takes every address."""
        here = "<uuid:agreement_id>"
        own: list[tuple[str, Callable[..., Any]]] = [
            ("activate", self.activate_view),
            ("amend", self.amend_view),
            ("terminate", self.terminate_view),
        ]
        return [
            *(path(f"{here}/{name}/", page(KEEP)(view), name=f"licensing_agreement_{name}") for name, view in own),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        steps = self._steps(row) if row is not None and self.allowed(request, KEEP) else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "steps": steps})

    def _steps(self, row: Agreement) -> list[tuple[str, str, str]]:
        offered = {
            AgreementState.DRAFT: [("activate", _("Activate"), "circle-check")],
            AgreementState.ACTIVE: [("amend", _("Amend"), "pencil"), ("terminate", _("Terminate"), "circle-x")],
        }.get(AgreementState(row.state), [])
        return [
            (reverse(f"admin:licensing_agreement_{name}", args=[row.id]), label, look) for name, label, look in offered
        ]

    def activate_view(self, request: PageRequest, agreement_id: UUID) -> HttpResponse:
        """Says what will be so from then on."""
        row = get_object_or_404(Agreement.objects.all(), id=agreement_id)
        form = plain_form(request)
        if form_valid(form, request):
            activate_agreement(agreement_id=row.id, trail=request.trail)
            return self._done(request, row, _("%(agreement)s is in force."))
        return self.step(
            request,
            title=_("Activate %(agreement)s") % {"agreement": row},
            form=form,
            submit=_("Activate the agreement"),
            back=_address(row),
            explanation=_("From now on its dates and money change by amendment only."),
        )

    def amend_view(self, request: PageRequest, agreement_id: UUID) -> HttpResponse:
        """A form with the terms as they are."""
        row = get_object_or_404(Agreement.objects.all(), id=agreement_id)
        form = AmendmentForm(row, request.POST if request.method == "POST" else None)
        if form_valid(form, request):
            amend_agreement(agreement_id=row.id, amendment=form.amendment(), trail=request.trail)
            return self._done(request, row, _("%(agreement)s is amended."))
        return self.step(
            request,
            title=_("Amend %(agreement)s") % {"agreement": row},
            form=form,
            submit=_("Record the amendment"),
            back=_address(row),
            explanation=_("What you change here is recorded as the next numbered amendment, which is never edited."),
        )

    def terminate_view(self, request: PageRequest, agreement_id: UUID) -> HttpResponse:
        """Says what will happen, and asks why."""
        row = get_object_or_404(Agreement.objects.all(), id=agreement_id)
        form = TerminationForm(request.POST if request.method == "POST" else None)
        if form_valid(form, request):
            terminate_agreement(agreement_id=row.id, reason=form.cleaned_data["reason"], trail=request.trail)
            return self._done(request, row, _("%(agreement)s is terminated."))
        return self.step(
            request,
            title=_("Terminate %(agreement)s") % {"agreement": row},
            form=form,
            submit=_("Terminate the agreement"),
            back=_address(row),
            danger=True,
            explanation=_("The agreement ends now. Rights under it are not touched: revoke them where they end too."),
        )

    def _done(self, request: PageRequest, row: Agreement, said: str) -> HttpResponse:
        messages.success(request, said % {"agreement": row})
        return HttpResponseRedirect(_address(row))


def _address(row: Agreement) -> str:
    return reverse("admin:licensing_agreement_change", args=[row.id])


PAGES = ((Agreement, AgreementAdmin),)
