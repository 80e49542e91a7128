"""Baseline of P1 to P3: the least that Django can answer. Settings and the only address, in one module.

No middleware, no database, no look at the question; the same JSON each time, with the members of a real answer.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

SECRET_KEY = "for-benchmarks-only"  # noqa: S105  # signs nothing
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.baseline.bare"
MIDDLEWARE: list[str] = []
USE_TZ = True

ANSWER = {
    "valid": True,
    "code": "VALID",
    "findings": [],
    "warnings": [],
    "obligations": [],
    "iss": "bench-vendor",
    "iat": 1795361304,
    "server_time": "2026-11-22T15:28:24.113000Z",
    "nonce": "m3Zc0sPq9fT2",
    "sub": "01a203df-7114-741f-9fb3-8c877e8de85f",
}


def validate(request: HttpRequest) -> HttpResponse:
    """The answer that is always the same. Its length is stated, since sending it in chunks would be slower."""
    response = JsonResponse(ANSWER)
    response["Content-Length"] = str(len(response.content))
    return response


urlpatterns = [path("api/v1/validate", validate)]
