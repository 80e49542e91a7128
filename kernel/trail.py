"""The trail, as the apps below and above audit/ see it: Protocols, and the one place where it is bound.

A trail is one transaction, one actor, one clock and one batch of ledger entries (docs/architecture.md).
audit.operations implements it; config.composition binds it once.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db import models

from kernel.clock import Clock
from kernel.errors import JsonValue, Refusal
from kernel.principal import Principal


@dataclass(frozen=True)
class Personal:
    """A value about a person: the ledger's body keeps a salted commitment, the value rests encrypted beside it.

    `person` is the pseudonym of whom the value speaks; erasing the person deletes key, salt and value.
    """

    person: UUID
    value: str


class Trail(Protocol):
    """What an operation gets: nothing can be written without one, so nothing can be forgotten."""

    @property
    def organization_id(self) -> UUID: ...
    @property
    def actor(self) -> Principal: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def request_id(self) -> str: ...
    @property
    def last_sequence(self) -> int | None:
        """The number of the last entry that this trail wrote; None before it closed or when it wrote none."""
        ...

    def record(
        self,
        kind: str,
        *,
        subject: models.Model,
        details: Mapping[str, JsonValue] | None = None,
        personal: Mapping[str, Personal] | None = None,
    ) -> None:
        """Adds one entry, written when the trail closes. `kind` must be in the register docs/event-kinds.md."""
        ...

    def abandon(self) -> None:
        """Rolls everything back at the exit, without an exception."""
        ...


class OpenTrail(Protocol):
    def __call__(
        self,
        *,
        organization_id: UUID,
        actor: Principal,
        at: datetime | None = None,
        request_id: str = "",
        clock: Clock | None = None,
    ) -> AbstractContextManager[Trail]: ...


class _Binding:
    open_trail: OpenTrail | None = None


def bind(open_trail: OpenTrail) -> None:
    """Called once by config.composition."""
    _Binding.open_trail = open_trail


@contextmanager
def open_trail(*, actor: Principal, at: datetime | None = None, request_id: str = "", clock: Clock | None = None) -> Iterator[Trail]:
    """Opens a trail for interfaces. A Refusal that names an event is recorded after the rollback, then raised on."""
    bound = _Binding.open_trail
    if bound is None:
        raise RuntimeError("config.composition has not bound a trail")
    try:
        with bound(organization_id=actor.organization_id, actor=actor, at=at, request_id=request_id, clock=clock) as trail:
            yield trail
    except Refusal as refusal:
        if refusal.event and isinstance(refusal.subject, models.Model):
            with bound(organization_id=actor.organization_id, actor=actor, request_id=request_id, clock=clock) as second:
                second.record(refusal.event, subject=refusal.subject, details={"code": refusal.code, **refusal.details})
        raise
