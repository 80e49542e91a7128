"""`POST /api/v1/validate`: is the licence behind this key valid, here and now? Always a signed answer.

A plain view, without session, account or framework round it: shipped software asks it on every start. Whoever asks
with a key that nobody issued is answered by the platform's organisation, on the same path and with the same number of
queries as everybody else.
"""

from collections.abc import Mapping

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from identity.queries import issuer_of_credential
from kernel.clock import DatabaseClock
from kernel.errors import Refusal
from kernel.principal import system
from kernel.rest import request_id_of
from kernel.rest.problems import PROBLEM, BodyTooLarge, MethodRefused, problem_body
from kernel.scope import scope
from kernel.trail import run_in_trail
from licensing.answers import answer_claims, sign_answer
from licensing.keyring import ROUTE_KIND, peppers, signer_of
from licensing.operations import first_validation
from licensing.queries.license_facts import license_behind
from licensing.queries.signing_keys import active_signing_key
from licensing.rest.question import Question, read_question
from licensing.rules.codes import ObligationCode
from licensing.rules.decision import decide
from licensing.rules.digests import lookup_digests
from licensing.rules.key_format import MalformedKey, normalise

LARGEST_BODY = 4_096
TASK = "validation"


class NobodyAnswers(Refusal):
    """No organisation can sign the answer: the platform organisation is missing, or it has no signing key."""

    code = "SIGNER_MISSING"
    status = 503


@csrf_exempt
def validate(request: HttpRequest) -> HttpResponse:
    """The answer as JSON with its signed form in `token`; problem+json for what is no question."""
    try:
        if request.method != "POST":
            raise MethodRefused(_("Ask with POST."))
        return _answer(read_question(_body(request)), request_id_of(request))
    except Refusal as refusal:
        return _problem(refusal)


def _body(request: HttpRequest) -> bytes:
    length = request.headers.get("Content-Length", "")
    body = b"" if length.isdecimal() and int(length) > LARGEST_BODY else request.read(LARGEST_BODY + 1)
    if (not body and length not in ("", "0")) or len(body) > LARGEST_BODY:
        raise BodyTooLarge(_("A question has at most %(most)d bytes.") % {"most": LARGEST_BODY})
    return body


def _answer(question: Question, request_id: str) -> HttpResponse:
    digests = _digests(question.key)
    organization = issuer_of_credential(ROUTE_KIND, *digests)
    if organization is None:
        raise NobodyAnswers(_("This installation has no platform organisation yet; create it first."))
    with scope(organization.id):
        at = DatabaseClock().now()
        known = license_behind(digests=digests, version=question.scope.version, at=at)
        signing_key = active_signing_key()
    if signing_key is None:
        raise NobodyAnswers(_("The organisation that answers has no signing key."))
    decision = decide(known.facts if known else None, question.scope, at)
    if known is not None and any(duty.code is ObligationCode.START_TERM for duty in decision.obligations):
        license_id = known.license_id
        decision, at = run_in_trail(
            lambda trail: first_validation(license_id=license_id, digests=digests, asked=question.scope, trail=trail),
            actor=system(organization.id, TASK),
            request_id=request_id,
        )
    claims = answer_claims(
        decision,
        issuer=organization.slug,
        at=at,
        nonce=question.nonce,
        license_id=str(known.license_id) if known else None,
    )
    return _json({**claims, "token": sign_answer(claims, signer=signer_of(signing_key))})


def _digests(key: str) -> list[bytes]:
    """One for each pepper. What cannot be a key is digested as it stands: nobody issued it, the path is the same."""
    try:
        canonical = normalise(key)
    except MalformedKey:
        canonical = key
    return [found.digest for found in lookup_digests(key=canonical, peppers=peppers())]


def _json(body: Mapping[str, object]) -> HttpResponse:
    return HttpResponse(orjson.dumps(body), content_type="application/json", headers={"Cache-Control": "no-store"})


def _problem(refusal: Refusal) -> HttpResponse:
    response = HttpResponse(orjson.dumps(problem_body(refusal)), content_type=PROBLEM, status=refusal.status)
    response["Cache-Control"] = "no-store"
    if isinstance(refusal, MethodRefused):
        response["Allow"] = "POST"
    if refusal.status == 503:
        response["Retry-After"] = "2"
    return response
