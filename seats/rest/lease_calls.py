"""`POST /api/v1/leases/checkout`, `…/heartbeat`, `…/checkin`, `…/borrow` and `…/return`: shipped software takes a
floating seat.

Plain views like those of activations: the key is the credential, every answer is signed. A full pool without a queue is
409 CAPACITY_EXCEEDED as on every other surface, a lease that has ended 410 LEASE_LOST, a pool that is locked for longer
than two seconds 503. An Idempotency-Key gives the same answer again for 24 hours.
"""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from identity.models import Organization
from identity.privacy import client_address
from identity.queries import issuer_of_credential, published_organization
from jobs.operations.idempotency import keep_answer, kept_answer
from kernel.clock import DatabaseClock
from kernel.errors import InvalidInput, NotFound, Refusal
from kernel.principal import system
from kernel.rest import checked_key, request_id_of
from kernel.scope import scope
from kernel.trail import Trail, run_in_trail
from licensing.answers import answer_claims, rfc3339, sign_answer
from licensing.armour import BEGIN, read_armour
from licensing.countries import country_of
from licensing.keyring import ROUTE_KIND, signer_of
from licensing.models import SigningKey
from licensing.queries.license_facts import license_behind
from licensing.queries.signing_keys import active_signing_key
from licensing.rest.client_calls import NobodyAnswers, answered, key_digests, posted, problem
from licensing.rest.offline import issuer_of_token
from licensing.rules.decision import NOT_FOUND
from licensing.signing import LONGEST_TOKEN
from seats.lease_answers import NOT_VALID, lease_claims, lease_token
from seats.operations.borrowing import borrow, return_borrowed
from seats.operations.leases import LeaseAnswer, check_in, check_out, heartbeat
from seats.rest.lease_question import LeaseQuestion, lease_object, read_lease_question

TASK = "lease"
Told = dict[str, Any]


def _call(asked: str) -> Callable[[HttpRequest], HttpResponse]:
    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponse:
        try:
            body = posted(request)
            question = read_lease_question(body, step=asked, country=country_of(client_address(request)))
            return _answer(asked, question, body, request)
        except Refusal as refusal:
            return problem(refusal)

    return view


checkout_lease = _call("checkout")
heartbeat_lease = _call("heartbeat")
checkin_lease = _call("checkin")
borrow_lease = _call("borrow")


@csrf_exempt
def return_lease(request: HttpRequest) -> HttpResponse:
    """{certificate}: the token of a borrowed seat, or its `.lic` file → {lease, returned_at}. No key is needed."""
    try:
        given = lease_object(posted(request))
        text = given.get("certificate")
        if set(given) != {"certificate"} or not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TOKEN:
            raise InvalidInput(_("The certificate of a borrowed seat is needed."), pointer="/certificate")
        token = read_armour(text) if BEGIN in text else text.strip()
        organization = published_organization(issuer_of_token(token) or "-")
        if organization is None:
            raise NotFound(_("No certificate of this kind was issued here."), pointer="/certificate")
        row = run_in_trail(
            lambda trail: return_borrowed(token=token, trail=trail),
            actor=system(organization.id, TASK),
            request_id=request_id_of(request),
        )
        ended = row.released_at
        return answered({"lease": str(row.id), "returned_at": None if ended is None else rfc3339(ended)})
    except Refusal as refusal:
        return problem(refusal)


def _answer(asked: str, question: LeaseQuestion, body: bytes, request: HttpRequest) -> HttpResponse:
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
        claims = answer_claims(NOT_FOUND, issuer=organization.slug, at=at, nonce=question.nonce)
        return _signed({**claims, "asked": asked, "refusal": NOT_VALID, "lease": None}, signing_key)
    once = _Once(checked_key(request.headers), asked, known.license_id, hashlib.sha256(body).digest())
    work = partial(_step, once, organization, signing_key, digests, question)
    told, refusal = run_in_trail(work, actor=system(organization.id, TASK), request_id=request_id_of(request))
    if refusal is not None:
        raise refusal
    return _signed(told, signing_key)


class _Once:
    """The Idempotency-Key of one call, kept apart for each licence: all clients of a vendor act as one actor."""

    def __init__(self, key: str, asked: str, license_id: UUID, digest: bytes) -> None:
        self.asked, self.license_id, self.digest = asked, license_id, digest
        self.name = hashlib.sha256(f"{license_id}\n{asked}\n{key}".encode()).hexdigest() if key else ""

    def kept(self, trail: Trail) -> Told | None:
        found = kept_answer(key=self.name, request_digest=self.digest, trail=trail) if self.name else None
        return None if found is None else dict(found.answer)

    def keep(self, told: Told, trail: Trail) -> None:
        """Without what proves a seat: a replay has none."""
        if self.name:
            shown = {**told, "lease_token": None, "certificate": None}
            keep_answer(
                key=self.name, request_digest=self.digest, status=200, answer=shown, had_secret=True, trail=trail
            )


def _step(
    once: _Once,
    organization: Organization,
    signing_key: SigningKey,
    digests: list[bytes],
    question: LeaseQuestion,
    trail: Trail,
) -> tuple[Told, Refusal | None]:
    """What is told, or why not. A denial is no exception here: it is counted in this transaction."""
    if (kept := once.kept(trail)) is not None:
        return kept, None
    done, certificate = _done(once, digests, question, trail)
    if done.refusal is not None:
        return {}, done.refusal
    signer = signer_of(signing_key)
    claims = lease_claims(done, asked=once.asked, issuer=organization.slug, nonce=question.nonce)
    token = lease_token(done, issuer=organization.slug, signer=signer)
    told: Told = {**claims, "lease_token": token, "certificate": certificate}
    once.keep(told, trail)
    return told, None


def _done(once: _Once, digests: list[bytes], question: LeaseQuestion, trail: Trail) -> tuple[LeaseAnswer, str | None]:
    same: Mapping[str, Any] = {
        "license_id": once.license_id,
        "digests": digests,
        "scope": question.scope,
        "trail": trail,
    }
    if once.asked == "checkout":
        return check_out(holder=question.holder, quantity=question.quantity, **same), None
    if once.asked == "borrow":
        lent = borrow(lease_id=question.lease, ttl=question.ttl, fingerprint=question.fingerprint, **same)
        return lent.answer, None if lent.certificate is None else lent.certificate.token
    step = heartbeat if once.asked == "heartbeat" else check_in
    return step(lease_id=question.lease, **same), None


def _signed(told: Mapping[str, Any], signing_key: SigningKey) -> HttpResponse:
    """The answer as JSON with its signed form in `token`."""
    plain: Any = orjson.loads(orjson.dumps(dict(told)))
    return answered({**plain, "token": sign_answer(plain, signer=signer_of(signing_key))})
