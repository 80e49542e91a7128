"""Licence keys: drawn, shown once, found again by a keyed digest, revoked."""

import secrets
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext as _

from identity.models import CredentialRoute
from kernel.errors import Conflict
from kernel.trail import Trail
from licensing.keyring import ROUTE_KIND, peppers
from licensing.models import LicenseKey
from licensing.operations.license_states import LicenseStatusConflict, locked_license
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
    license = locked_license(license_id=license_id)
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
    row = LicenseKey.objects.select_for_update(no_key=True, of=("self",)).get(id=key_id)
    if row.revoked_at is not None:
        raise KeyRevoked(_("This key was revoked before."))
    row.revoked_at, row.revoked_by = trail.clock.now(), str(trail.actor.pseudonym)
    row.save(update_fields=["revoked_at", "revoked_by"])
    trail.record("license_key.revoked", subject=row, details={"license": str(row.license_id), "prefix": row.prefix})
    return row
