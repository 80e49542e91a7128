"""Bearer tokens at one audience, in the shape that kernel.rest asks for; GraphQL and SCIM use the same with theirs."""

from dataclasses import dataclass

from django.conf import settings

from identity.oauth.metadata import challenge
from identity.queries.access_tokens import principal_of_token
from identity.rules.access_tokens import Audience, audience_of
from kernel.clock import SystemClock
from kernel.principal import Principal


@dataclass(frozen=True)
class BearerTokens:
    """Implements kernel.rest.BearerTokens."""

    audience: Audience

    def principal(self, token: str) -> Principal:
        """Raises AccessTokenRefused. Call it outside a scope."""
        return principal_of_token(
            token=token, audience=audience_of(settings.BASE_URL, self.audience), at=SystemClock().now()
        )

    def challenge(self, error: str = "", scope: str = "") -> str:
        return challenge(self.audience, error=error, scope=scope)
