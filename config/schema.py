"""The GraphQL interface of all apps, under /graphql/: one schema of what each app declares in its `graphql` package."""

from typing import cast

import strawberry
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from compliance.graphql import ChangesMutation, ChangesQuery
from identity.graphql import DirectoryQuery, IdentityMutation, OrganizationQuery
from identity.oauth.bearer import BearerTokens
from identity.queries.access_tokens import principal_of_token
from identity.rules.access_tokens import Audience
from identity.views.explorer import explorer
from kernel.graphql import TenantSchema, endpoint
from licensing.graphql import LicensingMutation, LicensingQuery
from seats.graphql import (
    LeasesMutation,
    LeasesQuery,
    LeavingMutation,
    LeavingQuery,
    ReclamationMutation,
    ReclamationQuery,
    SeatsMutation,
    SeatsQuery,
    SharesMutation,
    SharesQuery,
)


@strawberry.type(description="What can be read. Every field asks for a permission; lists are newest first.")
class Query(
    OrganizationQuery,
    DirectoryQuery,
    LicensingQuery,
    SeatsQuery,
    SharesQuery,
    LeasesQuery,
    LeavingQuery,
    ReclamationQuery,
    ChangesQuery,
):
    """The root fields of all apps."""


@strawberry.type(description="What can be changed: each field is one operation with its own entry in the ledger.")
class Mutation(
    IdentityMutation,
    LicensingMutation,
    SeatsMutation,
    SharesMutation,
    LeasesMutation,
    LeavingMutation,
    ReclamationMutation,
    ChangesMutation,
):
    """The mutations of all apps."""


schema = TenantSchema(query=Query, mutation=Mutation)
answer = endpoint(schema, principal_of_token=principal_of_token, challenge=BearerTokens(Audience.GRAPHQL).challenge)


@csrf_exempt
def graphql(request: HttpRequest) -> HttpResponse:
    """POST asks; a browser that comes to look gets the page to try queries on. The endpoint checks CSRF tokens itself,
    of sessions alone: a bearer token is no cookie."""
    if request.method in {"GET", "HEAD"} and request.accepts("text/html"):
        return cast(HttpResponse, explorer(request))
    return answer(request)
