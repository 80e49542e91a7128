"""Signed answers as clients of Keygen verify them: an Ed25519 signature over target, host, date and digest.

`Digest` and `Keygen-Digest`, `Date` and `Keygen-Date` say the same: some clients read the one, some the other, and a
proxy between may write a `Date` of its own.
"""

import base64
import hashlib
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from licensing.signing import Signer


def sign_response(response: HttpResponse, *, request: HttpRequest, signer: Signer, at: float) -> None:
    """Adds the signed headers for this answer to this request; `at` in seconds since 1970."""
    date = http_date(at)
    digest = "sha-256=" + base64.b64encode(hashlib.sha256(response.content).digest()).decode()
    method, host = (request.method or "GET").lower(), request.headers.get("Host", "")
    message = f"(request-target): {method} {_target(request)}\nhost: {host}\ndate: {date}\ndigest: {digest}"
    signature = base64.b64encode(signer.signature_of(message.encode())).decode()
    response["Digest"] = response["Keygen-Digest"] = digest
    response["Keygen-Date"] = date
    response["Keygen-Signature"] = (
        f'keyid="{signer.kid}", algorithm="ed25519", signature="{signature}", '
        'headers="(request-target) host date digest"'
    )


def _target(request: HttpRequest) -> str:
    """Path and query as they were sent, before anything was decoded."""
    raw = str(request.META.get("RAW_URI", "") or request.get_full_path())
    if "://" not in raw.split("?", 1)[0]:
        return raw
    parts = urlsplit(raw)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
