"""Base64url (RFC 4648 §5) in the one form that JWS uses: unpadded, and each value written in exactly one way."""

import base64
import re

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


def to_text(data: bytes) -> str:
    """The text for these bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def to_bytes(text: str) -> bytes:
    """The bytes of a text. Raises ValueError for padding, foreign characters, and bits that are left over."""
    if not _ALPHABET.fullmatch(text) or len(text) % 4 == 1:
        raise ValueError("not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if to_text(data) != text:
        raise ValueError("written in another way than base64url writes it")
    return data
