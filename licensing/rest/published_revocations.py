"""`GET /.well-known/licensing-revocations.jwt?organization=…`: certificates that hold no more, signed and cacheable.

The list is a token of its own type (`seatledger-revocations+jwt`), so that it can be fetched by whoever is online and
carried to machines that are not. Its times move in steps, so that everybody gets the same bytes within a step and a
client that asks again is answered 304.
"""

import hashlib
from datetime import datetime

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from identity.queries import published_organization
from kernel.clock import DatabaseClock
from kernel.errors import NotFound, Refusal
from kernel.rest.problems import PROBLEM, problem_body
from kernel.scope import scope
from licensing.keyring import signer_of
from licensing.queries.certificates import revoked_certificates
from licensing.queries.signing_keys import active_signing_key, revoked_kids
from licensing.rest.client_calls import NobodyAnswers
from licensing.signing import TokenKind

STEP_SECONDS = 300
CACHED_SECONDS = 300
HOLDS_SECONDS = 7 * 86_400
MEDIA_TYPE = "application/jwt"


@require_safe
def licensing_revocations(request: HttpRequest) -> HttpResponseBase:
    """The signed list of an organisation, of the platform's when none is named; 404 for one that does not exist."""
    organization = published_organization(request.GET.get("organization", ""))
    if organization is None:
        return _problem(NotFound(_("No organisation of this name publishes keys here."), pointer="/query/organization"))
    with scope(organization.id):
        token = _signed_list(organization.slug, DatabaseClock().now())
    if token is None:
        return _problem(NobodyAnswers(_("The organisation that answers has no signing key.")))
    etag = f'"{hashlib.sha256(token.encode()).hexdigest()}"'
    response = HttpResponse(token, content_type=MEDIA_TYPE)
    response["Cache-Control"] = f"public, max-age={CACHED_SECONDS}"
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response


def _signed_list(issuer: str, at: datetime) -> str | None:
    """`revoked`: jti → its end in seconds since 1970, null for never; `kids`: keys that were revoked. `exp`: a list
    that is older than a week tells nothing any more."""
    key = active_signing_key()
    if key is None:
        return None
    issued = int(at.timestamp()) // STEP_SECONDS * STEP_SECONDS
    claims = {
        "iss": issuer,
        "iat": issued,
        "exp": issued + HOLDS_SECONDS,
        "revoked": {
            str(jti): None if ends is None else int(ends.timestamp()) for jti, ends in revoked_certificates(at=at)
        },
        "kids": revoked_kids(),
    }
    return signer_of(key).sign(kind=TokenKind.REVOCATIONS, claims=claims)


def _problem(refusal: Refusal) -> HttpResponse:
    return HttpResponse(orjson.dumps(problem_body(refusal)), content_type=PROBLEM, status=refusal.status)
