"""`POST /api/v1/validate`: is the licence behind this key valid, here and now? Always a signed answer.

A plain view, without session, account or framework round it: shipped software asks it on every start. Whoever asks
with a key that nobody issued is answered by the platform's organisation, on the same path and with the same number of
queries as everybody else.
"""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from identity.privacy import client_address
from identity.queries import issuer_of_credential
from kernel.clock import DatabaseClock
from kernel.errors import Refusal
from kernel.principal import system
from kernel.rest import request_id_of
from kernel.scope import scope
from kernel.trail import run_in_trail
from licensing.answers import answer_claims, sign_answer
from licensing.countries import country_of
from licensing.keyring import ROUTE_KIND, signer_of
from licensing.operations import first_validation
from licensing.queries.leases import with_lease
from licensing.queries.license_facts import license_behind
from licensing.queries.signing_keys import active_signing_key
from licensing.rest.client_calls import NobodyAnswers, answered, key_digests, posted, problem
from licensing.rest.question import Question, read_question
from licensing.rules.codes import ObligationCode
from licensing.rules.decision import decide

TASK = "validation"


@csrf_exempt
def validate(request: HttpRequest) -> HttpResponse:
    """The answer as JSON with its signed form in `token`; problem+json for what is no question."""
    try:
        question = read_question(posted(request))
        return _answer(located(question, request), request_id_of(request))
    except Refusal as refusal:
        return problem(refusal)


def _answer(question: Question, request_id: str) -> HttpResponse:
    digests = key_digests(question.key)
    organization = issuer_of_credential(ROUTE_KIND, *digests)
    if organization is None:
        raise NobodyAnswers(_("This installation has no platform organisation yet; create it first."))
    with scope(organization.id):
        at = DatabaseClock().now()
        known = license_behind(
            digests=digests,
            version=question.scope.version,
            fingerprints=question.scope.fingerprints or (),
            at=at,
        )
        if known is not None:
            known = with_lease(known, lease=question.scope.lease, at=at)
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
    return answered({**claims, "token": sign_answer(claims, signer=signer_of(signing_key))})


def located(question: Question, request: HttpRequest) -> Question:
    """The question with the country of the client's address, which goes before what the client states."""
    country = country_of(client_address(request))
    return replace(question, scope=replace(question.scope, country=country)) if country else question
