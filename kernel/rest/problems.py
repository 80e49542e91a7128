"""Refusals as problem+json (RFC 9457), and the ones that only an interface over HTTP has."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions

from kernel.errors import FieldError, InvalidInput, NotFound, PermissionRefused, Refusal
from kernel.rest.pace import TooManyRequests

PROBLEM = "application/problem+json"


def problem_body(refusal: Refusal) -> dict[str, Any]:
    """The members of a problem+json answer; also for views outside DRF."""
    body: dict[str, Any] = {
        "type": f"urn:seatledger:error:{refusal.code.lower()}",
        "title": refusal.code.replace("_", " ").capitalize(),
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.message,
        **{
            key: value
            for key, value in refusal.details.items()
            if key not in {"type", "title", "status", "code", "detail"}
        },
    }
    if refusal.errors:
        body["errors"] = [{"pointer": item.pointer, "detail": item.message} for item in refusal.errors]
    return body


def as_refusal(error: Exception) -> Refusal | None:
    """The refusal behind an exception of Django or DRF, with a stable code."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, exceptions.ValidationError):
        found = tuple(_field_errors("", error.detail))
        return InvalidInput(_("The input has %(count)s mistakes.") % {"count": len(found)}, errors=found)
    if isinstance(error, Http404):
        return NotFound(_("There is no such row in your organisation."))
    if isinstance(error, RequestDataTooBig):
        return BodyTooLarge(_("The body is larger than this address reads."))
    if isinstance(error, PermissionDenied):
        return PermissionRefused(_("Your roles do not allow this."))
    if isinstance(error, exceptions.APIException):
        return FRAMEWORK_ERRORS.get(error.status_code, InvalidInput)(str(error.detail))
    return None


class SignInRequired(Refusal):
    """The request carries no valid sign-in."""

    code = "SIGN_IN_REQUIRED"
    status = 401


class MethodRefused(Refusal):
    """The address exists, but not with this method."""

    code = "METHOD_NOT_ALLOWED"
    status = 405


class BodyTooLarge(Refusal):
    """The body is larger than this address reads."""

    code = "BODY_TOO_LARGE"
    status = 413


class MediaTypeRefused(Refusal):
    """The body is of a type that this address does not read, or the answer of one that it does not write."""

    code = "MEDIA_TYPE_NOT_SUPPORTED"
    status = 415


class NotAcceptable(Refusal):
    """The answer cannot be written in any type that the client accepts."""

    code = "NOT_ACCEPTABLE"
    status = 406


FRAMEWORK_ERRORS: Mapping[int, type[Refusal]] = {
    400: InvalidInput,
    401: SignInRequired,
    403: PermissionRefused,
    404: NotFound,
    405: MethodRefused,
    406: NotAcceptable,
    415: MediaTypeRefused,
    429: TooManyRequests,
}


def _field_errors(pointer: str, detail: Any) -> list[FieldError]:
    if isinstance(detail, Mapping):
        return [item for key, value in detail.items() for item in _field_errors(f"{pointer}/{key}", value)]
    if isinstance(detail, list):
        nested = any(isinstance(value, Mapping) for value in detail)
        return [
            item
            for index, value in enumerate(detail)
            for item in _field_errors(f"{pointer}/{index}" if nested else pointer, value)
        ]
    return [FieldError(pointer.removesuffix("/non_field_errors") or "/", str(detail))]
