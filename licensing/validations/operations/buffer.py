"""Rows that wait in this process's memory for a moment, so that nobody waits for them.

Bounded: what does not fit is dropped, counted, and shown at /metrics. Flushed every 200 ms, with 1,000 rows at once,
and when the process ends in order (SIGTERM among the ways).
"""

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from multiprocessing.util import Finalize
from uuid import UUID

import structlog
from django.db import DatabaseError, connection
from prometheus_client import Counter

from licensing.validations.observation import Observation

log = structlog.get_logger(__name__)

EVERY = 0.2
AT_ONCE = 1_000
MOST = 50_000
DROPPED = Counter("seatledger_validation_events_dropped", "Validations that the full buffer did not take.")

Store = Callable[[UUID, Sequence[Observation]], None]


class Buffer:
    """One per process. `store` writes rows of one organisation in one transaction."""

    def __init__(self, store: Store, *, most: int = MOST) -> None:
        self._store, self._most = store, most
        self._lock, self._flushing = threading.Lock(), threading.Lock()
        self._rows: list[tuple[UUID, Observation]] = []
        self._full, self._owner = threading.Event(), 0

    def put(self, organization_id: UUID, seen: Observation) -> None:
        """Takes the row, or counts it as dropped when there is no room."""
        with self._lock:
            if len(self._rows) >= self._most:
                DROPPED.inc()
                return
            self._rows.append((organization_id, seen))
            number = len(self._rows)
        if self._owner != os.getpid():
            self._start()
        if number >= AT_ONCE:
            self._full.set()

    def flush(self) -> int:
        """Writes what waits and answers how many rows; what the database refuses to take now waits on."""
        with self._flushing:
            with self._lock:
                rows, self._rows = self._rows, []
            of: dict[UUID, list[Observation]] = defaultdict(list)
            for organization_id, seen in rows:
                of[organization_id].append(seen)
            return sum(self._flushed(organization_id, seen) for organization_id, seen in of.items())

    def _flushed(self, organization_id: UUID, seen: Sequence[Observation]) -> int:
        try:
            self._store(organization_id, seen)
        except DatabaseError as error:
            log.warning("validations wait for the database", rows=len(seen), error=type(error).__name__)
            connection.close()
            self._put_back(organization_id, seen)
            return 0
        return len(seen)

    def _put_back(self, organization_id: UUID, seen: Sequence[Observation]) -> None:
        with self._lock:
            room = max(self._most - len(self._rows), 0)
            self._rows = [(organization_id, one) for one in seen[:room]] + self._rows
        DROPPED.inc(len(seen) - min(room, len(seen)))

    def _start(self) -> None:
        """In the process that takes rows, not in the one it was forked from, which has no such thread to give."""
        with self._lock:
            if self._owner == os.getpid():
                return
            self._owner = os.getpid()
        Finalize(None, self.flush, exitpriority=10)
        threading.Thread(target=self._run, name="validations", daemon=True).start()

    def _run(self) -> None:
        while True:
            self._full.wait(EVERY)
            self._full.clear()
            self.flush()
