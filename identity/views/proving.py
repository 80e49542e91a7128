"""The second factor after the password, and the page that asks once more before a sensitive change."""

from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from audit.operations import trail
from identity import operations, queries, sessions
from identity.forms.proving import CodeForm, ConfirmForm
from identity.rules.second_factor import Answer, Step
from identity.targets import safe_target
from identity.throttle import name_is_locked_out, network_is_locked_out
from identity.views.signing_in import locked_out, went_on
from kernel.clock import DatabaseClock, SystemClock
from kernel.rest import request_id_of


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def challenge(request: HttpRequest) -> HttpResponseBase:
    """Asks for a code of the app or a recovery code, when the session lacks it; else leads to where it belongs."""
    visitor = sessions.visitor_of(request)
    target = safe_target(request)
    if visitor is None:
        return redirect("identity:sign-in")
    if visitor.step is Step.ENROL:
        return HttpResponseRedirect(f"{reverse('identity:second-factor-set-up')}?{urlencode({'next': target})}")
    if visitor.step is None:
        return redirect("identity:second-factor-settings")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = _judged(request, visitor, form.cleaned_data["code"])
        if answer is Answer.LOCKED:
            return locked_out(request)
        if answer is Answer.ACCEPTED:
            sessions.pass_factor(request, visitor)
            return went_on(request, visitor.account, target)
        form.add_error("code", _("This is not the code that your app shows now, nor an unused recovery code."))
    status = 422 if request.method == "POST" else 200
    return render(request, "registration/second_factor.html", {"form": form, "next": target}, status=status)


@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponseBase:
    """Asks once more for password or code and leads back to the page that wanted to be sure."""
    visitor = sessions.visitor_of(request)
    target = safe_target(request)
    if visitor is None:
        return redirect("identity:sign-in")
    if visitor.step is Step.CHALLENGE:
        return HttpResponseRedirect(f"{reverse('identity:second-factor')}?{urlencode({'next': target})}")
    has_password = visitor.account.has_usable_password() and not sessions.is_bound(request)
    has_factor = queries.has_second_factor(visitor.account.id)
    form = ConfirmForm(request.POST or None, has_password=has_password, has_factor=has_factor)
    if request.method == "POST" and form.is_valid():
        refusal = _refusal_of_proof(request, visitor, form.cleaned_data)
        if refusal is None:
            sessions.prove(request)
            return HttpResponseRedirect(target)
        if refusal:
            form.add_error(None, refusal)
        else:
            return locked_out(request)
    context = {"form": form, "next": target, "possible": has_password or has_factor}
    status = 422 if request.method == "POST" else 200
    return render(request, "registration/confirm.html", context, status=status)


def _refusal_of_proof(request: HttpRequest, visitor: sessions.Visitor, given: dict[str, Any]) -> str | None:
    """None when the proof holds, what to say when it does not, and nothing to say when the door is locked."""
    if given.get("code"):
        answer = _judged(request, visitor, given["code"])
        if answer is Answer.ACCEPTED:
            return None
        return "" if answer is Answer.LOCKED else _("This is not the code that your app shows now.")
    if network_is_locked_out(request) or name_is_locked_out(request, visitor.account.email):
        return ""
    found = authenticate(request, username=visitor.account.email, password=given["password"])
    if found is not None and found.pk == visitor.account.pk:
        return None
    return "" if getattr(request, "axes_locked_out", False) else _("This is not your password.")


def _judged(request: HttpRequest, visitor: sessions.Visitor, code: str) -> Answer:
    """Judges a code. A door that locks now stands in the ledger of the first organisation of the account."""
    before = queries.second_factor_is_locked(visitor.account.id, at=DatabaseClock().now())
    answer = operations.accept_code(account=visitor.account, code=code, clock=DatabaseClock())
    if answer is Answer.LOCKED and not before:
        for membership in queries.memberships_of(visitor.account.id, at=SystemClock().now())[:1]:
            actor = queries.principal_for(visitor.account, membership)
            with trail(organization_id=actor.organization_id, actor=actor, request_id=request_id_of(request)) as opened:
                operations.record_lock(account=visitor.account, trail=opened)
    return answer
