"""`GET /.well-known/licensing-jwks.json?organization=<short name or id>`: what certificates and answers verify with."""

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from identity.queries import published_organization
from kernel.errors import NotFound
from kernel.rest.problems import PROBLEM, problem_body
from kernel.scope import scope
from licensing.jwk import jwks_of
from licensing.queries.signing_keys import published_keys

CACHED_SECONDS = 300


@require_safe
def licensing_keys(request: HttpRequest) -> HttpResponse:
    """The public keys of an organisation, of the platform's when none is named: those sign answers about unknown keys.

    An organisation that does not exist answers 404.
    """
    organization = published_organization(request.GET.get("organization", ""))
    if organization is None:
        refusal = NotFound(_("No organisation of this name publishes keys here."), pointer="/query/organization")
        return HttpResponse(orjson.dumps(problem_body(refusal)), content_type=PROBLEM, status=refusal.status)
    with scope(organization.id):
        published = jwks_of(published_keys())
    response = HttpResponse(orjson.dumps(published), content_type="application/json")
    response["Cache-Control"] = f"public, max-age={CACHED_SECONDS}"
    return response
