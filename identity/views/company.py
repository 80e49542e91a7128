"""Signing in by the company: finding its connection, and confirming that its name for somebody means an account."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from identity.browser_nonce import nonce_of
from identity.forms.single_sign_on import CompanyForm
from identity.models import Account, Organization, Purpose, SamlPendingRequest
from identity.operations.saml_accounts import confirm_link
from identity.operations.saml_requests import is_from, kept_answer
from identity.ports import bindings
from identity.queries.single_sign_on import sign_in_choices
from kernel.clock import Clock, DatabaseClock
from kernel.errors import NotFound
from kernel.pages import PageRequest, page

CLOCK: Clock = DatabaseClock()


class LinkNotFound(NotFound):
    """There is no open link for this browser and account."""

    code = "SSO_LINK_NOT_FOUND"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def company(request: HttpRequest) -> HttpResponseBase:
    """Finds the company's sign-in; the way on is a link, since forms may lead to this site alone."""
    form = CompanyForm(request.POST or None)
    found, sought = [], False
    if request.method == "POST" and form.is_valid():
        sought = True
        found = [
            row
            for row in sign_in_choices(form.cleaned_data["company"])
            if bindings.plan(organization_id=row.organization_id, feature="sso")
        ]
    houses = Organization.objects.in_bulk({row.organization_id for row in found})
    target = request.POST.get("next") or request.GET.get("next", "")
    after = f"?{urlencode({'next': target})}" if target else ""
    ways = [
        {
            "name": row.name,
            "organization": houses[row.organization_id].name,
            "url": reverse("saml:sign-in", args=[row.public_id]) + after,
        }
        for row in found
    ]
    context = {"form": form, "ways": ways, "is_unknown": sought and not ways, "next": target}
    return render(request, "registration/company.html", context, status=422 if sought and not ways else 200)


@never_cache
@page("identity.organization.view")
def link(request: PageRequest, request_id: UUID) -> HttpResponseBase:
    """Asks whoever is signed in whether the company's name for somebody means this account; a POST says yes."""
    asked = (
        SamlPendingRequest.objects.select_related("connection")
        .filter(id=request_id, purpose=Purpose.SIGN_IN, answered_at__isnull=False, expires_at__gt=CLOCK.now())
        .first()
    )
    claims = kept_answer(asked).get("claims") if asked is not None and is_from(asked, nonce_of(request)) else None
    if asked is None or claims is None:
        raise LinkNotFound(_("This link is over. Sign in by your company once more."))
    account = Account.objects.get(pseudonym=request.principal.pseudonym)
    if request.method == "POST" and request.refusal is None:
        confirm_link(connection=asked.connection, name_id=claims["name_id"], account=account, trail=request.trail)
        messages.success(request, _("From now on you can sign in by your company."))
        return redirect(asked.target)
    context = {"account": account, "claims": claims, "connection": asked.connection, "refusal": request.refusal}
    return render(request, "registration/link.html", context)
