"""E-mail domains on the page of single sign-on: named, proved by the DNS, given up."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from identity.dns_records import txt_records
from identity.forms.single_sign_on import DomainForm
from identity.models import ProvedDomain
from identity.operations.email_domains import Resolve, asked, claim_domain, give_up_domain, prove_domain
from identity.queries.single_sign_on import links_by_domain
from identity.queries.single_sign_on import policy as policy_of_open_organization
from identity.views.single_sign_on import MANAGE, overview_page
from kernel.errors import NotFound
from kernel.pages import PageRequest, form_valid, page, recently_proved
from kernel.rest import principal_of
from kernel.scope import scope_of

RESOLVE: Resolve = txt_records


class DomainNotFound(NotFound):
    """There is no such domain in this organisation."""

    code = "EMAIL_DOMAIN_NOT_FOUND"


@page(MANAGE, confirm=True)
@require_POST
def claim(request: PageRequest) -> HttpResponseBase:
    """Names a domain; the page then shows the record that proves it."""
    form = DomainForm(request.POST)
    if form_valid(form, request):
        claim_domain(domain=form.cleaned_data["domain"], trail=request.trail)
        messages.success(request, _("Now put the record into the DNS of the domain, then check it here."))
        return redirect("organization:sso")
    return overview_page(request, domain_form=form)


def prove(request: HttpRequest, domain_id: UUID) -> HttpResponseBase:
    """Asks the DNS before any transaction is open, since an answer may take seconds; then decides."""
    principal = principal_of(request)
    texts: Sequence[str] | None = ()
    if request.method == "POST" and principal is not None and principal.may(MANAGE) and recently_proved(request):
        with scope_of(principal):
            row = ProvedDomain.objects.filter(id=domain_id).first()
        texts = asked(domain=row, resolve=RESOLVE) if row is not None else ()
    return _proved(request, domain_id, texts)


prove.permission = MANAGE  # type: ignore[attr-defined]  # read by the route test, asked by _proved


@page(MANAGE, confirm=True)
@require_POST
def _proved(request: PageRequest, domain_id: UUID, texts: Sequence[str] | None) -> HttpResponseBase:
    if request.refusal is not None:
        messages.error(request, request.refusal.message)
        return redirect("organization:sso")
    prove_domain(domain=_domain(domain_id), texts=texts, trail=request.trail)
    messages.success(request, _("The domain is proved."))
    return redirect("organization:sso")


@page(MANAGE, confirm=True)
def give_up(request: PageRequest, domain_id: UUID) -> HttpResponseBase:
    """Says what ends with the domain, and asks; a POST gives it up."""
    row = _domain(domain_id)
    if request.method == "POST" and request.refusal is None:
        give_up_domain(domain=row, trail=request.trail)
        messages.success(request, _("The domain no longer counts as yours."))
        return redirect("organization:sso")
    policy = policy_of_open_organization()
    context = {
        "domain": row,
        "ending": links_by_domain(row.domain),
        "sso_only": policy is not None and policy.sso_only,
        "refusal": request.refusal,
    }
    return render(request, "organization/sso_domain_give_up.html", context)


def _domain(domain_id: UUID) -> ProvedDomain:
    row = ProvedDomain.objects.filter(id=domain_id).first()
    if row is None:
        raise DomainNotFound(_("There is no such domain in your organisation."))
    return row
