"""Certificates that are checked out: how long they may hold, how many seats there are, how often they go out."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta

SHORTEST = timedelta(minutes=5)
PACE_WINDOW = timedelta(hours=1)
FEWEST_AN_HOUR = 20


def offline_seats(*, quantity: int, limits: Mapping[str, int]) -> int:
    """How many holders may be offline at the same time: the limit `offline` where the licence has one, else its limit
    of `activations`, else its quantity. A limit of 0 admits none."""
    return limits.get("offline", limits.get("activations", quantity))


def granted_ttl(*, asked: timedelta | None, longest: timedelta) -> timedelta | None:
    """How long the certificate holds: what is asked for, the longest that the type allows when nothing is.

    None when the type allows no certificate to be checked out, or not for so long, or when it is under five minutes.
    """
    if longest <= timedelta(0):
        return None
    if asked is None:
        return longest
    return asked if SHORTEST <= asked <= longest else None


def most_an_hour(*, seats: int) -> int:
    """How many certificates of one licence may go out within an hour: one for each seat, and never fewer than 20."""
    return max(FEWEST_AN_HOUR, seats)


def fingerprint_digest(fingerprint: str) -> str:
    """What stands in the claim `fp`: a machine makes the same of its own fingerprint, with no secret of ours."""
    return hashlib.sha256(fingerprint.encode()).hexdigest()
