"""Messages to and from an identity provider: what was asked, what was answered, and what was used already."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from identity.models import Purpose, SamlConnection, SamlConsumedAssertion, SamlPendingRequest
from identity.rules.single_sign_on import DRIFT
from kernel.clock import Clock
from kernel.errors import PermissionRefused
from kernel.scope import scope
from kernel.trail import Trail
from kernel.vault import vault

OPEN_FOR = timedelta(minutes=10)


class MessageRefused(PermissionRefused):
    """A message from an identity provider, or from somebody who poses as one, is not accepted.

    Visitors read one sentence whatever the reason; `why` stands in the organisation's ledger.
    """

    code = "SAML_REFUSED"
    event = "saml.refused"

    def __init__(self, message: str, *, why: str, subject: SamlConnection | None = None) -> None:
        super().__init__(message, details={"why": why}, subject=subject)
        self.why = why


def begin_request(
    *, connection: SamlConnection, purpose: Purpose, nonce: str, target: str, trail: Trail
) -> SamlPendingRequest:
    """Notes a message that is about to be sent; its ID and RelayState are drawn here and mean nothing."""
    now = trail.clock.now()
    return SamlPendingRequest.objects.create(
        organization_id=trail.organization_id,
        connection=connection,
        purpose=purpose,
        request_id=f"_{secrets.token_hex(20)}",
        relay=secrets.token_urlsafe(24),
        nonce_digest=digest(nonce),
        target=target,
        created_at=now,
        expires_at=now + OPEN_FOR,
    )


def answer_request(
    *, connection: SamlConnection, request_id: str, relay: str, nonce: str, trail: Trail
) -> SamlPendingRequest:
    """The request that a message answers, used up by this answer. Raises MessageRefused.

    The answer must come in time, for the same connection, with the RelayState that we sent, from the same browser.
    """
    now = trail.clock.now()
    row = _open_request(connection, now, request_id=request_id)
    if row is None:
        raise MessageRefused(_("The message answers no open request."), why="unknown_request", subject=connection)
    if not hmac.compare_digest(bytes(row.nonce_digest), digest(nonce)):
        raise MessageRefused(_("The request came from another browser."), why="other_browser", subject=connection)
    if not hmac.compare_digest(row.relay.encode(), relay.encode()):
        raise MessageRefused(_("The message came with another RelayState."), why="wrong_relay", subject=connection)
    row.answered_at = now
    row.save(update_fields=["answered_at"])
    return row


def answer_sign_out(*, connection: SamlConnection, request_id: str, relay: str, trail: Trail) -> None:
    """Uses up the sign-out that the provider answers; whoever answers has signed, so no browser is asked."""
    now = trail.clock.now()
    row = _open_request(connection, now, request_id=request_id, relay=relay, purpose=Purpose.SIGN_OUT)
    if row is None:
        raise MessageRefused(_("The message answers no open request."), why="unknown_request", subject=connection)
    row.answered_at = now
    row.save(update_fields=["answered_at"])


def _open_request(connection: SamlConnection, now: datetime, **which: str) -> SamlPendingRequest | None:
    return (
        SamlPendingRequest.objects.select_for_update(no_key=True)
        .filter(connection=connection, answered_at__isnull=True, expires_at__gt=now, **which)
        .first()
    )


def use_once(*, connection: SamlConnection, message_id: str, until: datetime, trail: Trail) -> None:
    """Remembers a message for as long as it would be accepted. Raises MessageRefused for the second use."""
    try:
        with transaction.atomic():
            SamlConsumedAssertion.objects.create(
                organization_id=trail.organization_id,
                connection=connection,
                message_digest=digest(message_id),
                expires_at=until + 2 * DRIFT,
            )
    except IntegrityError as error:
        raise MessageRefused(_("The message was used before."), why="replayed", subject=connection) from error


def keep_answer(*, request: SamlPendingRequest, answer: Mapping[str, Any], trail: Trail) -> None:
    """Keeps what a message said, sealed, until the request is forgotten."""
    request.answer = vault().encrypt(
        json.dumps(answer).encode(), aad=answer_sealing_place(trail.organization_id, request.id)
    )
    request.save(update_fields=["answer"])


def kept_answer(request: SamlPendingRequest) -> dict[str, Any]:
    """What `keep_answer` kept; empty where it kept nothing."""
    if request.answer is None:
        return {}
    opened = vault().decrypt(bytes(request.answer), aad=answer_sealing_place(request.organization_id, request.id))
    return dict(json.loads(opened))


def is_from(request: SamlPendingRequest, nonce: str) -> bool:
    """The browser with this nonce sent the request."""
    return hmac.compare_digest(bytes(request.nonce_digest), digest(nonce))


def forget_requests(organization_id: UUID, clock: Clock) -> None:
    """Deletes requests and used assertions that are over: called every minute by the scheduler."""
    with scope(organization_id):
        now = clock.now()
        SamlPendingRequest.objects.filter(expires_at__lte=now - OPEN_FOR).delete()
        SamlConsumedAssertion.objects.filter(expires_at__lte=now).delete()


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def answer_sealing_place(organization_id: UUID, row_id: UUID) -> str:
    """Where an answer is sealed: it opens in no other row and no other organisation."""
    return f"identity_samlpendingrequest.answer:{organization_id}:{row_id}"
