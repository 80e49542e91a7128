"""Licence keys: drawn, shown once, found again by a keyed digest, revoked."""

import secrets
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext as _

from identity.models import CredentialRoute
from kernel.errors import Conflict
from kernel.trail import Personal, Trail
from licensing.keyring import ROUTE_KIND, peppers
from licensing.models import License, LicenseKey
from licensing.operations.license_states import LicenseStatusConflict, locked_license
from licensing.operations.reasons import stated_reason
from licensing.rules.digests import key_digest
from licensing.rules.facts import LicenseStatus
from licensing.rules.key_format import BITS, encode, normalise


class KeyRevoked(Conflict):
    """The key was revoked before."""

    code = "LICENSE_KEY_REVOKED"


@dataclass(frozen=True)
class IssuedKey:
    """The stored row and the key itself, in groups: shown to whoever asked for it, and then gone."""

    row: LicenseKey
    key: str = field(repr=False)


def issue_key(*, license_id: UUID, trail: Trail) -> IssuedKey:
    """Draws a key for a licence. Only its digest and first six symbols are stored, with the route by which a
    validation finds the organisation. Raises LicenseStatusConflict for a revoked licence.
    """
    return _issue(locked_license(license_id=license_id), trail)


def reissue_key(*, key_id: UUID, reason: str, trail: Trail) -> IssuedKey:
    """Revokes a key that was lost or came into wrong hands, and draws another for the same licence in its place.

    Raises KeyRevoked, StatedReasonMissing, LicenseStatusConflict for a revoked licence, and LicenseKey.DoesNotExist for
    a bought key, which only its publisher can replace.
    """
    reason = stated_reason(reason)
    license_id = LicenseKey.objects.filter(license__isnull=False).get(id=key_id).license_id
    license = locked_license(license_id=UUID(str(license_id)))
    issued = _issue(license, trail)
    _revoke(key_id, reason, trail)
    return issued


def _issue(license: License, trail: Trail) -> IssuedKey:
    if license.status == LicenseStatus.REVOKED:
        raise LicenseStatusConflict(_("A revoked licence gets no new key."))
    key = encode(bits=secrets.randbits(BITS))
    digest = key_digest(key=normalise(key), pepper=peppers()[0])
    row = LicenseKey.objects.create(
        organization_id=trail.organization_id,
        license=license,
        digest=digest.digest,
        prefix=digest.prefix,
        pepper_version=digest.pepper_version,
        issued_at=trail.clock.now(),
    )
    CredentialRoute.objects.create(kind=ROUTE_KIND, digest=digest.digest, organization_id=trail.organization_id)
    trail.record("license_key.issued", subject=row, details={"license": str(license.id), "prefix": digest.prefix})
    return IssuedKey(row=row, key=key)


def revoke_key(*, key_id: UUID, trail: Trail) -> LicenseKey:
    """Lets validation answer REVOKED for this key; other keys of the licence stay good. Raises KeyRevoked."""
    return _revoke(key_id, "", trail)


def _revoke(key_id: UUID, reason: str, trail: Trail) -> LicenseKey:
    row = LicenseKey.objects.select_for_update(no_key=True, of=("self",)).get(id=key_id)
    if row.revoked_at is not None:
        raise KeyRevoked(_("This key was revoked before."))
    row.revoked_at, row.revoked_by, row.revoked_reason = trail.clock.now(), str(trail.actor.pseudonym), reason
    row.save(update_fields=["revoked_at", "revoked_by", "revoked_reason"])
    trail.record(
        "license_key.revoked",
        subject=row,
        details={"license": str(row.license_id), "prefix": row.prefix},
        personal={"reason": Personal(trail.actor.pseudonym, reason)} if reason else None,
    )
    return row
