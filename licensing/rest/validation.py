"""`POST /api/v1/validate`: is the licence behind this key valid, here and now? Always a signed answer.

A plain view, without session, account or framework round it: shipped software asks it on every start. Whoever asks
with a key that nobody issued is answered by the platform's organisation, on the same path and with the same number of
queries as everybody else. Each answer is recorded, and nothing of the question but what an Observation holds.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from identity.privacy import client_address
from kernel.errors import Refusal
from kernel.principal import system
from kernel.rest import request_id_of
from kernel.scope import scope
from kernel.trail import run_in_trail
from licensing.answers import answer_claims, sign_answer
from licensing.countries import country_of
from licensing.models import ValidationOrigin
from licensing.operations import check_in, check_in_is_due, first_validation
from licensing.queries.leases import with_lease
from licensing.queries.license_facts import KeyedLicense
from licensing.queries.snapshots import forget
from licensing.rest.client_calls import Answering, answered, answering, key_digests, note, posted, problem
from licensing.rest.question import Question, read_question
from licensing.rules.codes import ObligationCode
from licensing.rules.decision import decide
from licensing.rules.facts import LicenseModel, ValidationScope
from licensing.rules.outcome import Decision

TASK = "validation"


@csrf_exempt
def validate(request: HttpRequest) -> HttpResponse:
    """The answer as JSON with its signed form in `token`; problem+json for what is no question."""
    try:
        question = read_question(posted(request))
        return _answer(located(question, request), request)
    except Refusal as refusal:
        return problem(refusal)


def _answer(question: Question, request: HttpRequest) -> HttpResponse:
    digests = key_digests(question.key)
    found = answering(digests, question.scope)
    decision, at = decided(found, digests, question.scope, request)
    claims = answer_claims(
        decision,
        issuer=found.issuer,
        at=at,
        nonce=question.nonce,
        license_id=str(found.license_id) if found.license_id else None,
    )
    return answered({**claims, "token": sign_answer(claims, signer=found.signer)})


def decided(
    found: Answering, digests: list[bytes], asked: ValidationScope, request: HttpRequest
) -> tuple[Decision, datetime]:
    """The decision and its moment, recorded. A first valid use lets the term begin, under the licence's lock."""
    known, at = _with_seat(found, asked), found.at
    decision = decide(known.facts if known else None, asked, at)
    if known is not None and any(duty.code is ObligationCode.START_TERM for duty in decision.obligations):
        license_id = known.license_id
        decision, at = run_in_trail(
            lambda trail: first_validation(license_id=license_id, digests=digests, asked=asked, trail=trail),
            actor=system(found.organization_id, TASK),
            request_id=request_id_of(request),
        )
        forget(digests)
    elif known is not None and known.activation_id is not None:
        _heard_of(known, known.activation_id, found.organization_id, at, request)
    note(
        request,
        organization_id=found.organization_id,
        license_id=found.license_id,
        key_digest=digests[0],
        at=at,
        code=decision.code.value,
        origin=ValidationOrigin.ONLINE,
        asked=asked,
    )
    return decision, at


def _with_seat(found: Answering, asked: ValidationScope) -> KeyedLicense | None:
    """A floating licence holds with a seat that was checked out, which is looked at anew each time."""
    if found.known is None or found.known.facts.model is not LicenseModel.FLOATING:
        return found.known
    with scope(found.organization_id):
        return with_lease(found.known, lease=asked.lease, at=found.at)


def _heard_of(
    known: KeyedLicense, activation_id: UUID, organization_id: UUID, at: datetime, request: HttpRequest
) -> None:
    """A validation is a check-in of its machine; which is written at most once a minute."""
    if check_in_is_due(last_check_in_at=known.facts.last_check_in_at, at=at):
        run_in_trail(
            lambda trail: check_in(activation_id=activation_id, at=at, trail=trail),
            actor=system(organization_id, TASK),
            request_id=request_id_of(request),
        )


def located(question: Question, request: HttpRequest) -> Question:
    """The question with the country of the client's address, which goes before what the client states."""
    country = country_of(client_address(request))
    return replace(question, scope=replace(question.scope, country=country)) if country else question
