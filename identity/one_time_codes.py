"""Codes of authenticator apps (RFC 6238) on the algorithm of django-otp, and the address that an app scans."""

import base64
from datetime import datetime
from urllib.parse import quote, urlencode
from uuid import UUID

from django_otp.oath import TOTP

from identity.models import SecondFactor
from identity.rules.second_factor import DIGITS
from kernel.vault import vault

SECRET_BYTES = 20
STEP = 30
TOLERANCE = 1
"""Steps before and after the present one whose codes are taken: clocks differ, and typing takes time."""
ISSUER = "Seatledger"


def accepted_counter(secret: bytes, code: str, *, at: datetime, after: int) -> int | None:
    """The time step whose code this is, None for a wrong one. Steps up to `after` are used up (replay)."""
    checker = TOTP(secret, STEP, 0, DIGITS)
    checker.time = at.timestamp()
    return int(checker.t()) if checker.verify(int(code), tolerance=TOLERANCE, min_t=after + 1) else None


def code_at(secret: bytes, at: datetime) -> str:
    """What the app shows at this moment."""
    shown = TOTP(secret, STEP, 0, DIGITS)
    shown.time = at.timestamp()
    return f"{shown.token():0{DIGITS}d}"


def typed_secret(secret: bytes) -> str:
    """The secret for apps without a camera, in base 32 and fours."""
    plain = base64.b32encode(secret).decode()
    return " ".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def enrolment_address(secret: bytes, email: str) -> str:
    """What the picture holds: the otpauth address that authenticator apps read."""
    label = quote(f"{ISSUER}:{email}", safe="")
    said = urlencode({"secret": base64.b32encode(secret).decode(), "issuer": ISSUER, "digits": DIGITS, "period": STEP})
    return f"otpauth://totp/{label}?{said}"


def sealing_place(account_id: UUID) -> str:
    """The associated data of a secret: it opens for its own account only."""
    return f"identity_second_factor.sealed_secret:{account_id}"


def secret_of(factor: SecondFactor) -> bytes:
    """Opened from the vault. Raises VaultError when the keyring does not hold its key."""
    return vault().decrypt(bytes(factor.sealed_secret), aad=sealing_place(factor.account_id))
