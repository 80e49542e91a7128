"""Who needs a second factor, and how its codes are written."""

import base64
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

ALWAYS: Final = frozenset({"owner", "platform_operator"})
"""Roles that need one whatever the organisation decides."""
MOST_FAILURES: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)
PENDING_FOR: Final = timedelta(minutes=15)
"""How long a secret that was shown and not confirmed may still be confirmed."""
CODES: Final = 10
CODE_BYTES: Final = 10
DIGITS: Final = 6


class Answer(Enum):
    """What became of a code that somebody gave."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    LOCKED = "locked"


class Step(Enum):
    """What a session still lacks before it may work."""

    CHALLENGE = "challenge"
    ENROL = "enrol"


@dataclass(frozen=True)
class Attempts:
    """Failures in a row, and until when no code is looked at."""

    failures: int
    locked_until: datetime | None

    def locked(self, at: datetime) -> bool:
        return self.locked_until is not None and at < self.locked_until

    def failed(self, at: datetime) -> "Attempts":
        """One failure more; every fifth in a row closes the door for a quarter of an hour."""
        failures = self.failures + 1
        return Attempts(failures, at + LOCKED_FOR if failures % MOST_FAILURES == 0 else None)


def demanded(roles: Collection[str], policy_roles: Collection[str]) -> bool:
    """Whether somebody with these roles needs a second factor in an organisation with this policy."""
    return bool(set(roles) & (ALWAYS | set(policy_roles)))


def missing(*, proved: bool, enrolled: bool, demanded: bool) -> Step | None:
    """What is left to do. Whoever has a second factor is asked for it, needed or not."""
    if proved:
        return None
    if enrolled:
        return Step.CHALLENGE
    return Step.ENROL if demanded else None


def is_app_code(text: str) -> bool:
    """Six digits are a code of the app; anything else is taken for a recovery code."""
    return len(text) == DIGITS and text.isascii() and text.isdigit()


def tidy(text: str) -> str:
    """A code without the spaces and hyphens that people type, in upper case."""
    return "".join(text.split()).replace("-", "").upper()


def recovery_code(random: bytes) -> str:
    """Random bytes as people can copy them: K3QF-…, letters and digits of base 32 in fours."""
    plain = base64.b32encode(random).decode()
    return "-".join(plain[start : start + 4] for start in range(0, len(plain), 4))
