"""Home and dashboards."""

from django.http import HttpResponse
from django.shortcuts import render

from kernel.pages import PageRequest, page


@page("identity.organization.view")
def home(request: PageRequest) -> HttpResponse:
    """Where everybody lands after signing in."""
    return render(request, "reporting/home.html")
