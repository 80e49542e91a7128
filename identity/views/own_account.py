"""The own account: profile, password, and where it is signed in."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from identity import operations, queries, sessions
from identity.forms.proving import ChangePasswordForm, ProfileForm
from identity.models import Account
from kernel.clock import SystemClock
from kernel.pages import PageRequest, form_valid, page, refused

OWN = "identity.organization.view"


@never_cache
@page(OWN)
def profile(request: PageRequest) -> HttpResponseBase:
    """Name and language, and the ways to password, second factor and sessions."""
    account = _own(request)
    known = {"display_name": account.display_name, "language": account.language}
    form = ProfileForm(request.POST or None, initial=known)
    if form_valid(form, request):
        operations.change_profile(account=account, trail=request.trail, **form.cleaned_data)
        messages.success(request, _("Your profile is saved."))
        return redirect("identity:profile")
    context = {
        "form": form,
        "account": account,
        "factor": queries.second_factor_of(account.id),
        "has_password": account.has_usable_password(),
    }
    return render(request, "account/profile.html", context, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters("present", "new", "again")
@page(OWN)
def password(request: PageRequest) -> HttpResponseBase:
    """Changes the own password; every other session of the account ends."""
    account = _own(request)
    form = ChangePasswordForm(request.POST or None)
    if form_valid(form, request):
        given = form.cleaned_data
        operations.change_password(
            account=account,
            present=given["present"],
            new=given["new"],
            keep=sessions.digest_of(request),
            trail=request.trail,
        )
        update_session_auth_hash(request, account)
        sessions.prove(request)
        messages.success(request, _("Your password is changed. Everywhere else you are signed out."))
        return redirect("identity:profile")
    context = {"form": form, "has_password": account.has_usable_password()}
    return render(request, "account/password.html", context, status=422 if form.errors else 200)


@never_cache
@page(OWN)
@require_GET
def session_list(request: PageRequest) -> HttpResponseBase:
    """Every browser in which the account is signed in, this one among them."""
    rows = queries.sessions_of(_own(request).id, at=SystemClock().now())
    context = {"rows": rows, "here": sessions.digest_of(request), "methods": sessions.METHODS}
    return render(request, "account/sessions.html", context)


@page(OWN)
@require_POST
def end_session(request: PageRequest, session_id: UUID) -> HttpResponseBase:
    """Ends one of the own sessions at once."""
    if request.refusal is not None:
        return refused(request, request.refusal)
    operations.end_session(account=_own(request), session_id=session_id, trail=request.trail)
    messages.success(request, _("The session is ended."))
    return redirect("identity:sessions")


@page(OWN)
@require_POST
def end_others(request: PageRequest) -> HttpResponseBase:
    """Ends all own sessions but this one."""
    if request.refusal is not None:
        return refused(request, request.refusal)
    ended = operations.end_other_sessions(account=_own(request), keep=sessions.digest_of(request), trail=request.trail)
    said = ngettext("%(count)s session is ended.", "%(count)s sessions are ended.", ended) % {"count": ended}
    messages.success(request, said)
    return redirect("identity:sessions")


def _own(request: PageRequest) -> Account:
    return Account.objects.get(pseudonym=request.principal.pseudonym)
