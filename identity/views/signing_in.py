"""Signing in and out, choosing the organisation to work in, and the answers of the sign-in throttle."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from audit.operations import trail
from identity import operations, queries, sessions
from identity.browser_nonce import bind, drawn_nonce
from identity.forms.signing_in import SignInForm
from identity.models import Account, Organization, SamlPendingRequest
from identity.operations.saml_sessions import leave
from identity.provider_sessions import row_of
from identity.queries.single_sign_on import active_connections, password_allowed
from identity.targets import safe_target
from identity.throttle import network_is_locked_out
from identity.wording import role_names
from kernel.clock import DatabaseClock, SystemClock
from kernel.principal import system
from kernel.rest import principal_of, request_id_of


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """One page for everybody; failures are counted per address and user name, and noted in the platform's ledger."""
    target = safe_target(request)
    if principal_of(request) is not None and request.method != "POST":
        return HttpResponseRedirect(target)
    visitor = sessions.visitor_of(request)
    if visitor is not None and visitor.step is not None and request.method != "POST":
        return HttpResponseRedirect(f"{reverse('identity:second-factor')}?{urlencode({'next': target})}")
    if request.method == "POST" and network_is_locked_out(request):
        return locked_out(request)
    form = SignInForm(request, data=request.POST or None)
    if request.method == "POST":
        if form.is_valid():
            return _enter(request, form.get_user(), target)
        _record_refusal(request)
        if getattr(request, "axes_locked_out", False):
            return locked_out(request)
    return render(
        request,
        "registration/sign_in.html",
        {"form": form, "next": target},
        status=200 if request.method != "POST" else 422,
    )


def _enter(request: HttpRequest, account: Any, target: str) -> HttpResponse:
    """Starts the session; whoever has a second factor gives it before anything is told about organisations."""
    memberships = queries.memberships_of(account.pk, at=SystemClock().now())
    if not memberships:
        return render(
            request,
            "403.html",
            {
                "reason": _(
                    "Your account works in no organisation at present. Ask an owner of your organisation to add you."
                )
            },
            status=403,
        )
    sessions.begin(request, account=account, method=sessions.PASSWORD)
    if sessions.step_of(request.session, ()) is not None:
        return HttpResponseRedirect(f"{reverse('identity:second-factor')}?{urlencode({'next': target})}")
    return went_on(request, account, target)


def went_on(request: HttpRequest, account: Account, target: str) -> HttpResponse:
    """From the sign-in to the only organisation of the account, or to the choice among several."""
    if sessions.ORGANIZATION in request.session:
        return HttpResponseRedirect(target)
    memberships = queries.memberships_of(account.pk, at=SystemClock().now())
    if len(memberships) != 1:
        return HttpResponseRedirect(f"{reverse('identity:organizations')}?{urlencode({'next': target})}")
    return _work_in(request, account, memberships[0], target)


def _work_in(request: HttpRequest, account: Account, membership: queries.LiveMembership, target: str) -> HttpResponse:
    """Enters the organisation, unless it wants the company's sign-in and nothing else."""
    organization_id = membership.organization_id
    if not password_allowed(account.pk, organization_id, second_factor=sessions.FACTOR in request.session):
        logout(request)
        ways = active_connections(organization_id)
        return render(request, "registration/company_only.html", {"ways": ways, "next": target}, status=403)
    sessions.work_in(request, account=account, membership=membership)
    sessions.break_glass(request, account=account, organization_id=organization_id)
    return HttpResponseRedirect(target)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def organizations(request: HttpRequest) -> HttpResponse:
    """The organisations of the signed-in account; choosing one starts working in it with a fresh session key."""
    account = request.user
    if not isinstance(account, Account) and not account.is_authenticated:
        return redirect(settings.LOGIN_URL)
    memberships = queries.memberships_of(UUID(str(account.pk)), at=SystemClock().now())
    if sessions.is_bound(request):
        raise PermissionDenied
    if sessions.step_of(request.session, ()) is not None:
        return redirect("identity:second-factor")
    if request.method == "POST":
        chosen = next((m for m in memberships if str(m.organization_id) == request.POST.get("organization")), None)
        if chosen is None:
            raise PermissionDenied
        request.session.cycle_key()
        return _work_in(request, Account.objects.get(pk=account.pk), chosen, safe_target(request))
    rows = Organization.objects.in_bulk([membership.organization_id for membership in memberships])
    return render(
        request,
        "registration/organizations.html",
        {
            "choices": [(rows[m.organization_id], role_names(m.roles)) for m in memberships],
            "next": safe_target(request),
        },
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session; by POST only, so that no foreign page can sign somebody out. Whoever came by the company gets
    a page that leads on to its sign-out: the answer to a form may not lead to another site itself."""
    principal = principal_of(request)
    onward: SamlPendingRequest | None = None
    nonce = drawn_nonce(request)
    if principal is not None:
        account = Account.objects.get(pseudonym=principal.pseudonym)
        with trail(
            organization_id=principal.organization_id, actor=principal, request_id=request_id_of(request)
        ) as opened:
            operations.record_sign_out(account=account, trail=opened)
            if (session_id := row_of(request)) is not None:
                onward = leave(session_id=session_id, nonce=nonce, trail=opened)
    logout(request)
    if onward is None:
        return redirect(settings.LOGIN_URL)
    address = f"{reverse('saml:slo', args=[onward.connection.public_id])}?{urlencode({'leave': onward.relay})}"
    answer = render(request, "saml/leaving.html", {"address": address, "connection": onward.connection})
    bind(answer, nonce)
    return answer


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """Too many failures: tells how long to wait, the same for addresses that exist and that do not."""
    response = render(request, "429.html", {"minutes": round(settings.AXES_COOLOFF_TIME * 60)}, status=429)
    response["Retry-After"] = str(round(settings.AXES_COOLOFF_TIME * 3600))
    return response


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Mostly an old page in a forgotten tab: says what to do."""
    return render(request, "too_old.html", status=403)


def _record_refusal(request: HttpRequest) -> None:
    """Failed sign-ins belong to no organisation: they stand in the platform's chain."""
    platform = queries.platform_organization()
    if platform is None:
        return
    with trail(
        organization_id=platform.id,
        actor=system(platform.id, "sign-in"),
        clock=DatabaseClock(),
        request_id=request_id_of(request),
    ) as opened:
        operations.count_refused_sign_in(trail=opened)
