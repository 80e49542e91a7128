"""The page of roles: what each is for, what it may do, how many hold it; and the whole as a table to print."""

from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from identity.queries.roles import matrix, told_roles
from kernel.clock import SystemClock
from kernel.pages import PageRequest, page

VIEW = "identity.role.view"


@require_GET
@page(VIEW)
def role_list(request: PageRequest) -> HttpResponseBase:
    """Every role in words, with those who hold it behind a link."""
    context = {
        "roles": told_roles(),
        "now": SystemClock().now(),
        "can_see_members": request.principal.may("identity.membership.view"),
    }
    return render(request, "identity/roles.html", context)


@require_GET
@page(VIEW)
def role_matrix(request: PageRequest) -> HttpResponseBase:
    """Roles against permissions."""
    roles = told_roles()
    context = {"roles": roles, "rows": matrix(roles), "now": SystemClock().now()}
    return render(request, "identity/role_matrix.html", context)
