"""The organisation's Ed25519 audit key."""

from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from audit.models import SigningKey
from audit.queries import chain_origin
from audit.rules.note import VerifierKey
from kernel.ids import new_id
from kernel.trail import Trail
from kernel.vault import vault


def create_signing_key(*, trail: Trail) -> SigningKey:
    """Draws the key that signs this organisation's checkpoints and manifests; the private half goes to the vault."""
    private = Ed25519PrivateKey.generate()
    key_id = new_id()
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    row = SigningKey.objects.create(
        id=key_id,
        organization_id=trail.organization_id,
        name=chain_origin(trail.organization_id),
        public=private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw),
        sealed_private=vault().encrypt(raw, aad=sealing_place(trail.organization_id, key_id)),
        created_at=trail.clock.now(),
    )
    trail.record("signing_key.created", subject=row, details={"public": bytes(row.public).hex(), "use": "audit"})
    return row


def signer_of(row: SigningKey) -> Ed25519PrivateKey:
    """The private half, opened from the vault; raises VaultError when the keyring does not hold its key."""
    raw = vault().decrypt(bytes(row.sealed_private), aad=sealing_place(row.organization_id, row.id))
    return Ed25519PrivateKey.from_private_bytes(raw)


def verifier_key(row: SigningKey) -> VerifierKey:
    return VerifierKey(name=row.name, public=bytes(row.public))


def sealing_place(organization_id: UUID, key_id: UUID) -> str:
    """The associated data of a private half: it opens in its own row only."""
    return f"audit_key.sealed_private:{organization_id}:{key_id}"
