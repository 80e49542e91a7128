"""Where an authorisation code may be sent: https addresses, and the own machine of a native application."""

import re
from typing import Final
from urllib.parse import urlsplit

LONGEST: Final = 2000
LOOPBACK: Final = re.compile(r"http://(127\.0\.0\.1|\[::1\])(?::([1-9]\d{0,4}))?((?:[/?][^\s#\\]*)?)")
"""Host, port, and what comes after. By number, never `localhost`: a name may lead elsewhere (RFC 8252 §8.3)."""


def is_loopback(address: str) -> bool:
    """An address of the machine on which the browser runs (RFC 8252 §7.3)."""
    return _loopback(address) is not None


def is_complete_https(address: str) -> bool:
    """Without fragment, user name or blanks, in ASCII: it is compared character by character later on."""
    try:
        parts = urlsplit(address)
        named = bool(parts.hostname) and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    whole = named and parts.scheme == "https" and "#" not in address and not any(c.isspace() for c in address)
    return whole and len(address) <= LONGEST and address.isascii()


def redirect_allowed(asked: str, registered: list[str]) -> bool:
    """Whether `asked` is one of the registered addresses, character by character (RFC 9700 §4.1.3). Of a loopback
    address the port alone may differ, since a native application takes whichever is free when it starts."""
    if asked in registered:
        return True
    own = _loopback(asked)
    return own is not None and own in {_loopback(one) for one in registered}


def _loopback(address: str) -> tuple[str, str] | None:
    """Host and rest of a loopback address; None for any other."""
    found = LOOPBACK.fullmatch(address)
    if found is None or not address.isascii() or len(address) > LONGEST or int(found[2] or 80) > 65_535:
        return None
    return found[1], found[3]
