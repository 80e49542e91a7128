"""Certificates that are checked out: how long they may hold, how many seats there are, how often they go out."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from licensing.rules.facts import LicenseModel

USUAL_OFFLINE_HOURS = 720
SHORTEST = timedelta(minutes=5)
PACE_WINDOW = timedelta(hours=1)
FEWEST_AN_HOUR = 20
MOST_AN_HOUR = 1_000
OFFLINE = "offline"
ACTIVATIONS = "activations"


@dataclass(frozen=True, slots=True)
class OfflineSeats:
    """How many holders may be offline at the same time (None: any number), and whether machines that are activated
    online take places of the same number."""

    most: int | None
    shared: bool


def offline_seats(*, model: LicenseModel, quantity: int, limits: Mapping[str, int]) -> OfflineSeats:
    """The limit `offline` where the licence has one, else its limit of `activations`, of which each live activation
    leaves one less; else none for a site, and the quantity for everything else. A limit of 0 admits none."""
    if OFFLINE in limits:
        return OfflineSeats(limits[OFFLINE], shared=False)
    if ACTIVATIONS in limits:
        return OfflineSeats(limits[ACTIVATIONS], shared=True)
    return OfflineSeats(None if model is LicenseModel.SITE else quantity, shared=False)


def granted_ttl(*, asked: timedelta | None, longest: timedelta) -> timedelta | None:
    """How long the certificate holds: what is asked for, the longest that the type allows when nothing is.

    None when the type allows no certificate to be checked out, or not for so long, or when it is under five minutes.
    """
    if longest <= timedelta(0):
        return None
    if asked is None:
        return longest
    return asked if SHORTEST <= asked <= longest else None


def most_an_hour(*, seats: int | None) -> int:
    """How many certificates of one licence may go out within an hour: one for each seat, and never fewer than 20; 1,000
    where seats are not counted."""
    return MOST_AN_HOUR if seats is None else max(FEWEST_AN_HOUR, seats)


def fingerprint_digest(fingerprint: str) -> str:
    """What stands in the claim `fp`: a machine makes the same of its own fingerprint, with no secret of ours."""
    return hashlib.sha256(fingerprint.encode()).hexdigest()
