"""What jobs/ needs from the apps above it; config.composition fills it in once, at start-up."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from kernel.clock import Clock
from kernel.errors import JsonValue

Payload = Mapping[str, Any]
Outcome = dict[str, JsonValue]


class Progress(Protocol):
    def __call__(self, percent: int, stage: str) -> None:
        """Stores progress and heartbeat of the run; called outside transactions, at most every second or so."""
        ...


class Channel(Protocol):
    def __call__(self, payload: Payload) -> None:
        """Delivers one outbox message; raises DeliveryFailed when it should be tried again."""
        ...


class Work(Protocol):
    def __call__(
        self, *, organization_id: UUID, parameters: Payload, requested_by_account: UUID | None, progress: Progress
    ) -> Outcome:
        """Carries out one JobRun, opening its own trails; may be called twice for the same run."""
        ...


class Scheduled(Protocol):
    def __call__(self, *, organization_id: UUID, parameters: Payload, clock: Clock) -> Outcome:
        """Carries out one period of one schedule, opening its own trails."""
        ...


class DeliveryFailed(Exception):
    """The receiver did not take the message; the relay tries again later."""


class Bindings:
    """Set once by config.composition; empty until then, so that a missing binding fails loudly.

    `queues` names the queue of each kind of work that does not go to the default one.
    """

    organizations: Callable[[], Iterable[UUID]]
    channels: Mapping[str, Channel] = {}
    work: Mapping[str, Work] = {}
    queues: Mapping[str, str] = {}
    scheduled: Mapping[str, Scheduled] = {}
    each_minute: Sequence[Callable[[UUID, Clock], None]] = ()


bindings = Bindings()
