"""What a licence demands of the machines that it runs on, and what is known of one that was activated.

Fingerprints and components are hex digests here: the plain values of a device never reach a rule or a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class FingerprintMatching(StrEnum):
    """How many of an activation's components must be found again: one, two, at least half (rounded up), or all."""

    ANY = "any"
    TWO = "two"
    MOST = "most"
    ALL = "all"


class UniquenessScope(StrEnum):
    """Within what a fingerprint is activated once only."""

    LICENSE = "license"
    TYPE = "type"
    PRODUCT = "product"
    ORGANIZATION = "organization"


class HeartbeatRule(StrEnum):
    """Whether an activation has to be heard of: never, from its creation on, or once it has pinged."""

    OFF = "off"
    FROM_CREATION = "from_creation"
    FROM_FIRST_PING = "from_first_ping"


class Resurrection(StrEnum):
    """For how long after its last heartbeat ran out a dead activation may come back by a ping."""

    NEVER = "never"
    MINUTE = "1_minute"
    TWO_MINUTES = "2_minutes"
    FIVE_MINUTES = "5_minutes"
    TEN_MINUTES = "10_minutes"
    FIFTEEN_MINUTES = "15_minutes"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineTerms:
    """`bound`: the licence is valid on activated machines alone. `heartbeat_every` is the longest silence (60 s or
    more); `heartbeat` says from when on it counts."""

    bound: bool = False
    matching: FingerprintMatching = FingerprintMatching.ANY
    heartbeat: HeartbeatRule = HeartbeatRule.OFF
    heartbeat_every: timedelta = timedelta(seconds=600)
    resurrection: Resurrection = Resurrection.NEVER
    virtual_machines_allowed: bool = True


ANY_MACHINE = MachineTerms()


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveActivation:
    """A live activation of the licence: by name, the digests of the components that were stated when it was made.

    `first_ping_at` and `last_ping_at` are None before the first heartbeat.
    """

    fingerprint: str
    created_at: datetime
    components: Mapping[str, str] = field(default_factory=dict)
    first_ping_at: datetime | None = None
    last_ping_at: datetime | None = None
    virtual_machine: bool | None = None
