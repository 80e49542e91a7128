"""Keys that were bought elsewhere: stored encrypted beside the right that they belong to, and shown for a reason."""

from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput
from kernel.ids import new_id
from kernel.trail import Personal, Trail
from kernel.vault import vault
from licensing.keyring import bought_key_place, peppers
from licensing.models import Entitlement, LicenseKey
from licensing.operations.reasons import stated_reason
from licensing.rules.digests import PREFIX_LENGTH, key_digest

LONGEST_KEY = 4_000
SHOWN_PART = 4


class BoughtKeyInvalid(InvalidInput):
    """The key is empty, too long, or has characters that no key has."""

    code = "BOUGHT_KEY_INVALID"


class BoughtKeyExists(Conflict):
    """The same key is stored already, beside this right or another."""

    code = "BOUGHT_KEY_EXISTS"


def store_bought_key(*, entitlement_id: UUID, key: str, trail: Trail) -> LicenseKey:
    """Stores a key of a right that the organisation holds. It rests in the vault; in the open there are its first
    symbols alone, never more than a quarter of it, and six at most.

    Raises BoughtKeyInvalid, BoughtKeyExists and Entitlement.DoesNotExist.
    """
    key = key.strip()
    if not key or len(key) > LONGEST_KEY or not all(symbol.isprintable() or symbol in "\r\n" for symbol in key):
        raise BoughtKeyInvalid(
            _("A key of 1 to %(most)d printable characters is needed.") % {"most": LONGEST_KEY}, pointer="/key"
        )
    entitlement = Entitlement.objects.select_for_update(no_key=True, of=("self",)).get(id=entitlement_id)
    digests = [key_digest(key=key, pepper=pepper) for pepper in peppers()]
    if LicenseKey.objects.filter(digest__in=[one.digest for one in digests]).exists():
        raise BoughtKeyExists(_("This key is stored already."), pointer="/key")
    key_id = new_id()
    row = LicenseKey.objects.create(
        id=key_id,
        organization_id=trail.organization_id,
        entitlement=entitlement,
        digest=digests[0].digest,
        prefix=key[: min(PREFIX_LENGTH, len(key) // SHOWN_PART)],
        pepper_version=digests[0].pepper_version,
        ciphertext=vault().encrypt(key.encode(), aad=bought_key_place(trail.organization_id, key_id)),
        issued_at=trail.clock.now(),
    )
    trail.record("license_key.stored", subject=row, details={"entitlement": str(entitlement.id)})
    return row


def reveal_bought_key(*, key_id: UUID, reason: str, trail: Trail) -> str:
    """The key in full. Who saw it, when and why stands in the ledger before anybody sees it.

    Raises StatedReasonMissing, VaultError, and LicenseKey.DoesNotExist also for a key that we issued: that one is
    stored nowhere.
    """
    reason = stated_reason(reason)
    row = LicenseKey.objects.filter(entitlement__isnull=False).get(id=key_id)
    key = vault().decrypt(bytes(row.ciphertext or b""), aad=bought_key_place(row.organization_id, row.id))
    trail.record(
        "license_key.revealed",
        subject=row,
        details={"entitlement": str(row.entitlement_id)},
        personal={"reason": Personal(trail.actor.pseudonym, reason)},
    )
    return key.decode()
