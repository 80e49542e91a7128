"""A floating seat: taken, kept by heartbeats in the background, given back when the work is done."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from seatledger_client.decision import Decision, decision_of
from seatledger_client.errors import Rejected, SeatledgerError, Unreachable

ACTIVE, WAITING = "active", "waiting"


class NoSeat(SeatledgerError):
    """No seat was free within the time that the application would wait, or the licence is not valid: `code` says which
    (CAPACITY_EXCEEDED, STILL_WAITING, LICENSE_NOT_VALID), `lease` is the place in the queue that was left."""

    def __init__(self, code: str, *, lease: "Lease | None" = None) -> None:
        super().__init__(code)
        self.code, self.lease = code, lease


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who takes the seat: user, machine and session tell holders apart, department and label are for people."""

    user: str = ""
    machine: str = ""
    session: str = ""
    department: str = ""
    label: str = ""

    def said(self) -> dict[str, str]:
        return {name: text for name, text in vars(self).items() if text}


@dataclass(frozen=True, kw_only=True)
class Lease:
    """What the server says about one lease. `token` proves an active seat in `Question(lease=…)`; `certificate` is that
    of a borrowed one, to be kept: it works without a connection, and is given back with `Client.give_back`."""

    id: str
    state: str
    decision: Decision
    expires_at: datetime
    position: int | None
    estimated_wait: float | None
    poll: float
    beat: float
    token: str | None = field(repr=False)
    certificate: str | None = field(repr=False)

    @property
    def active(self) -> bool:
        return self.state == ACTIVE


def lease_of(claims: Mapping[str, Any]) -> Lease | None:
    """The lease of a verified answer; None where it tells of none."""
    told = claims["lease"]
    if told is None:
        return None
    return Lease(
        id=str(told["id"]),
        state=str(told["state"]),
        decision=decision_of(claims),
        expires_at=datetime.fromisoformat(told["expires_at"]),
        position=told["position"],
        estimated_wait=told["estimated_wait_seconds"],
        poll=float(told["poll_seconds"] or 15),
        beat=float(told["heartbeat_seconds"] or 200),
        token=claims.get("lease_token"),
        certificate=claims.get("certificate"),
    )


class Seat:
    """A seat that is held; heartbeats go out from a thread of their own until it is given back.

    `lost` is set when the server says that the lease has ended, or when nothing was heard from it until the lease's
    end: the application must stop, or take a seat again.
    """

    def __init__(self, lease: Lease, *, beat: Callable[[str], Lease | None]) -> None:
        self._beat = beat
        self.lease, self.lost = lease, threading.Event()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="seatledger-heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Sends no heartbeat more."""
        self._done.set()
        self._thread.join(timeout=30)

    def _keep(self) -> None:
        ends = self._end()
        while not self._done.wait(self.lease.beat):
            try:
                self.lease = self._beat(self.lease.id) or self.lease
                ends = self._end() if self.lease.decision.valid else ends
            except Unreachable:
                pass
            except SeatledgerError:
                # Lost, or an answer that is not the vendor's: neither is a seat.
                ends = 0.0
            if time.monotonic() >= ends:
                self.lost.set()
                return

    def _end(self) -> float:
        """When the lease ends, on a clock that nobody sets; counted from the server's own time."""
        return time.monotonic() + (self.lease.expires_at - self.lease.decision.at).total_seconds()


def waited_for(ask: Callable[[], Lease | None], *, wait: float, leave: Callable[[str], object]) -> Lease:
    """An active lease, asked for again as often as the server says for up to `wait` seconds. Raises NoSeat, having left
    the queue."""
    until = time.monotonic() + wait
    while True:
        lease = ask()
        if lease is None or lease.active:
            break
        left = until - time.monotonic()
        if left <= 0:
            with suppress(Unreachable, Rejected):
                leave(lease.id)
            raise NoSeat("STILL_WAITING", lease=lease)
        time.sleep(min(lease.poll, left))
    if lease is None:
        raise NoSeat("LICENSE_NOT_VALID")
    return lease


@contextmanager
def held(seat: Seat, *, give_back: Callable[[str], object]) -> Iterator[Seat]:
    """The seat with its heartbeats, given back at the end, whatever ends the work. A server that cannot be reached then
    frees it by itself when the lease ends."""
    seat.start()
    try:
        yield seat
    finally:
        seat.stop()
        if not seat.lost.is_set():
            with suppress(Unreachable, Rejected):
                give_back(seat.lease.id)
