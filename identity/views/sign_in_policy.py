"""The page on which an organisation decides what it demands of a sign-in."""

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from identity.forms.sign_in_policy import SignInPolicyForm
from identity.operations import set_sign_in_policy
from identity.queries import sign_in_demands
from kernel.pages import PageRequest, form_valid, page, prove_first, recently_proved
from kernel.rest import SAFE

VIEW = "identity.sign_in_policy.view"
MANAGE = "identity.sign_in_policy.manage"


@never_cache
@page(VIEW)
def sign_in_policy(request: PageRequest) -> HttpResponseBase:
    """Shows the policy; whoever may change it gets the form."""
    if request.method not in SAFE:
        request.principal.require(MANAGE)
        if not recently_proved(request):
            return prove_first(request)
    form = SignInPolicyForm(request.POST or None, initial=asdict(sign_in_demands()))
    if form_valid(form, request):
        set_sign_in_policy(trail=request.trail, **form.cleaned_data)
        messages.success(request, _("The policy holds from now on."))
        return redirect("organization:sign-in")
    may_manage = request.principal.may(MANAGE)
    if not may_manage:
        for field in form.fields.values():
            field.disabled = True
    context = {"form": form, "may_manage": may_manage}
    return render(request, "account/sign_in_policy.html", context, status=422 if form.errors else 200)
