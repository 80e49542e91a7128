"""When an activation falls silent, and until when a ping brings it back.

Silence is sharp like every other end: an activation lives strictly before the instant at which its heartbeat runs out.
"""

from datetime import datetime, timedelta

from licensing.rules.machines import HeartbeatRule, LiveActivation, MachineTerms, Resurrection

WINDOWS: dict[Resurrection, timedelta | None] = {
    Resurrection.NEVER: timedelta(0),
    Resurrection.MINUTE: timedelta(minutes=1),
    Resurrection.TWO_MINUTES: timedelta(minutes=2),
    Resurrection.FIVE_MINUTES: timedelta(minutes=5),
    Resurrection.TEN_MINUTES: timedelta(minutes=10),
    Resurrection.FIFTEEN_MINUTES: timedelta(minutes=15),
    Resurrection.ALWAYS: None,
}
"""For how long a silent activation may come back; None: for ever."""


def silent_at(terms: MachineTerms, activation: LiveActivation) -> datetime | None:
    """When the heartbeat runs out unless the client is heard of before; None where nothing is demanded (yet)."""
    if terms.heartbeat is HeartbeatRule.OFF:
        return None
    begun = activation.created_at if terms.heartbeat is HeartbeatRule.FROM_CREATION else None
    last = activation.last_ping_at or begun
    return None if last is None else last + terms.heartbeat_every


def lost_at(terms: MachineTerms, activation: LiveActivation) -> datetime | None:
    """From when on no ping brings the activation back and its place is free; None: never."""
    silent, window = silent_at(terms, activation), WINDOWS[terms.resurrection]
    return None if silent is None or window is None else silent + window


def is_silent(terms: MachineTerms, activation: LiveActivation, at: datetime) -> bool:
    """Whether the heartbeat has run out."""
    silent = silent_at(terms, activation)
    return silent is not None and at >= silent


def is_lost(terms: MachineTerms, activation: LiveActivation, at: datetime) -> bool:
    """Whether the activation is beyond coming back."""
    lost = lost_at(terms, activation)
    return lost is not None and at >= lost
