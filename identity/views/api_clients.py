"""The pages on API clients: the list, making one, a new secret, the end of one."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from identity.forms.api_clients import ApiClientForm
from identity.models import ApiClient, ClientKind
from identity.operations import IssuedClient, create_api_client, revoke_api_client, rotate_client_secret
from identity.operations.api_clients import ClientNotFound
from identity.rules.access_tokens import Audience, audience_of
from identity.rules.roles import ROLES
from identity.rules.scopes import SCOPES, roles_beyond
from identity.wording import role_names
from kernel.clock import SystemClock
from kernel.pages import PageRequest, form_valid, page

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
    """Asks first; then a new secret, shown at once, and never again."""
    if request.method != "POST" or request.refusal is not None:
        return _asked_first(request, client_id, "secret")
    return _secret_shown(request, rotate_client_secret(client_id=client_id, trail=request.trail))


@page(MANAGE)
def revoke(request: PageRequest, client_id: UUID) -> HttpResponseBase:
    """Asks first; then ends the client and its tokens."""
    if request.method != "POST" or request.refusal is not None:
        return _asked_first(request, client_id, "revoke")
    row = revoke_api_client(client_id=client_id, trail=request.trail)
    messages.success(request, _("%(name)s was revoked; its tokens open nothing any more.") % {"name": row.name})
    return redirect("organization:api-clients")


def _asked_first(request: PageRequest, client_id: UUID, what: str) -> HttpResponse:
    """What it means, and the button that does it; or why it was refused."""
    row = ApiClient.objects.filter(id=client_id).first()
    if row is None:
        raise ClientNotFound(_("There is no such API client in your organisation."))
    return render(
        request, "organization/api_client_sure.html", {"client": row, "what": what, "refusal": request.refusal}
    )


def _secret_shown(request: PageRequest, issued: IssuedClient) -> HttpResponse:
    """Not behind a redirect: the secret would have to be kept somewhere on the way."""
    return render(
        request,
        "organization/api_client_secret.html",
        {
            "client": issued.row,
            "secret": issued.secret,
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
        "can_rotate": row.revoked_at is None and row.client_type == ClientKind.CONFIDENTIAL,
        "can_revoke": row.revoked_at is None,
    }
