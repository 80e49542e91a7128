"""The trail, as the apps below and above audit/ see it: Protocols, and the one place where it is bound.

A trail is one transaction, one actor, one clock and one batch of ledger entries (docs/architecture.md).
audit.operations implements it; config.composition binds it once.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from django.db import IntegrityError, OperationalError, models
from django.utils.translation import gettext as _

from kernel.clock import Clock
from kernel.errors import Busy, JsonValue, Refusal
from kernel.principal import Principal

T = TypeVar("T")


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
def open_trail(
    *, actor: Principal, at: datetime | None = None, request_id: str = "", clock: Clock | None = None
) -> Iterator[Trail]:
    """Opens a trail for interfaces. A Refusal that names an event is recorded after the rollback, then raised on."""
    bound = _Binding.open_trail
    if bound is None:
        raise RuntimeError("config.composition has not bound a trail")
    try:
        with bound(
            organization_id=actor.organization_id, actor=actor, at=at, request_id=request_id, clock=clock
        ) as trail:
            yield trail
    except Refusal as refusal:
        if refusal.event and isinstance(refusal.subject, models.Model):
            with bound(
                organization_id=actor.organization_id, actor=actor, request_id=request_id, clock=clock
            ) as second:
                second.record(refusal.event, subject=refusal.subject, details={"code": refusal.code, **refusal.details})
        raise


# Serialisation failure, deadlock, and a unique value that somebody else committed between our check and our insert:
# the second try sees that row and refuses with the sentence that belongs to it.
RETRIED_STATES = frozenset({"40001", "40P01", "23505"})
LOCK_NOT_AVAILABLE = "55P03"
MOST_TRIES = 3


def run_in_trail(
    work: Callable[[Trail], T], *, actor: Principal, request_id: str = "", clock: Clock | None = None
) -> T:
    """Calls `work(trail)` in one trail and returns what it returned.

    The whole unit is tried again, up to three times, after a serialisation failure, a deadlock, or a unique value that
    was taken in the same instant. Raises Busy when a lock could not be had in time.
    """
    for tried in range(1, MOST_TRIES + 1):
        try:
            with open_trail(actor=actor, request_id=request_id, clock=clock) as trail:
                return work(trail)
        except (OperationalError, IntegrityError) as error:
            if tried == MOST_TRIES or not _worth_retrying(error):
                raise _named(error) from error
    raise AssertionError("unreachable")


def _worth_retrying(error: Exception) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in RETRIED_STATES


def _named(error: Exception) -> Exception:
    if getattr(error.__cause__, "sqlstate", None) == LOCK_NOT_AVAILABLE or "database is locked" in str(error):
        return Busy(_("Somebody else is changing the same rows; try again in a moment."))
    return error
