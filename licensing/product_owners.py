"""The page of product owners: who answers for which product, and naming or releasing one."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from identity.models import Membership
from identity.queries.members import live_members, with_role
from kernel.pages import PageRequest, form_valid, page
from licensing.models import Product
from licensing.operations.ownership import ROLE, end_product_ownership, name_product_owner
from licensing.queries.ownership import product_owners

VIEW = "licensing.catalogue.view"
MANAGE = "licensing.product_owner.manage"
ROWS = 50


class OwnerForm(forms.Form):
    """A product and a member with the role of a licence owner."""

    product = forms.ModelChoiceField(
        label=gettext_lazy("Product"), queryset=Product.objects.select_related("publisher").order_by("name_lower")
    )
    membership = forms.ModelChoiceField(label=gettext_lazy("Licence owner"), queryset=Membership.objects.none())

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        member: Any = self.fields["membership"]
        member.queryset = with_role(live_members(), ROLE).order_by("account__email_lower")
        member.label_from_instance = lambda row: str(row.account)


@page(VIEW)
def product_owner_list(request: PageRequest) -> HttpResponseBase:
    """Who answers for which product; who may, names another one here."""
    may_manage = request.principal.may(MANAGE)
    if request.method == "POST":
        request.principal.require(MANAGE)
    form = OwnerForm(request.POST or None) if may_manage else None
    if form is not None and form_valid(form, request):
        row = name_product_owner(trail=request.trail, **form.cleaned_data)
        said = _("%(name)s answers for %(product)s now.")
        messages.success(request, said % {"name": row.membership.account, "product": row.product.name})
        return redirect("licensing:product-owners")
    owners = product_owners().order_by("product__name_lower", "membership__account__email_lower")
    rows = Paginator(owners, ROWS).get_page(request.GET.get("page"))
    context = {"rows": rows, "pages": rows.paginator.get_elided_page_range(rows.number), "form": form}
    status = 422 if request.method == "POST" and request.refusal is None else 200
    return render(request, "licensing/product_owners.html", context, status=status)


@require_POST
@page(MANAGE)
def end_product_owner(request: PageRequest, owner_id: UUID) -> HttpResponseBase:
    """The member no longer answers for the product."""
    row = end_product_ownership(owner_id=owner_id, trail=request.trail)
    messages.success(request, _("%(name)s no longer answers for it.") % {"name": row.membership.account})
    return redirect("licensing:product-owners")
