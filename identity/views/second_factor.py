"""Setting up, renewing and giving up the second factor of the own account."""

import io

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from identity import operations, queries, sessions
from identity.forms.proving import CodeForm
from identity.models import Account
from identity.one_time_codes import enrolment_address, typed_secret
from identity.queries.single_sign_on import is_break_glass, policy
from identity.rules.second_factor import Step, demanded
from identity.targets import safe_target
from kernel.clock import DatabaseClock
from kernel.errors import Refusal
from kernel.pages import PageRequest, page, prove_first, recently_proved, refused
from kernel.rest import request_id_of
from kernel.trail import Trail, run_in_trail

OWN = "identity.organization.view"
"""Everybody who works somewhere may care for the own account."""


@never_cache
@page(OWN)
@require_GET
def settings_page(request: PageRequest) -> HttpResponseBase:
    """Whether the account has a second factor, how many recovery codes are left, and what can be done about it."""
    context = {"state": queries.second_factor_of(_own(request).id), "demanded": _is_demanded(request)}
    return render(request, "account/second_factor.html", context)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponseBase:
    """The picture to scan, and the first code of the app; then the recovery codes, shown once.

    No page of the usual kind: whoever must enrol first has no right to anything else yet.
    """
    visitor = sessions.visitor_of(request)
    if visitor is None:
        return redirect("identity:sign-in")
    if visitor.membership is None or visitor.step is Step.CHALLENGE or queries.has_second_factor(visitor.account.id):
        return redirect("identity:second-factor")
    if not recently_proved(request):
        return prove_first(request)
    secret = operations.pending_secret(account=visitor.account, clock=DatabaseClock())
    form = CodeForm(request.POST or None)
    form.fields["code"].label = _("Code that the app shows")
    if request.method == "POST" and form.is_valid():
        try:
            codes = _enabled(request, visitor, visitor.membership, form.cleaned_data["code"])
        except Refusal as refusal:
            form.add_error("code", refusal.message)
        else:
            return _shown_once(request, codes)
    context = {
        "form": form,
        "next": safe_target(request),
        "typed": typed_secret(secret),
        "forced": visitor.step is Step.ENROL,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "registration/second_factor_set_up.html", context, status=status)


@never_cache
@require_GET
def picture(request: HttpRequest) -> HttpResponse:
    """The address of the pending secret as a QR code, for the account that is enrolling and nobody else."""
    visitor = sessions.visitor_of(request)
    if visitor is None or visitor.membership is None or visitor.step is Step.CHALLENGE:
        return HttpResponse(status=404)
    if not recently_proved(request) or queries.has_second_factor(visitor.account.id):
        return HttpResponse(status=404)
    secret = operations.pending_secret(account=visitor.account, clock=DatabaseClock())
    drawn = io.BytesIO()
    segno.make(enrolment_address(secret, visitor.account.email), error="m").save(
        drawn, kind="svg", scale=5, border=4, light="#fff", dark="#000", xmldecl=False, svgclass=None, lineclass=None
    )
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")


@never_cache
@page(OWN, confirm=True)
@require_POST
def renew_codes(request: PageRequest) -> HttpResponseBase:
    """Ten new recovery codes, shown once; the old ones are void."""
    if request.refusal is not None:
        return refused(request, request.refusal)
    return _shown_once(request, operations.renew_recovery_codes(account=_own(request), trail=request.trail))


@page(OWN, confirm=True)
@require_POST
def disable(request: PageRequest) -> HttpResponseBase:
    """Gives the second factor up, where neither roles nor the organisation demand it."""
    if request.refusal is not None:
        messages.error(request, request.refusal.message)
        return redirect("identity:second-factor-settings")
    account = _own(request)
    operations.disable_second_factor(account=account, demanded=_is_demanded(request), trail=request.trail)
    operations.end_other_sessions(account=account, keep=sessions.digest_of(request), trail=request.trail)
    sessions.give_up_factor(request)
    messages.success(request, _("You sign in without a second factor now."))
    return redirect("identity:second-factor-settings")


@page(OWN, confirm=True)
@require_POST
def replace(request: PageRequest) -> HttpResponseBase:
    """Another app in place of the present one: the old one is void, and the new one is set up at once."""
    if request.refusal is not None:
        messages.error(request, request.refusal.message)
        return redirect("identity:second-factor-settings")
    account = _own(request)
    operations.replace_second_factor(account=account, trail=request.trail)
    operations.end_other_sessions(account=account, keep=sessions.digest_of(request), trail=request.trail)
    sessions.give_up_factor(request)
    return redirect("identity:second-factor-set-up")


def _enabled(
    request: HttpRequest, visitor: sessions.Visitor, membership: queries.LiveMembership, code: str
) -> list[str]:
    """Enrols in a trail of the organisation of the session; other sessions of the account never gave this factor and
    end. Raises CodeWrong."""
    keep = sessions.digest_of(request)

    def work(trail: Trail) -> list[str]:
        codes = operations.enable_second_factor(account=visitor.account, code=code, trail=trail)
        operations.end_other_sessions(account=visitor.account, keep=keep, trail=trail)
        return codes

    actor = queries.principal_for(visitor.account, membership)
    codes = run_in_trail(work, actor=actor, request_id=request_id_of(request))
    sessions.pass_factor(request, visitor)
    return codes


def _shown_once(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return render(request, "registration/recovery_codes.html", {"codes": codes, "next": safe_target(request)})


def _own(request: PageRequest) -> Account:
    return Account.objects.get(pseudonym=request.principal.pseudonym)


def _is_demanded(request: PageRequest) -> bool:
    """By roles, by the organisation, or because the account is for the emergency."""
    if is_break_glass(policy(), _own(request).id):
        return True
    return demanded(request.principal.roles, request.session.get(sessions.DEMANDED, ()))
