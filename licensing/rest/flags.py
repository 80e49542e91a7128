"""`POST /api/v1/flags`: which features may software switch on? A signed answer that is good for some minutes.

The question is that of a validation, with the key as the credential; `scope.features` narrows the answer instead of
being judged.
"""

from dataclasses import replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from identity.queries import issuer_of_credential
from kernel.clock import DatabaseClock
from kernel.errors import JsonValue, Refusal
from kernel.principal import system
from kernel.rest import request_id_of
from kernel.scope import scope
from kernel.trail import run_in_trail
from licensing.answers import rfc3339
from licensing.grants import value_json
from licensing.keyring import ROUTE_KIND, signer_of
from licensing.operations import first_validation
from licensing.queries.license_facts import KeyedLicense, license_behind
from licensing.queries.signing_keys import active_signing_key
from licensing.rest.client_calls import NobodyAnswers, answered, key_digests, posted, problem
from licensing.rest.question import Question, read_question
from licensing.rest.validation import located
from licensing.rules.codes import ObligationCode
from licensing.rules.decision import decide
from licensing.rules.flags import Flags, flags_at
from licensing.rules.outcome import Decision
from licensing.rules.terms import in_utc
from licensing.signing import TokenKind

TASK = "validation"


@csrf_exempt
def flags(request: HttpRequest) -> HttpResponse:
    """The features as JSON with their signed form in `token`; problem+json for what is no question."""
    try:
        return _answer(located(read_question(posted(request)), request), request_id_of(request))
    except Refusal as refusal:
        return problem(refusal)


def _answer(question: Question, request_id: str) -> HttpResponse:
    digests = key_digests(question.key)
    organization = issuer_of_credential(ROUTE_KIND, *digests)
    if organization is None:
        raise NobodyAnswers(_("This installation has no platform organisation yet; create it first."))
    asked = replace(question.scope, features=frozenset())
    with scope(organization.id):
        at = DatabaseClock().now()
        known = license_behind(digests=digests, version=asked.version, fingerprints=asked.fingerprints or (), at=at)
        signing_key = active_signing_key()
    if signing_key is None:
        raise NobodyAnswers(_("The organisation that answers has no signing key."))
    decision = decide(known.facts if known else None, asked, at)
    if known is not None and any(duty.code is ObligationCode.START_TERM for duty in decision.obligations):
        license_id = known.license_id
        decision, at = run_in_trail(
            lambda trail: first_validation(license_id=license_id, digests=digests, asked=asked, trail=trail),
            actor=system(organization.id, TASK),
            request_id=request_id,
        )
    found = flags_at(known.facts if known else None, is_valid=decision.valid, asked=question.scope.features, at=at)
    claims = _claims(found, decision, known, issuer=organization.slug, at=at, nonce=question.nonce)
    token = signer_of(signing_key).sign(kind=TokenKind.FLAGS, claims=claims)
    return answered({**claims, "token": token})


def _claims(
    found: Flags, decision: Decision, known: KeyedLicense | None, *, issuer: str, at: datetime, nonce: str
) -> dict[str, JsonValue]:
    """Whole seconds in `iat`, `exp` and `ttl`: rounded down, so that nobody relies on a flag for too long."""
    issued, until = int(in_utc(at).timestamp()), int(in_utc(found.until).timestamp())
    claims: dict[str, JsonValue] = {
        "valid": decision.valid,
        "code": decision.code.value,
        "features": {
            code: {"enabled": True} if value is None else {"enabled": True, "value": _json(value_json(value))}
            for code, value in found.features.items()
        },
        "quotas": _quotas(found, known),
        "iss": issuer,
        "iat": issued,
        "exp": max(until, issued + 1),
        "ttl": max(until - issued, 1),
        "server_time": rfc3339(at),
        "nonce": nonce,
    }
    if known is not None:
        claims["sub"] = str(known.license_id)
    return claims


def _quotas(found: Flags, known: KeyedLicense | None) -> dict[str, JsonValue]:
    """What was consumed of the quotas among the features, and when they start again."""
    quotas = known.facts.quotas if known else ()
    return {
        one.code: {"limit": one.limit, "used": one.used, "resets_at": one.resets_at and rfc3339(one.resets_at)}
        for one in quotas
        if one.code in found.features
    }


def _json(value: object) -> JsonValue:
    return value if isinstance(value, str) else dict(value)  # type: ignore[call-overload]  # a quota's members
