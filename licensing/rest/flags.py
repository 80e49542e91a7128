"""`POST /api/v1/flags`: which features may software switch on? A signed answer that is good for some minutes.

The question is that of a validation, with the key as the credential; `scope.features` narrows the answer instead of
being judged.
"""

from dataclasses import replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from kernel.errors import JsonValue, Refusal
from licensing.answers import rfc3339
from licensing.grants import value_json
from licensing.queries.license_facts import KeyedLicense
from licensing.rest.client_calls import answered, answering, key_digests, posted, problem
from licensing.rest.question import Question, read_question
from licensing.rest.validation import decided, located
from licensing.rules.flags import Flags, flags_at
from licensing.rules.outcome import Decision
from licensing.rules.terms import in_utc
from licensing.signing import TokenKind


@csrf_exempt
def flags(request: HttpRequest) -> HttpResponse:
    """The features as JSON with their signed form in `token`; problem+json for what is no question."""
    try:
        return _answer(located(read_question(posted(request)), request), request)
    except Refusal as refusal:
        return problem(refusal)


def _answer(question: Question, request: HttpRequest) -> HttpResponse:
    digests = key_digests(question.key)
    asked = replace(question.scope, features=frozenset())
    answerer = answering(digests, asked)
    decision, at = decided(answerer, digests, asked, request)
    known = answerer.known
    found = flags_at(known.facts if known else None, is_valid=decision.valid, asked=question.scope.features, at=at)
    claims = _claims(found, decision, known, issuer=answerer.issuer, at=at, nonce=question.nonce)
    token = answerer.signer.sign(kind=TokenKind.FLAGS, claims=claims)
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
