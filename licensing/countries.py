"""The country of a network address, from a file of the operator in MaxMind's format. No file: unknown."""

import ipaddress
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import maxminddb
from django.conf import settings

from kernel.errors import Misconfigured

CHECKED_EVERY = 60
"""Seconds for which the file is taken to be the one that was opened."""


def country_of(address: str) -> str:
    """ISO 3166-1 alpha-2 in capitals; "" where no file is set, the address is none, or the file does not know it.

    Raises Misconfigured for a file that cannot be read.
    """
    if not settings.COUNTRY_DATABASE:
        return ""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    reader = _reader(*_version(settings.COUNTRY_DATABASE, int(time.monotonic()) // CHECKED_EVERY))
    # A file of IPv4 alone cannot be asked for the other kind.
    if known.version == 6 and reader.metadata().ip_version == 4:
        return ""
    return _iso_code(reader.get(known))


def _iso_code(found: Any) -> str:
    """Where the address is, or failing that, where its network is registered."""
    for name in ("country", "registered_country"):
        part = found.get(name) if isinstance(found, dict) else None
        code = part.get("iso_code") if isinstance(part, dict) else None
        if isinstance(code, str) and len(code) == 2:
            return code.upper()
    return ""


@lru_cache(maxsize=2)
def _version(path: str, _minute: int) -> tuple[str, int]:
    """The file with its time of change, looked at once a minute."""
    try:
        return path, Path(path).stat().st_mtime_ns
    except OSError as error:
        raise Misconfigured(f"SEATLEDGER_COUNTRY_DATABASE: {path} cannot be read ({error.strerror})") from error


@lru_cache(maxsize=2)
def _reader(path: str, _changed: int) -> maxminddb.Reader:
    try:
        return maxminddb.open_database(path)
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        raise Misconfigured(f"SEATLEDGER_COUNTRY_DATABASE: {path} is no MaxMind file") from error
