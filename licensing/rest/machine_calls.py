"""`POST /api/v1/activations/activate`, `…/ping`, `…/deactivate`: shipped software speaks for its machine.

Plain views like that of a validation: the key is the credential, every answer is signed. Whoever asks with a key that
nobody issued is answered by the platform's organisation.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from identity.privacy import client_address
from kernel.errors import Refusal
from kernel.principal import system
from kernel.rest import request_id_of
from kernel.trail import Trail, run_in_trail
from licensing.activation_answers import ActivationClaims, activation_claims
from licensing.answers import answer_claims, sign_answer
from licensing.countries import country_of
from licensing.models import ValidationOrigin
from licensing.operations import ActivationAnswer, activate, deactivate, ping
from licensing.queries.snapshots import forget
from licensing.rest.client_calls import Answering, answered, answering, key_digests, note, posted, problem
from licensing.rest.machine_question import MachineQuestion, read_machine_question
from licensing.rules.activating import ActivationRefusal
from licensing.rules.decision import NOT_FOUND

TASK = "activation"


ORIGINS = {
    "activate": ValidationOrigin.ACTIVATION,
    "ping": ValidationOrigin.HEARTBEAT,
    "deactivate": ValidationOrigin.ACTIVATION,
}
STEPS: dict[str, Callable[..., ActivationAnswer]] = {"activate": activate, "ping": ping, "deactivate": deactivate}


def _call(asked: str) -> Callable[[HttpRequest], HttpResponse]:
    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponse:
        try:
            question = read_machine_question(posted(request), country=country_of(client_address(request)))
            return _answer(asked, question, request)
        except Refusal as refusal:
            return problem(refusal)

    return view


activate_machine = _call("activate")
ping_machine = _call("ping")
deactivate_machine = _call("deactivate")


def _answer(asked: str, question: MachineQuestion, request: HttpRequest) -> HttpResponse:
    digests = key_digests(question.key)
    found = answering(digests, question.scope)
    if found.known is None:
        claims = _unknown(asked, found, question)
    else:
        work = partial(_step, asked, found.known.license_id, digests, question)
        actor = system(found.organization_id, TASK)
        done = run_in_trail(work, actor=actor, request_id=request_id_of(request))
        claims = activation_claims(done, asked=asked, issuer=found.issuer, nonce=question.nonce)
        forget(digests)
    note(
        request,
        organization_id=found.organization_id,
        license_id=found.license_id,
        key_digest=digests[0],
        at=datetime.fromisoformat(claims["server_time"]),
        code=claims["code"],
        origin=ORIGINS[asked],
        asked=question.scope,
        refusal=claims["refusal"] or "",
        device=question.machine.fingerprints[0],
        country=question.machine.country,
    )
    return answered({**claims, "token": sign_answer(claims, signer=found.signer)})


def _step(
    asked: str, license_id: UUID, digests: list[bytes], question: MachineQuestion, trail: Trail
) -> ActivationAnswer:
    return STEPS[asked](
        license_id=license_id, digests=digests, scope=question.scope, machine=question.machine, trail=trail
    )


def _unknown(asked: str, found: Answering, question: MachineQuestion) -> ActivationClaims:
    """What is told about a key that nobody issued: nothing but that."""
    claims = answer_claims(NOT_FOUND, issuer=found.issuer, at=found.at, nonce=question.nonce)
    return {
        **claims,
        "asked": asked,
        "refusal": ActivationRefusal.LICENSE_NOT_VALID.value,
        "activation": None,
        "machine_rules": None,
    }
