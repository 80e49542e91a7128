"""How many requests one actor has in a minute: one count for REST and GraphQL together."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from kernel.errors import Refusal
from kernel.principal import Principal
from kernel.rest.counting import counted
from kernel.scope import organization_key

WINDOW: Final = 60
"""Seconds. Windows begin with the minute, so that whoever waits knows for how long."""


class TooManyRequests(Refusal):
    """The rate limit is used up; Retry-After says when to come back."""

    code = "RATE_LIMITED"
    status = 429


def check_pace(principal: Principal, *, at: datetime) -> None:
    """Counts one request of the actor, an account or an API client, in its organisation. Raises TooManyRequests."""
    minute, second = divmod(int(at.timestamp()), WINDOW)
    key = organization_key(principal.organization_id, "pace", principal.pseudonym, minute)
    if counted(key, seconds=2 * WINDOW) > settings.API_REQUESTS_PER_MINUTE:
        wait = WINDOW - second
        raise TooManyRequests(
            _("These were %(most)d requests in this minute, which is all there are; go on in %(wait)d seconds.")
            % {"most": settings.API_REQUESTS_PER_MINUTE, "wait": wait},
            details={"retry_after": wait},
        )
