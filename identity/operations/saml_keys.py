"""Our own key pairs of a connection: one signs, a second one may stand beside it while the provider changes over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.utils.translation import gettext as _

from identity.models import SamlConnection, SpKey
from kernel.errors import Conflict
from kernel.ids import new_id
from kernel.trail import Trail
from kernel.vault import vault

KEY_BITS = 3072
VALID_FOR = timedelta(days=3 * 365)


class KeyChangeUnderWay(Conflict):
    """The connection has two keys already, or has no second one to change to."""

    code = "SSO_KEY_CHANGE"


@dataclass(frozen=True)
class _Drawn:
    private_key: bytes
    certificate: str
    fingerprint: str
    not_after: datetime


def draw_sp_key(*, connection: SamlConnection, trail: Trail) -> SpKey:
    """Draws a key pair: the first one signs at once, a second one waits in the metadata. Raises KeyChangeUnderWay."""
    present = list(SpKey.objects.select_for_update(no_key=True).filter(connection=connection))
    if len(present) > 1:
        raise KeyChangeUnderWay(_("There are two keys already: change over, or remove the other one first."))
    drawn = _draw(connection, trail.clock.now())
    key_id = new_id()
    row = SpKey.objects.create(
        id=key_id,
        organization_id=trail.organization_id,
        connection=connection,
        is_current=not present,
        certificate=drawn.certificate,
        sealed_key=vault().encrypt(drawn.private_key, aad=key_sealing_place(trail.organization_id, key_id)),
        fingerprint=drawn.fingerprint,
        not_after=drawn.not_after,
        created_at=trail.clock.now(),
    )
    trail.record("sso_connection.key_drawn", subject=connection, details={"fingerprint": row.fingerprint})
    return row


def change_over(*, connection: SamlConnection, trail: Trail) -> None:
    """The other key signs from now on; the one before still decrypts until it is removed. Raises KeyChangeUnderWay."""
    current, other = _both(connection)
    # One update: the constraint allows no moment with two current keys.
    SpKey.objects.filter(id=other.id).delete()
    SpKey.objects.filter(id=current.id).update(is_current=False)
    other.is_current = True
    other.save(force_insert=True)
    trail.record("sso_connection.key_changed", subject=connection, details={"fingerprint": other.fingerprint})


def remove_other_key(*, connection: SamlConnection, trail: Trail) -> None:
    """Removes the key that does not sign; what is encrypted for it opens no more. Raises KeyChangeUnderWay."""
    _current, other = _both(connection)
    trail.record("sso_connection.key_removed", subject=connection, details={"fingerprint": other.fingerprint})
    other.delete()


def _both(connection: SamlConnection) -> tuple[SpKey, SpKey]:
    rows = {row.is_current: row for row in SpKey.objects.select_for_update(no_key=True).filter(connection=connection)}
    if len(rows) != 2:
        raise KeyChangeUnderWay(_("There is no second key: draw one first."))
    return rows[True], rows[False]


def private_key_of(row: SpKey) -> str:
    """The private key in PEM; for signing and decrypting, never for a page."""
    return vault().decrypt(bytes(row.sealed_key), aad=key_sealing_place(row.organization_id, row.id)).decode()


def _draw(connection: SamlConnection, now: datetime) -> _Drawn:
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Seatledger {connection.public_id}"[:64])])
    end = now + VALID_FOR
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    return _Drawn(
        private_key=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        certificate=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        not_after=certificate.not_valid_after_utc,
    )


def key_sealing_place(organization_id: UUID, row_id: UUID) -> str:
    """Where a private key is sealed: it opens in no other row and no other organisation."""
    return f"identity_spkey.sealed_key:{organization_id}:{row_id}"
