"""Three grants and no other: client credentials, authorisation code with PKCE (S256), refresh."""

from typing import Any

from oauth2_provider.oauth2_backends import OAuthLibCore
from oauthlib.oauth2 import (
    AuthorizationCodeGrant,
    AuthorizationEndpoint,
    BearerToken,
    ClientCredentialsGrant,
    RefreshTokenGrant,
    RevocationEndpoint,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc6749.grant_types.authorization_code import code_challenge_method_s256
from oauthlib.oauth2.rfc6749.tokens import random_token_generator

from identity.oauth.minting import mint
from identity.oauth.validator import Validator
from identity.rules.access_tokens import LIFETIME


class PkceGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # oauthlib publishes no types
    """An unhashed challenge is none: `plain` is unknown here, also as the default (RFC 9700 §2.1.1)."""

    _code_challenge_methods = {"S256": code_challenge_method_s256}


class Server(AuthorizationEndpoint, TokenEndpoint, RevocationEndpoint):  # type: ignore[misc]  # oauthlib publishes no types
    """oauthlib's endpoints with these grants; what is not served here cannot be switched on by a setting."""

    def __init__(self, request_validator: Any, **_settings: Any) -> None:
        self.request_validator = request_validator
        code = PkceGrant(request_validator)
        bearer = BearerToken(
            request_validator,
            token_generator=self._minted,
            refresh_token_generator=random_token_generator,
            expires_in=int(LIFETIME.total_seconds()),
        )
        AuthorizationEndpoint.__init__(
            self, default_response_type="code", response_types={"code": code}, default_token_type=bearer
        )
        TokenEndpoint.__init__(
            self,
            default_grant_type="authorization_code",
            grant_types={
                "authorization_code": code,
                "client_credentials": ClientCredentialsGrant(request_validator),
                "refresh_token": RefreshTokenGrant(request_validator),
            },
            default_token_type=bearer,
        )
        RevocationEndpoint.__init__(self, request_validator)

    def _minted(self, request: Any) -> str:
        """The audience is settled first: it stands in the token."""
        self.request_validator.settle_resource(request)
        return mint(request)


def backend() -> tuple[OAuthLibCore, Validator]:
    """A server for one request, and its validator, which tells afterwards who asked."""
    validator = Validator()
    return OAuthLibCore(Server(validator)), validator
