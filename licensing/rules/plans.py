"""Plans of Seatledger itself: Professional has the core, and what is beyond it as add-ons; Enterprise and Government
have everything."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

EVERYTHING: Final = "everything"
BEYOND_CORE: Final = ("sso", "scim")
"""Features that a plan may lack; whatever else is asked for belongs to the core."""
PRODUCT: Final = "seatledger"
PLANS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "seatledger-professional": ("Professional", ()),
    "seatledger-enterprise": ("Enterprise", (EVERYTHING,)),
    "seatledger-government": ("Government", (EVERYTHING,)),
}
"""Code of the licence type → its name and features."""


def includes(claims: Mapping[str, Any] | None, feature: str, at: datetime) -> bool:
    """Whether the claims of a valid certificate carry the feature at `at`. None, without a valid certificate: the core
    alone."""
    if feature not in BEYOND_CORE:
        return True
    carried = claims.get("features") if claims is not None else None
    if not isinstance(carried, Mapping):
        return False
    return any(code in carried and _holds(carried[code], at) for code in (feature, EVERYTHING))


def _holds(end: object, at: datetime) -> bool:
    """A certificate states the second at which a feature ends; null: with the certificate."""
    return end is None or (isinstance(end, int) and at.timestamp() < end)
