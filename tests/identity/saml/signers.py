"""Keys of identity providers for tests; nothing here needs Django."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Signer:
    key: bytes
    certificate: str


@lru_cache
def signer(name: str = "honest") -> Signer:
    """A key pair; the same one for the same name, since drawing one takes long."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - MINUTE).not_valid_after(now + 999 * MINUTE)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Signer(pem, certificate.public_bytes(serialization.Encoding.PEM).decode())
