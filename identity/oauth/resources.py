"""The `resource` parameter (RFC 8707): one address per token, out of the three that exist."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from oauthlib.oauth2.rfc6749.errors import CustomOAuth2Error

from identity.rules.access_tokens import Audience, audience_of

INVALID_TARGET = "invalid_target"


def resources() -> list[str]:
    """All audiences of this installation."""
    return [audience_of(settings.BASE_URL, audience) for audience in Audience]


def settled(asked: Sequence[str], *, granted: Sequence[str], request: Any) -> list[str]:
    """The one audience of a token: what was asked for, else what was granted before, else the REST interface, which is
    also what the site as a whole stands for (RFC 8707 §2 lets a server map what was asked for).

    Raises oauthlib's error `invalid_target` for several, for an unknown one, and for one that was not granted.
    """
    rest = audience_of(settings.BASE_URL, Audience.API)
    wanted = [rest if one == settings.BASE_URL else one for one in asked] or list(granted) or [rest]
    if len(wanted) != 1:
        raise _invalid("Ask for one resource per token.", request)
    if wanted[0] not in resources():
        raise _invalid("The resource is none of those in the protected resource metadata.", request)
    if granted and wanted[0] not in granted:
        raise _invalid("The resource was not granted.", request)
    return wanted


def _invalid(description: str, request: Any) -> CustomOAuth2Error:
    return CustomOAuth2Error(error=INVALID_TARGET, description=description, request=request)
