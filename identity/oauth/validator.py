"""What oauthlib asks: who a client is, what it may, and whether an account still works here."""

import base64
import binascii
from typing import Any
from urllib.parse import unquote_plus

from oauth2_provider.models import AccessToken, Grant, RefreshToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes

from identity.models import ApiClient, ClientKind
from identity.oauth.resources import settled
from identity.queries.access_tokens import checksum, principal_of_account
from identity.queries.api_clients import usable_client
from identity.rules.scopes import SCOPES
from kernel.clock import SystemClock


class ClientScopes(BaseScopes):  # type: ignore[misc]  # the toolkit publishes no types
    """A client may ask for the scopes that are written down for it, and for no others."""

    def get_all_scopes(self) -> dict[str, str]:
        return {scope.code: scope.purpose for scope in SCOPES.values()}

    def get_available_scopes(
        self, application: ApiClient | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return [code for code in application.scopes if code in SCOPES] if application is not None else []

    def get_default_scopes(
        self, application: ApiClient | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """Without `scope` a client gets all of its own (RFC 6749 §3.3)."""
        return self.get_available_scopes(application, request)


class Validator(OAuth2Validator):  # type: ignore[misc]  # the toolkit publishes no types
    """The toolkit's answers, with our own where they would leave the organisation or trust too much.

    One for each request. `client` is who authenticated, `revoked` whether a token of it was ended. `replayed` says that
    a used refresh token came again, in which case what the toolkit wrote must stay although the answer is an error.
    """

    def __init__(self) -> None:
        super().__init__()
        self.clock = SystemClock()
        self.client: ApiClient | None = None
        self.replayed = False
        self.revoked = False

    def _load_application(self, client_id: str | None, request: Any) -> ApiClient | None:
        """The client within the open scope, read once. Nothing is fetched from elsewhere and nothing registered."""
        known = getattr(request, "client", None)
        if isinstance(known, ApiClient) and known.client_id == client_id:
            return known
        request.client = usable_client(client_id or "", at=self.clock.now())
        self.client = request.client
        return self.client

    def _authenticate_request_body(self, request: Any) -> bool:
        """The toolkit's own, which would take an empty secret for that of a client without one."""
        found = super()._authenticate_request_body(request)
        return bool(found) and self.client is not None and self.client.client_type == ClientKind.CONFIDENTIAL

    def _authenticate_basic_auth(self, request: Any) -> bool:
        found = super()._authenticate_basic_auth(request)
        return bool(found) and self.client is not None and self.client.client_type == ClientKind.CONFIDENTIAL

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        """The present secret, or the one before it while its overlap lasts."""
        if super()._check_secret(provided_secret, stored_secret):
            return True
        client = self.client
        return (
            client is not None
            and client.former_secret_works_at(self.clock.now())
            and bool(super()._check_secret(provided_secret, client.former_secret))
        )

    def validate_code(self, client_id: str, code: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        # Of two that come at once with one code the second waits here, and finds it gone.
        Grant.objects.select_for_update().filter(code=code, application=client).first()
        found = super().validate_code(client_id, code, client, request, *args, **kwargs)
        return bool(found) and self._still_works_here(request)

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        # Of two that come at once the second waits here, and is a replay.
        RefreshToken.objects.select_for_update().filter(
            token_checksum=checksum(refresh_token), application=client
        ).first()
        found = super().validate_refresh_token(refresh_token, client, request, *args, **kwargs)
        if not found:
            self.replayed = self._was_used(refresh_token, client)
            return False
        return self._still_works_here(request)

    def revoke_token(self, token: str, token_type_hint: str, request: Any, *args: Any, **kwargs: Any) -> None:
        """Notes whether there was anything to revoke: the answer does not tell, the ledger does."""
        mine = {"token_checksum": checksum(token), "application": request.client}
        self.revoked = (
            AccessToken.objects.filter(**mine).exists() or RefreshToken.objects.filter(**mine, revoked=None).exists()
        )
        super().revoke_token(token, token_type_hint, request, *args, **kwargs)

    def _check_and_set_request_resource(self, request: Any) -> None:
        """Asked by the toolkit before it saves a token; settled by then."""
        self.settle_resource(request)

    def settle_resource(self, request: Any) -> None:
        """Leaves the one audience of the token in `request.resource`. Raises oauthlib's error `invalid_target`."""
        asked = getattr(request, "resource", None) or []
        if isinstance(asked, str):
            asked = [value for key, value in request.decoded_body or [] if key == "resource"] or [asked]
        request.resource = settled([one for one in asked if one], granted=self._granted(request), request=request)

    def _granted(self, request: Any) -> list[str]:
        if request.grant_type == "authorization_code":
            row = Grant.objects.filter(code=request.code, application=request.client).first()
            return list(row.resource) if row is not None else []
        if request.grant_type == "refresh_token":
            row = getattr(request, "refresh_token_instance", None)
            return list(row.resource) if row is not None else []
        return []

    def _was_used(self, refresh_token: str, client: Any) -> bool:
        return bool(
            RefreshToken.objects.filter(
                token_checksum=checksum(refresh_token), application=client, revoked__isnull=False
            ).exists()
        )

    def _still_works_here(self, request: Any) -> bool:
        """A code or refresh token of an account that left is worth nothing, before its next use already."""
        now = self.clock.now()
        organization_id = request.client.organization_id
        return principal_of_account(request.user, organization_id, scopes=(), at=now) is not None


def client_id_of(*, authorization: str, body_client_id: str) -> str:
    """The client id that a request to the token endpoint names, before anything is believed: RFC 6749 §2.3.1."""
    kind, _, encoded = authorization.partition(" ")
    if kind.lower() != "basic":
        return body_client_id
    try:
        named, _, _secret = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
    return unquote_plus(named)
