"""Signing an access token (RFC 9068)."""

from typing import Any

from django.conf import settings
from joserfc import jwt

from identity.queries.token_keys import private_half, signing_key
from identity.rules.access_tokens import ALGORITHM, TYPE, claims_for
from kernel.clock import DatabaseClock
from kernel.ids import new_id


class NoTokenKey(RuntimeError):
    """A token was to be signed before any key was drawn: always a mistake in the program."""


def mint(request: Any) -> str:
    """The signed token for a request that oauthlib has validated, for the one audience in `request.resource`."""
    key = signing_key()
    if key is None:
        raise NoTokenKey("the view draws the key before it opens its trail")
    user = getattr(request, "user", None)
    claims = claims_for(
        issuer=settings.BASE_URL,
        audience=request.resource[0],
        subject=str(user.pseudonym) if user is not None else request.client.client_id,
        client_id=request.client.client_id,
        organization_id=request.client.organization_id,
        scopes=" ".join(request.scopes),
        jti=new_id(),
        at=DatabaseClock().now(),
    )
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": str(key.id)}
    return jwt.encode(header, claims, private_half(key), algorithms=[ALGORITHM])
