"""Identifiers: time-ordered UUIDs for rows, short numbers for people."""

import secrets
import uuid

import uuid_utils

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562): unique, and sorted by creation to the millisecond."""
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)


def human_number(prefix: str, *, length: int = 8) -> str:
    """A random number that people can read out, such as "E-7K3M-9QXD" (Crockford base32, 5 bits a character).

    Random instead of counted: a counter row would be a lock that every creation takes early.
    """
    drawn = "".join(secrets.choice(CROCKFORD) for _ in range(length))
    return f"{prefix}-" + "-".join(drawn[i : i + 4] for i in range(0, length, 4))
