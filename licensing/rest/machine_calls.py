"""`POST /api/v1/activations/activate`, `…/ping`, `…/deactivate`: shipped software speaks for its machine.

Plain views like that of a validation: the key is the credential, every answer is signed. Whoever asks with a key that
nobody issued is answered by the platform's organisation.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from identity.models import Organization
from identity.privacy import client_address
from identity.queries import issuer_of_credential
from kernel.clock import DatabaseClock
from kernel.errors import Refusal
from kernel.principal import system
from kernel.rest import request_id_of
from kernel.scope import scope
from kernel.trail import Trail, run_in_trail
from licensing.activation_answers import ActivationClaims, activation_claims
from licensing.answers import answer_claims, sign_answer
from licensing.countries import country_of
from licensing.keyring import ROUTE_KIND, signer_of
from licensing.models import SigningKey
from licensing.operations import ActivationAnswer, activate, deactivate, ping
from licensing.queries.license_facts import license_behind
from licensing.queries.signing_keys import active_signing_key
from licensing.rest.client_calls import NobodyAnswers, answered, key_digests, posted, problem
from licensing.rest.machine_question import MachineQuestion, read_machine_question
from licensing.rules.activating import ActivationRefusal
from licensing.rules.decision import NOT_FOUND

TASK = "activation"


STEPS: dict[str, Callable[..., ActivationAnswer]] = {"activate": activate, "ping": ping, "deactivate": deactivate}


def _call(asked: str) -> Callable[[HttpRequest], HttpResponse]:
    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponse:
        try:
            question = read_machine_question(posted(request), country=country_of(client_address(request)))
            return _answer(asked, question, request_id_of(request))
        except Refusal as refusal:
            return problem(refusal)

    return view


activate_machine = _call("activate")
ping_machine = _call("ping")
deactivate_machine = _call("deactivate")


def _answer(asked: str, question: MachineQuestion, request_id: str) -> HttpResponse:
    digests = key_digests(question.key)
    organization = issuer_of_credential(ROUTE_KIND, *digests)
    if organization is None:
        raise NobodyAnswers(_("This installation has no platform organisation yet; create it first."))
    with scope(organization.id):
        at = DatabaseClock().now()
        known = license_behind(digests=digests, version=None, at=at)
        signing_key = active_signing_key()
    if signing_key is None:
        raise NobodyAnswers(_("The organisation that answers has no signing key."))
    if known is None:
        return _signed(_unknown(asked, organization, question, at), signing_key)
    work = partial(_step, asked, known.license_id, digests, question)
    done = run_in_trail(work, actor=system(organization.id, TASK), request_id=request_id)
    claims = activation_claims(done, asked=asked, issuer=organization.slug, nonce=question.nonce)
    return _signed(claims, signing_key)


def _step(
    asked: str, license_id: UUID, digests: list[bytes], question: MachineQuestion, trail: Trail
) -> ActivationAnswer:
    return STEPS[asked](
        license_id=license_id, digests=digests, scope=question.scope, machine=question.machine, trail=trail
    )


def _unknown(asked: str, organization: Organization, question: MachineQuestion, at: datetime) -> ActivationClaims:
    """What is told about a key that nobody issued: nothing but that."""
    claims = answer_claims(NOT_FOUND, issuer=organization.slug, at=at, nonce=question.nonce)
    return {
        **claims,
        "asked": asked,
        "refusal": ActivationRefusal.LICENSE_NOT_VALID.value,
        "activation": None,
        "machine_rules": None,
    }


def _signed(claims: ActivationClaims, signing_key: SigningKey) -> HttpResponse:
    return answered({**claims, "token": sign_answer(claims, signer=signer_of(signing_key))})
