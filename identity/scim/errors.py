"""Every "no" as a SCIM error: JSON in all cases, `status` a string, `scimType` where the standard has one."""

from typing import Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django_scim import exceptions as scaffold
from pydantic import ValidationError
from scim2_models import Error, SCIMException

from identity.oauth.metadata import challenge
from identity.operations.directory import GroupExists, PersonExists
from identity.operations.provisioning import AttributeInvalid, ManagerUnknown, MemberUnknown
from identity.rules.access_tokens import Audience
from identity.scim.problems import Problem, json_response
from kernel.errors import Refusal
from kernel.principal import ScopeInsufficient

SCIM_TYPES: Final[dict[type[Refusal], str]] = {
    PersonExists: "uniqueness",
    GroupExists: "uniqueness",
    AttributeInvalid: "invalidValue",
    ManagerUnknown: "invalidValue",
    MemberUnknown: "invalidValue",
}
ANSWERED: Final = (Refusal, SCIMException, ValidationError, scaffold.SCIMException, RequestDataTooBig)
"""Exceptions that are answers; all others are errors of the program and stay errors."""


class Unauthorized(scaffold.AuthorizationError):  # type: ignore[misc]  # the library has no types
    """No token, or one that does not work here."""


class Forbidden(scaffold.SCIMException):  # type: ignore[misc]  # the library has no types
    """The token works, but not for this."""

    status = 403


class RateExceeded(scaffold.SCIMException):  # type: ignore[misc]  # the library has no types
    """The token has used up its requests of this second."""

    status = 429


class PayloadTooLarge(scaffold.SCIMException):  # type: ignore[misc]  # the library has no types
    """The body, or the number of operations in it, is larger than ServiceProviderConfig says."""

    status = 413


class BodyNotJson(scaffold.SCIMException):  # type: ignore[misc]  # the library has no types
    """The body is no JSON."""

    status = 415


class MethodUnknown(scaffold.SCIMException):  # type: ignore[misc]  # the library has no types
    """The address exists, but not with this method."""

    status = 405


class BulkConflict(scaffold.SCIMException):  # type: ignore[misc]  # the library has no types
    """Operations of a bulk request wait for each other in a circle."""

    status = 409


def problem_of(error: Exception) -> Problem:
    """The problem behind one of the ANSWERED exceptions; raises the exception itself when it is none of them."""
    if isinstance(error, Refusal):
        return Problem(error.status, SCIM_TYPES.get(type(error), ""), error.message)
    if isinstance(error, ValidationError):
        first = Error.from_validation_error(error.errors(include_input=False, include_url=False)[0])
        return Problem(first.status or 400, first.scim_type or "", first.detail or "")
    if isinstance(error, SCIMException):
        return Problem(error.status, error.scim_type, error.detail)
    if isinstance(error, scaffold.SCIMException):
        return Problem(error.status, error.scim_type or "", error.detail)
    if isinstance(error, RequestDataTooBig):
        return Problem(413, "", "the body is larger than this address reads")
    raise error


def error_response(error: Exception) -> HttpResponse:
    problem = problem_of(error)
    response = json_response(problem.body, status=problem.status)
    if problem.status == 401:
        response["WWW-Authenticate"] = str(settings.SCIM_SERVICE_PROVIDER["WWW_AUTHENTICATE_HEADER"])
    if isinstance(error, ScopeInsufficient):
        response["WWW-Authenticate"] = challenge(
            Audience.SCIM, error="insufficient_scope", scope=str(error.details["scope"])
        )
    if problem.status in {429, 503}:
        response["Retry-After"] = "1"
    return response
