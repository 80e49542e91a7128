"""The page behind a link that sets a new password: no account is signed in, the link is the proof."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from identity import operations, queries
from identity.forms.proving import NewPasswordForm
from identity.models import PasswordReset
from identity.operations.passwords import ResetLinkInvalid
from kernel.clock import SystemClock
from kernel.errors import Refusal
from kernel.principal import Principal
from kernel.rest import request_id_of
from kernel.trail import run_in_trail


@never_cache
@sensitive_variables("token")
@sensitive_post_parameters("new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, token: str) -> HttpResponseBase:
    """Takes the new password once; a link that is used, old or invented is told apart from nothing else."""
    link = queries.password_reset_for(token, at=SystemClock().now())
    actor = _actor(link) if link is not None else None
    if link is None or actor is None:
        return render(request, "registration/reset_invalid.html", status=404)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        new = form.cleaned_data["new"]
        try:
            run_in_trail(
                lambda trail: operations.reset_password(reset_id=link.id, new=new, trail=trail),
                actor=actor,
                request_id=request_id_of(request),
            )
        except ResetLinkInvalid:
            return render(request, "registration/reset_invalid.html", status=404)
        except Refusal as refusal:
            form.add_error("new", refusal.message)
        else:
            messages.success(request, _("Your new password is set. Sign in with it."))
            return redirect("identity:sign-in")
    status = 422 if request.method == "POST" else 200
    return render(request, "registration/reset.html", {"form": form, "account": link.account}, status=status)


def _actor(link: PasswordReset) -> Principal | None:
    """The account itself, in the first organisation where it works; an account that works nowhere needs no password."""
    for membership in queries.memberships_of(link.account_id, at=SystemClock().now())[:1]:
        return queries.principal_for(link.account, membership)
    return None
