"""The provisioning page: tokens of directory services, what to enter there, and the log of what they asked for."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.forms.provisioning import LogFilter, NewTokenForm, RotationForm
from identity.models import ScimToken
from identity.operations.provisioning import (
    IssuedToken,
    TokenUnknown,
    create_scim_token,
    revoke_scim_token,
    rotate_scim_token,
)
from identity.provisioning_tables import ProvisioningTable
from identity.queries.provisioning import base_url, provisioning_log, tokens
from kernel.clock import DatabaseClock
from kernel.pages import PageRequest, form_valid, page, prove_first, recently_proved, show_page

VIEW = "identity.provisioning.view"
MANAGE = "identity.provisioning.manage"
ROWS = 25
MOST_TOKENS = 50
WARNING = timedelta(days=30)
STATES = {
    "works": ("ok", gettext_lazy("Works")),
    "ends": ("warn", gettext_lazy("Ends soon")),
    "replaced": ("pending", gettext_lazy("Replaced, still works")),
    "expired": ("neutral", gettext_lazy("Expired")),
    "revoked": ("neutral", gettext_lazy("Revoked")),
}
"""State of a token → tone and word."""


@page(VIEW)
def provisioning(request: PageRequest) -> HttpResponseBase:
    """Tokens, instructions and log. Whoever manages provisioning creates a token here and sees it this once."""
    may_manage = request.principal.may(MANAGE)
    if request.method == "POST":
        request.principal.require(MANAGE)
        if not recently_proved(request):
            return prove_first(request)
    form = NewTokenForm(request.POST or None) if may_manage else None
    if form is not None and form_valid(form, request):
        return shown_once(request, create_scim_token(trail=request.trail, **form.cleaned_data))
    found = LogFilter(request.GET, queryset=provisioning_log())
    table = ProvisioningTable(found.qs if found.is_valid() else provisioning_log().none())
    show_page(table, request, rows=ROWS)
    at = DatabaseClock().now()
    context = {
        "form": form,
        "filter": found,
        "table": table,
        "any": bool(table.rows) or provisioning_log().exists(),
        "tokens": [_line(row, at) for row in tokens()[:MOST_TOKENS]],
        "base_url": base_url(),
        "may_manage": may_manage,
    }
    refused = request.method == "POST" or not found.is_valid()
    return render(request, "identity/provisioning.html", context, status=422 if refused else 200)


@page(MANAGE, confirm=True)
def rotate_token(request: PageRequest, token_id: UUID) -> HttpResponseBase:
    """Asks for lifetime and overlap, and shows the successor this once."""
    row = _token(token_id)
    form = RotationForm(request.POST or None)
    if form_valid(form, request):
        issued = rotate_scim_token(
            token_id=row.id,
            days=form.cleaned_data["days"],
            overlap=timedelta(hours=form.cleaned_data["overlap_hours"]),
            trail=request.trail,
        )
        return shown_once(request, issued)
    context = {"row": row, "form": form, "current": row.revoked_at is None and row.superseded_at is None}
    return render(request, "identity/token_rotate.html", context, status=422 if request.method == "POST" else 200)


@page(MANAGE)
def revoke_token(request: PageRequest, token_id: UUID) -> HttpResponseBase:
    """Asks once more, then ends the token at once."""
    row = _token(token_id)
    if request.method == "POST":
        revoke_scim_token(token_id=row.id, trail=request.trail)
        messages.success(request, _("The token %(name)s works no more.") % {"name": row.name})
        return redirect("organization:provisioning")
    return render(request, "identity/token_revoke.html", {"row": row})


def shown_once(request: PageRequest, issued: IssuedToken) -> HttpResponseBase:
    """The token and the base URL, to copy; no cache keeps the page."""
    context = {"row": issued.row, "token": issued.token, "base_url": base_url()}
    response = render(request, "identity/token_shown.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _token(token_id: UUID) -> ScimToken:
    row = tokens().filter(id=token_id).first()
    if row is None:
        raise TokenUnknown(_("There is no such provisioning token in your organisation."))
    return row


def _line(row: ScimToken, at: datetime) -> dict[str, Any]:
    tone, label = STATES[_state(row, at)]
    works = row.revoked_at is None and row.expires_at > at
    return {"row": row, "tone": tone, "label": label, "works": works, "current": works and row.superseded_at is None}


def _state(row: ScimToken, at: datetime) -> str:
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_at <= at:
        return "expired"
    if row.superseded_at is not None:
        return "replaced"
    return "ends" if row.expires_at - at < WARNING else "works"
