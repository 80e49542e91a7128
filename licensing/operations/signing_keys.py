"""Keys that sign answers and certificates."""

import os

from kernel.ids import new_id
from kernel.trail import Trail
from kernel.vault import vault
from licensing.keyring import sealing_place
from licensing.models import SigningKey
from licensing.queries.signing_keys import active_signing_key
from licensing.signing import SEED_BYTES, Signer


def ensure_signing_key(*, trail: Trail) -> SigningKey:
    """The one key that signs for the organisation, drawn when there is none; its private half goes to the vault."""
    return active_signing_key() or _draw(trail)


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
