"""What the addresses share at which a licence key is the credential: how a question is read, who answers it, and what
the answer looks like."""

from collections.abc import Mapping

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from kernel.errors import Refusal
from kernel.rest.problems import PROBLEM, BodyTooLarge, MethodRefused, problem_body
from licensing.keyring import peppers
from licensing.rules.digests import lookup_digests
from licensing.rules.key_format import MalformedKey, normalise

LARGEST_BODY = 4_096


class NobodyAnswers(Refusal):
    """No organisation can sign the answer: the platform organisation is missing, or it has no signing key."""

    code = "SIGNER_MISSING"
    status = 503


def body_of(request: HttpRequest) -> bytes:
    length = request.headers.get("Content-Length", "")
    body = b"" if length.isdecimal() and int(length) > LARGEST_BODY else request.read(LARGEST_BODY + 1)
    if (not body and length not in ("", "0")) or len(body) > LARGEST_BODY:
        raise BodyTooLarge(_("A question has at most %(most)d bytes.") % {"most": LARGEST_BODY})
    return body


def digests_of(key: str) -> list[bytes]:
    """One for each pepper. What cannot be a key is digested as it stands: nobody issued it, the path is the same."""
    try:
        canonical = normalise(key)
    except MalformedKey:
        canonical = key
    return [found.digest for found in lookup_digests(key=canonical, peppers=peppers())]


def as_json(body: Mapping[str, object]) -> HttpResponse:
    return HttpResponse(orjson.dumps(body), content_type="application/json", headers={"Cache-Control": "no-store"})


def as_problem(refusal: Refusal) -> HttpResponse:
    response = HttpResponse(orjson.dumps(problem_body(refusal)), content_type=PROBLEM, status=refusal.status)
    response["Cache-Control"] = "no-store"
    if isinstance(refusal, MethodRefused):
        response["Allow"] = "POST"
    if refusal.status == 503:
        response["Retry-After"] = "2"
    return response
