"""Keys that sign answers and certificates: drawn, replaced, withdrawn, and put away when all that they signed ended."""

import os
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import Conflict
from kernel.ids import new_id
from kernel.trail import Personal, Trail
from kernel.vault import vault
from licensing.keyring import sealing_place
from licensing.models import SigningKey, SigningKeyStatus
from licensing.operations.reasons import stated_reason
from licensing.queries.signing_keys import active_signing_key, keys_that_are_over
from licensing.signing import SEED_BYTES, Signer

ANSWERS_KEPT = timedelta(days=1)
"""How long after its last signature a key without certificates is published: for answers that clients have kept."""


class SigningKeyRevoked(Conflict):
    """The signing key was revoked before."""

    code = "SIGNING_KEY_REVOKED"


def ensure_signing_key(*, trail: Trail) -> SigningKey:
    """The one key that signs for the organisation, drawn when there is none; its private half goes to the vault."""
    return active_signing_key() or _draw(trail)


def rotate_signing_key(*, trail: Trail) -> SigningKey:
    """A new key signs from now on, and is returned. The one before verifies what it signed until the last of its
    certificates has ended (retire_ended_keys)."""
    _wait_for_others()
    before = SigningKey.objects.select_for_update(no_key=True, of=("self",)).filter(status=SigningKeyStatus.ACTIVE)
    for row in before:
        row.status, row.retired_at = SigningKeyStatus.RETIRING, trail.clock.now()
        row.save(update_fields=["status", "retired_at"])
        trail.record("signing_key.retired", subject=row, details={"kid": row.kid, "use": "licensing"})
    return _draw(trail)


def revoke_signing_key(*, key_id: UUID, reason: str, trail: Trail) -> SigningKey:
    """Withdraws a key at once, as when its private half may be known to others: the published set drops it, and the
    revocation list names it and every certificate that it signed. If it was the one that signs, a new one is drawn.

    Raises SigningKeyRevoked, StatedReasonMissing and SigningKey.DoesNotExist.
    """
    reason = stated_reason(reason)
    _wait_for_others()
    row = SigningKey.objects.select_for_update(no_key=True, of=("self",)).get(id=key_id)
    if row.status == SigningKeyStatus.REVOKED:
        raise SigningKeyRevoked(_("This signing key was revoked before."))
    signed, now = row.status == SigningKeyStatus.ACTIVE, trail.clock.now()
    row.status, row.retired_at = SigningKeyStatus.REVOKED, row.retired_at or now
    row.revoked_at, row.revoked_by, row.revoked_reason = now, str(trail.actor.pseudonym), reason
    row.save(update_fields=["status", "retired_at", "revoked_at", "revoked_by", "revoked_reason"])
    trail.record(
        "signing_key.revoked",
        subject=row,
        details={"kid": row.kid, "use": "licensing"},
        personal={"reason": Personal(trail.actor.pseudonym, reason)},
    )
    if signed:
        _draw(trail)
    return row


def retire_ended_keys(*, at: datetime, trail: Trail) -> int:
    """Puts away every retiring key whose last certificate has ended: it verifies nothing any more. How many."""
    over = keys_that_are_over(at=at, answers_kept=ANSWERS_KEPT).values_list("id", flat=True)
    rows = SigningKey.objects.select_for_update(no_key=True, of=("self",)).filter(
        id__in=list(over), status=SigningKeyStatus.RETIRING
    )
    for row in (found := list(rows)):
        row.status = SigningKeyStatus.RETIRED
        row.save(update_fields=["status"])
        trail.record("signing_key.unpublished", subject=row, details={"kid": row.kid, "use": "licensing"})
    return len(found)


def _wait_for_others() -> None:
    """One change of keys at a time: the lock on the oldest key, which never goes away, comes before any other. What is
    active is read in a statement after it."""
    SigningKey.objects.select_for_update(no_key=True, of=("self",)).order_by("created_at", "id").first()


def _draw(trail: Trail) -> SigningKey:
    seed, key_id = os.urandom(SEED_BYTES), new_id()
    signer = Signer(seed)
    row = SigningKey.objects.create(
        id=key_id,
        organization_id=trail.organization_id,
        kid=signer.kid,
        public=signer.public,
        sealed_private=vault().encrypt(seed, aad=sealing_place(trail.organization_id, key_id)),
        created_at=trail.clock.now(),
    )
    trail.record("signing_key.created", subject=row, details={"kid": signer.kid, "use": "licensing"})
    return row
