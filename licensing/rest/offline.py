"""`POST /api/v1/check-out` and `/check-in`: offline certificates for whoever has the key, or the certificate.

Plain views without an account, like the one that validates. Behind a proxy that counts, each licence has a pace of its
own (OFFLINE_TOO_OFTEN); unknown keys and foreign tokens cost three reads and write nothing.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from identity.queries import issuer_of_credential, published_organization
from kernel.errors import InvalidInput, NotFound, Refusal
from kernel.principal import system
from kernel.rest import request_id_of
from kernel.rest.problems import PROBLEM, BodyTooLarge, MethodRefused, problem_body
from kernel.trail import Trail, run_in_trail
from licensing.armour import BEGIN, LONGEST_FILE, read_armour
from licensing.jwk import from_base64url
from licensing.keyring import ROUTE_KIND
from licensing.models import Certificate, CertificateKind, LicenseKey
from licensing.operations import CheckOut, IssuedCertificate, check_out, return_certificate
from licensing.rest.client_calls import key_digests
from licensing.signing import LONGEST_TOKEN, MalformedToken

LARGEST_BODY = 65_536
LONGEST_TTL = 100 * 366 * 86_400
TASK = "offline"


class KeyUnknown(NotFound):
    """Nobody issued this licence key."""

    code = "LICENSE_KEY_UNKNOWN"


@csrf_exempt
def check_out_certificate(request: HttpRequest) -> HttpResponse:
    """{key, fingerprint?, ttl? in seconds, kind?} → {token, file, jti, issued_at, expires_at}, 201.

    `kind` is `license` (the usual one) or `activation`, for a machine that is activated."""
    return _answered(request, _check_out)


@csrf_exempt
def check_in_certificate(request: HttpRequest) -> HttpResponse:
    """{certificate}: the token or its `.lic` file → {jti, returned_at}."""
    return _answered(request, _check_in)


def _check_out(given: Mapping[str, Any], request: HttpRequest) -> HttpResponse:
    _known(given, {"key", "fingerprint", "ttl", "kind"})
    digests = key_digests(_text(given, "key", most=200))
    fingerprint = _text(given, "fingerprint", most=500) if "fingerprint" in given else ""
    asked, kind = _ttl(given.get("ttl")), _kind(given.get("kind", CertificateKind.LICENSE))
    organization = issuer_of_credential(ROUTE_KIND, *digests)
    if organization is None:
        raise KeyUnknown(_("Nobody issued this licence key."), pointer="/key")

    def work(trail: Trail) -> IssuedCertificate:
        key = LicenseKey.objects.filter(digest__in=digests, license__isnull=False).first()
        if key is None or key.license_id is None:
            raise KeyUnknown(_("Nobody issued this licence key."), pointer="/key")
        wanted = CheckOut(
            ttl=asked, fingerprint=fingerprint, holder=bytes(key.digest), key_revoked_at=key.revoked_at, kind=kind
        )
        return check_out(license_id=key.license_id, asked=wanted, trail=trail)

    issued = run_in_trail(work, actor=system(organization.id, TASK), request_id=request_id_of(request))
    body = {
        "jti": str(issued.row.jti),
        "issued_at": issued.row.issued_at,
        "expires_at": issued.row.expires_at,
        "token": issued.token,
        "file": issued.file,
    }
    return _json(body, status=201)


def _check_in(given: Mapping[str, Any], request: HttpRequest) -> HttpResponse:
    _known(given, {"certificate"})
    text = _text(given, "certificate", most=LONGEST_FILE)
    token = read_armour(text) if BEGIN in text else text.strip()
    organization = published_organization(issuer_of_token(token) or "-")
    if organization is None:
        raise NotFound(_("No certificate of this kind was issued here."), pointer="/certificate")

    def work(trail: Trail) -> Certificate:
        return return_certificate(token=token, trail=trail)

    row = run_in_trail(work, actor=system(organization.id, TASK), request_id=request_id_of(request))
    return _json({"jti": str(row.jti), "returned_at": row.returned_at})


def issuer_of_token(token: str) -> str:
    """Who claims to have signed it: read before anything is verified, and only to know whose keys to verify with."""
    parts = token.split(".") if len(token) <= LONGEST_TOKEN else []
    try:
        claims = orjson.loads(from_base64url(parts[1]))
        return claims["iss"] if isinstance(claims["iss"], str) else ""
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise MalformedToken(_("This is not a signed token."), pointer="/certificate") from error


def _answered(request: HttpRequest, answer: Callable[[Mapping[str, Any], HttpRequest], HttpResponse]) -> HttpResponse:
    try:
        if request.method != "POST":
            raise MethodRefused(_("Ask with POST."))
        return answer(_body(request), request)
    except Refusal as refusal:
        return _problem(refusal)


def _body(request: HttpRequest) -> Mapping[str, Any]:
    body = request.read(LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        raise BodyTooLarge(_("The body is larger than this address reads."))
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(_("The body is not JSON in UTF-8."), pointer="/") from error
    if not isinstance(given, dict):
        raise InvalidInput(_("The body has to be a JSON object."), pointer="/")
    return given


def _known(given: Mapping[str, Any], members: set[str]) -> None:
    for name in given.keys() - members:
        raise InvalidInput(_("This member is not known here."), pointer=f"/{name}")


def _text(given: Mapping[str, Any], name: str, *, most: int) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > most or "\0" in value:
        raise InvalidInput(_("A text of 1 to %(most)d characters is needed.") % {"most": most}, pointer=f"/{name}")
    return value


def _kind(value: Any) -> CertificateKind:
    if value not in CertificateKind.values:
        raise InvalidInput(
            _("One of these is needed: %(known)s.") % {"known": ", ".join(CertificateKind.values)}, pointer="/kind"
        )
    return CertificateKind(value)


def _ttl(value: Any) -> timedelta | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= LONGEST_TTL:
        raise InvalidInput(_("A whole number of seconds is needed."), pointer="/ttl")
    return timedelta(seconds=value)


def _json(body: Mapping[str, object], *, status: int = 200) -> HttpResponse:
    return HttpResponse(
        orjson.dumps(body), content_type="application/json", status=status, headers={"Cache-Control": "no-store"}
    )


def _problem(refusal: Refusal) -> HttpResponse:
    response = HttpResponse(orjson.dumps(problem_body(refusal)), content_type=PROBLEM, status=refusal.status)
    response["Cache-Control"] = "no-store"
    if isinstance(refusal, MethodRefused):
        response["Allow"] = "POST"
    if refusal.status in {429, 503}:
        response["Retry-After"] = str(refusal.details.get("retry_after", 2))
    return response
