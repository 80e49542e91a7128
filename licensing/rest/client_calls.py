"""What calls of shipped software have in common: a small body, a key as the credential, answers that no cache keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from identity.privacy import truncated_address
from kernel.errors import Refusal
from kernel.rest.problems import PROBLEM, BodyTooLarge, MethodRefused, problem_body
from licensing.keyring import peppers
from licensing.models import ValidationOrigin
from licensing.queries.license_facts import KeyedLicense
from licensing.queries.snapshots import snapshot_of
from licensing.rules.digests import lookup_digests
from licensing.rules.facts import ValidationScope
from licensing.rules.key_format import MalformedKey, normalise
from licensing.signing import Signer
from licensing.validations.observation import observed
from licensing.validations.operations import keep

LARGEST_BODY = 4_096


class NobodyAnswers(Refusal):
    """No organisation can sign the answer: the platform organisation is missing, or it has no signing key."""

    code = "SIGNER_MISSING"
    status = 503


def posted(request: HttpRequest) -> bytes:
    """The body of a POST. Raises MethodRefused and BodyTooLarge, which is not read."""
    if request.method != "POST":
        raise MethodRefused(_("Ask with POST."))
    length = request.headers.get("Content-Length", "")
    body = b"" if length.isdecimal() and int(length) > LARGEST_BODY else request.read(LARGEST_BODY + 1)
    if (not body and length not in ("", "0")) or len(body) > LARGEST_BODY:
        raise BodyTooLarge(_("A question has at most %(most)d bytes.") % {"most": LARGEST_BODY})
    return body


def key_digests(key: str) -> list[bytes]:
    """One for each pepper. What cannot be a key is digested as it stands: nobody issued it, the path is the same."""
    try:
        canonical = normalise(key)
    except MalformedKey:
        canonical = key
    return [found.digest for found in lookup_digests(key=canonical, peppers=peppers())]


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers for a key, signs the answer, and what is known of its licence at `at`; None: nobody issued it."""

    organization_id: UUID
    issuer: str
    signer: Signer
    known: KeyedLicense | None
    at: datetime

    @property
    def license_id(self) -> UUID | None:
        return self.known.license_id if self.known else None


def answering(digests: list[bytes], asked: ValidationScope) -> Answering:
    """Raises NobodyAnswers where no organisation can sign an answer."""
    found = snapshot_of(digests, asked)
    if found is None:
        raise NobodyAnswers(_("This installation has no platform organisation yet; create it first."))
    if found.signer is None:
        raise NobodyAnswers(_("The organisation that answers has no signing key."))
    return Answering(found.organization_id, found.issuer, found.signer, found.known, found.at)


def note(
    request: HttpRequest,
    *,
    organization_id: UUID,
    license_id: UUID | None,
    key_digest: bytes,
    at: datetime,
    code: str,
    origin: ValidationOrigin,
    asked: ValidationScope,
    refusal: str = "",
    device: str = "",
    country: str = "",
) -> None:
    """Records the question with its answer, before the answer goes out: what an Observation holds and nothing else."""
    seen = observed(
        at=at,
        license_id=license_id,
        key_digest=key_digest,
        code=code,
        origin=origin.value,
        asked=asked,
        network=truncated_address(request),
        user_agent=request.headers.get("User-Agent", ""),
        refusal=refusal,
        device=device,
        country=country,
    )
    keep(organization_id, seen)


def answered(body: Mapping[str, object]) -> HttpResponse:
    """The answer as JSON."""
    return HttpResponse(orjson.dumps(body), content_type="application/json", headers={"Cache-Control": "no-store"})


def problem(refusal: Refusal) -> HttpResponse:
    """What is no question, or cannot be answered, as problem+json."""
    response = HttpResponse(orjson.dumps(problem_body(refusal)), content_type=PROBLEM, status=refusal.status)
    response["Cache-Control"] = "no-store"
    if isinstance(refusal, MethodRefused):
        response["Allow"] = "POST"
    if refusal.status == 503:
        response["Retry-After"] = "2"
    return response
