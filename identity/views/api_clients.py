"""The pages on API clients: the list, making one, its scopes, a new secret beside the old one, the end of one."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from identity.forms.api_clients import ApiClientForm, ClientScopesForm, NewSecretForm
from identity.models import ApiClient, ClientKind
from identity.operations import (
    IssuedClient,
    ScopeChange,
    change_client_scopes,
    create_api_client,
    revoke_api_client,
    rotate_client_secret,
)
from identity.operations.api_clients import ClientNotFound
from identity.rules.access_tokens import Audience, audience_of
from identity.rules.roles import ROLES
from identity.rules.scopes import SCOPES, roles_beyond
from identity.wording import role_names
from kernel.clock import SystemClock
from kernel.pages import PageRequest, form_valid, page, prove_first, recently_proved

VIEW = "identity.api_client.view"
MANAGE = "identity.api_client.manage"
ROWS = 50


@page(VIEW)
def client_list(request: PageRequest) -> HttpResponseBase:
    """All clients, those in use first, and when each was last used."""
    rows = ApiClient.objects.order_by("revoked_at", "name", "id")
    shown = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    return render(
        request,
        "organization/api_clients.html",
        {
            "clients": [_shown(row) for row in shown],
            "page": shown,
            "pages": shown.paginator.get_elided_page_range(shown.number),
            "can_manage": request.principal.may(MANAGE),
        },
    )


@never_cache
@page(MANAGE, confirm=True)
def new_client(request: PageRequest) -> HttpResponseBase:
    """The form; what comes out of it is shown at once, and never again."""
    form = ApiClientForm(request.principal, request.POST or None)
    if form_valid(form, request):
        wanted = form.client(at=request.trail.clock.now())
        return _secret_shown(request, create_api_client(client=wanted, trail=request.trail))
    return render(
        request,
        "organization/api_client_new.html",
        {"form": form, "kept_out": len(roles_beyond(roles=ROLES, permissions=request.principal.permissions)) > 1},
        status=422 if request.method == "POST" else 200,
    )


@never_cache
@page(MANAGE, confirm=True)
def rotate_secret(request: PageRequest, client_id: UUID) -> HttpResponseBase:
    """Asks how long the old secret works on; then a new one, shown at once, and never again."""
    row = _client(client_id)
    form = NewSecretForm(request.POST if request.method == "POST" else None)
    if form_valid(form, request):
        return _secret_shown(request, rotate_client_secret(client_id=row.id, overlap=form.overlap, trail=request.trail))
    still = row.former_secret_until if row.former_secret_works_at(SystemClock().now()) else None
    return render(
        request,
        "organization/api_client_rotate.html",
        {"client": row, "form": form, "still": still},
        status=_status_of(request),
    )


@page(MANAGE)
def scopes(request: PageRequest, client_id: UUID) -> HttpResponseBase:
    """Which scopes it has. To give one more asks for a proof of identity, to take one away does not: whoever ends an
    access is not held up."""
    row = _client(client_id)
    form = ClientScopesForm(request.POST if request.method == "POST" else None, initial={"scopes": row.scopes})
    if form_valid(form, request):
        wanted = form.cleaned_data["scopes"]
        if set(wanted) - set(row.scopes) and not recently_proved(request):
            return prove_first(request)
        _tell(request, change_client_scopes(client_id=row.id, scopes=wanted, trail=request.trail))
        return redirect("organization:api-clients")
    return render(
        request, "organization/api_client_scopes.html", {"client": row, "form": form}, status=_status_of(request)
    )


@page(MANAGE)
def revoke(request: PageRequest, client_id: UUID) -> HttpResponseBase:
    """Asks first; then ends the client and its tokens."""
    row = _client(client_id)
    if request.method != "POST" or request.refusal is not None:
        return render(request, "organization/api_client_revoke.html", {"client": row, "refusal": request.refusal})
    row = revoke_api_client(client_id=row.id, trail=request.trail)
    messages.success(request, _("%(name)s was revoked; its tokens open nothing any more.") % {"name": row.name})
    return redirect("organization:api-clients")


def _client(client_id: UUID) -> ApiClient:
    row = ApiClient.objects.filter(id=client_id).first()
    if row is None:
        raise ClientNotFound(_("There is no such API client in your organisation."))
    return row


def _status_of(request: PageRequest) -> int:
    """422 for a form that comes back with its mistakes; that of the refusal stands where there was one."""
    return 422 if request.method == "POST" and request.refusal is None else 200


def _tell(request: PageRequest, change: ScopeChange) -> None:
    if not change.added and not change.removed:
        messages.info(request, _("The scopes of %(name)s are what they were.") % {"name": change.row.name})
        return
    told = _("%(name)s now has these scopes: %(scopes)s.") % {
        "name": change.row.name,
        "scopes": ", ".join(change.row.scopes),
    }
    if change.ended:
        told += " " + ngettext(
            "%(count)d token that carried more has ended.",
            "%(count)d tokens that carried more have ended.",
            change.ended,
        ) % {"count": change.ended}
    messages.success(request, told)


def _secret_shown(request: PageRequest, issued: IssuedClient) -> HttpResponse:
    """Not behind a redirect: the secret would have to be kept somewhere on the way."""
    return render(
        request,
        "organization/api_client_secret.html",
        {
            "client": issued.row,
            "secret": issued.secret,
            "until": issued.row.former_secret_until,
            "token_address": f"{settings.BASE_URL}/oauth/token/",
            "metadata_address": f"{settings.BASE_URL}/.well-known/oauth-authorization-server",
            "audiences": [audience_of(settings.BASE_URL, audience) for audience in Audience],
        },
    )


def _shown(row: ApiClient) -> dict[str, Any]:
    now = SystemClock().now()
    usable = row.usable_at(now)
    if row.revoked_at is not None:
        tone, state = "neutral", _("revoked")
    else:
        tone, state = ("ok", _("in use")) if usable else ("warn", _("expired"))
    return {
        "row": row,
        "tone": tone,
        "state": state,
        "roles": role_names(row.roles),
        "purposes": [_(SCOPES[code].purpose) for code in row.scopes if code in SCOPES],
        "still": row.former_secret_until if usable and row.former_secret_works_at(now) else None,
        "can_rotate": row.revoked_at is None and row.client_type == ClientKind.CONFIDENTIAL,
        "can_change": row.revoked_at is None,
    }
