"""The page on which GraphQL queries are written and tried. It asks the same address as every other client."""

from django.http import HttpResponse
from django.shortcuts import render

from kernel.pages import PageRequest, page


@page("identity.graphql.explore")
def explorer(request: PageRequest) -> HttpResponse:
    """GraphiQL over the session of the reader."""
    return render(request, "identity/explorer.html")
