"""What the server says about one machine: whether it holds a place of the licence, and what it has to do to keep it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from seatledger_client.decision import Decision, decision_of


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The machine for which a place is taken. `fingerprint` names it, `components` (by name) let it be recognised
    after a repair; `platform` and `label` are for the people who look after licences."""

    fingerprint: str
    components: Mapping[str, str] | None = None
    virtual_machine: bool | None = None
    platform: str = ""
    label: str = ""

    def scope(self, product: str) -> dict[str, Any]:
        """What is judged."""
        said = {
            "product": product,
            "fingerprint": self.fingerprint,
            "components": dict(self.components) if self.components else None,
            "vm": self.virtual_machine,
        }
        return {name: value for name, value in said.items() if value is not None}

    def words(self) -> dict[str, str]:
        """What is only kept."""
        return {name: text for name, text in (("platform", self.platform), ("label", self.label)) if text}


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the licence obliges its clients to. `heartbeat` is the longest silence (None: none is demanded); after
    `connectivity_grace` without an answer a client runs on (`fail_open`) or stops; None: the application decides."""

    heartbeat: timedelta | None = None
    connectivity_grace: timedelta | None = None
    fail_open: bool = False


@dataclass(frozen=True, kw_only=True)
class Activation:
    """`active` is what counts for the place, `decision` for the licence. `refusal` says why there is no place.

    `silent_at` is when the heartbeat runs out unless a ping comes before.
    """

    active: bool
    decision: Decision
    refusal: str | None = None
    silent_at: datetime | None = None
    rules: Rules = Rules()


def activation_of(claims: Mapping[str, Any]) -> Activation:
    """The activation in the verified claims of an answer."""
    place, told = claims.get("activation") or {}, claims.get("machine_rules") or {}
    silent = place.get("silent_at")
    return Activation(
        active=place.get("state") == "active",
        decision=decision_of(claims),
        refusal=claims.get("refusal"),
        silent_at=None if silent is None else datetime.fromisoformat(silent),
        rules=Rules(
            heartbeat=_length(told.get("heartbeat_seconds"), 1),
            connectivity_grace=_length(told.get("connectivity_grace_hours"), 3600),
            fail_open=told.get("connectivity_fail_open") is True,
        ),
    )


def _length(number: int | None, seconds: int) -> timedelta | None:
    return None if number is None else timedelta(seconds=number * seconds)
