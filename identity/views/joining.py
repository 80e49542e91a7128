"""The page behind the link of an invitation: whoever holds it chooses a password and joins."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from identity.forms.members import JoinForm
from identity.models import Account, Invitation, Organization
from identity.operations import accept_invitation
from identity.operations.invitations import ROUTE_KIND
from identity.queries import credential_digest, issuer_of_credential
from identity.queries.members import invitation_by
from kernel.clock import DatabaseClock, SystemClock
from kernel.errors import Refusal
from kernel.principal import system
from kernel.rest import request_id_of
from kernel.scope import scope
from kernel.trail import Trail, run_in_trail


@never_cache
@sensitive_post_parameters("password", "again", "token")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Looking at the page uses nothing up: programs that follow links in e-mails do not join. A POST does, once."""
    secret = (request.POST.get("token") or request.GET.get("token", ""))[:200]
    organization = issuer_of_credential(ROUTE_KIND, credential_digest(secret))
    row = _open(organization, secret)
    if organization is None or row is None:
        return render(request, "registration/invitation_over.html", status=404)
    known = Account.objects.filter(email_lower=row.email_lower).first()
    form = JoinForm(known is not None and known.has_usable_password(), request.POST or None)
    if request.method == "POST" and form.is_valid() and _joined(request, organization, row, form, secret):
        messages.success(
            request, _("Welcome to %(organization)s. Sign in to begin.") % {"organization": organization.name}
        )
        return HttpResponseRedirect(reverse("identity:sign-in"))
    context = {"form": form, "token": secret, "organization": organization, "email": row.email}
    return render(request, "registration/invitation.html", context, status=422 if form.is_bound else 200)


def _open(organization: Organization | None, secret: str) -> Invitation | None:
    if organization is None:
        return None
    with scope(organization.id):
        return invitation_by(credential_digest(secret), at=SystemClock().now())


def _joined(request: HttpRequest, organization: Organization, row: Invitation, form: JoinForm, secret: str) -> bool:
    """True when the membership began; else the form says why not. Passwords are tried outside the trail, so that the
    throttle counts failures whatever is rolled back."""
    given = form.cleaned_data
    account: Any = None
    if "again" not in form.fields:
        account = authenticate(request, username=row.email, password=given["password"])
        if account is None:
            form.add_error("password", _("This is not the password of your account."))
            return False

    def work(trail: Trail) -> None:
        accept_invitation(
            secret=secret,
            account=account,
            password=given["password"],
            display_name=given.get("display_name", ""),
            language=get_language() or "en",
            trail=trail,
        )

    try:
        run_in_trail(
            work,
            actor=system(organization.id, "invitation"),
            request_id=request_id_of(request),
            clock=DatabaseClock(),
        )
    except Refusal as refusal:
        field = refusal.errors[0].pointer.strip("/") if refusal.errors else ""
        form.add_error(field if field in form.fields else None, refusal.message)
        return False
    return True
