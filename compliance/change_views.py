"""The pages of change requests: the list, and one request with what it would do, and its decision."""

from typing import Any
from uuid import UUID

import django_filters
import django_tables2
from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.models import ChangeKind, ChangeRequest, ChangeState
from compliance.operations import ChangeRequestNotFound, approve_change, reject_change, withdraw_change
from compliance.queries import change_request_of, change_requests
from compliance.wording import pill
from identity.models import Person
from kernel.pages import PageRequest, form_valid, page, show_page
from licensing.models import Party

VIEW = "compliance.change.view"
DECIDE = "compliance.change.decide"
ROWS = 25
TONES = {
    ChangeState.OPEN.value: "pending",
    ChangeState.APPROVED.value: "ok",
    ChangeState.REJECTED.value: "danger",
    ChangeState.WITHDRAWN.value: "neutral",
    ChangeState.EXPIRED.value: "neutral",
}


class ChangeFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package publishes no types
    """State and kind."""

    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=ChangeState.choices, empty_label=gettext_lazy("Any")
    )
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Kind"), choices=ChangeKind.choices, empty_label=gettext_lazy("Any")
    )

    class Meta:
        model = ChangeRequest
        fields = ["state", "kind"]


class ChangeTable(django_tables2.Table):  # type: ignore[misc]  # the package publishes no types
    """One row per request; the number leads to its page."""

    number = django_tables2.Column(
        verbose_name=gettext_lazy("Number"), linkify=("compliance:change", {"request_id": django_tables2.A("id")})
    )
    kind = django_tables2.Column(verbose_name=gettext_lazy("What is asked for"))
    license = django_tables2.Column(verbose_name=gettext_lazy("Licence or pool"), accessor="about", orderable=False)
    requester = django_tables2.Column(verbose_name=gettext_lazy("Asked by"), default=gettext_lazy("a program"))
    requested_at = django_tables2.DateTimeColumn(verbose_name=gettext_lazy("Asked"), format="j M Y")
    due_at = django_tables2.DateTimeColumn(verbose_name=gettext_lazy("Expires"), format="j M Y")
    state = django_tables2.Column(verbose_name=gettext_lazy("State"))

    class Meta:
        empty_text = gettext_lazy("No change request matches these filters")

    def render_license(self, record: ChangeRequest) -> SafeString:
        row = record.license
        if row is None:
            return format_html("{}", record.about)
        cell = '<div>{}<div class="soft small">{} · {}</div></div>'
        return format_html(cell, row.number, row.product.name, row.licensee.name)

    def render_state(self, record: ChangeRequest) -> SafeString:
        return pill(TONES[record.state], record.get_state_display())


class DecisionForm(forms.Form):
    """Approve, reject or withdraw, with a reason; the reason is needed to reject."""

    reason = forms.CharField(
        max_length=500,
        required=False,
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Needed to reject; stays on record."),
    )


@page(VIEW)
def change_list(request: PageRequest) -> HttpResponseBase:
    """Change requests; without any filter in the address only open ones."""
    asked = request.GET.copy()
    if not set(asked) & set(ChangeFilter.base_filters):
        asked["state"] = ChangeState.OPEN.value
    found = ChangeFilter(asked, queryset=change_requests())
    table = ChangeTable(found.qs if found.is_valid() else change_requests().none())
    show_page(table, request, rows=ROWS)
    context = {"filter": found, "table": table, "any": bool(table.rows) or ChangeRequest.objects.exists()}
    return render(request, "compliance/changes.html", context, status=200 if found.is_valid() else 400)


@page(VIEW)
def change(request: PageRequest, request_id: UUID) -> HttpResponseBase:
    """One request. Who may decide does so here; whoever asked can take it back."""
    row = change_request_of(request_id)
    if row is None:
        raise ChangeRequestNotFound(_("There is no such change request in your organisation."))
    form = DecisionForm(request.POST or None)
    if form_valid(form, request):
        _decide(request, row, form.cleaned_data["reason"])
        return redirect("compliance:change", request_id=row.id)
    context = {"change": row, "form": form, "tone": TONES[row.state], **_context(request, row)}
    return render(request, "compliance/change.html", context, status=422 if request.method == "POST" else 200)


def _decide(request: PageRequest, row: ChangeRequest, reason: str) -> None:
    if "withdraw" in request.POST:
        withdraw_change(request_id=row.id, trail=request.trail)
        messages.success(request, _("The request is taken back."))
        return
    request.principal.require(DECIDE)
    if "reject" in request.POST:
        reject_change(request_id=row.id, reason=reason, trail=request.trail)
        messages.success(request, _("%(number)s is rejected.") % {"number": row.number})
    else:
        approve_change(request_id=row.id, reason=reason, trail=request.trail)
        messages.success(request, _("%(number)s is approved and carried out.") % {"number": row.number})


def _context(request: PageRequest, row: ChangeRequest) -> dict[str, Any]:
    is_own = row.requested_by == str(request.principal.pseudonym)
    is_open = row.state == ChangeState.OPEN
    receiver = row.payload.get("licensee")
    return {
        "person": Person.objects.filter(id=row.payload.get("person")).first() if row.pool_id else None,
        "receiver": Party.objects.filter(id=receiver).first() if receiver else None,
        "is_open": is_open,
        "is_own": is_own,
        "may_decide": is_open and not is_own and request.principal.may(DECIDE),
        "may_see_license": request.principal.may("licensing.license.view"),
    }
