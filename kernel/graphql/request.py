"""One GraphQL request at work: who asks, the scope of its reads, a trail for each root mutation, and its time."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from time import monotonic
from typing import Any, TypeAlias
from uuid import UUID

import strawberry
from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from rest_framework.response import Response
from strawberry.utils.str_converters import to_camel_case

from kernel.clock import Clock, DatabaseClock
from kernel.errors import FieldError, Refusal
from kernel.graphql.limits import MOST_SECONDS, MOST_STATEMENTS, QueryTooSlow
from kernel.principal import Principal
from kernel.rest import kept_answers
from kernel.scope import scope_of
from kernel.trail import Trail, run_in_trail

CONTROL = ("SAVEPOINT", "ROLLBACK", "RELEASE")
"""What ends a transaction in good order is not counted and never held up."""
CANCELLED = "57014"
"""What PostgreSQL says of a statement that ran into statement_timeout."""


@dataclass(frozen=True)
class Once:
    """The Idempotency-Key of a request, and the digest of its body: the same key with another body is a mistake."""

    key: str
    digest: bytes

    def of(self, name: str) -> str:
        """The key under which one root mutation is remembered, of any length of the two."""
        return "graphql:" + hashlib.sha256(f"{self.key}\n{name}".encode()).hexdigest()


class GraphRequest:
    """The context of resolvers.

    Reads happen in one scope. A root mutation leaves it, runs in a trail of its own, and what its answer selects is
    read in a new scope afterwards: the change stands or falls without its answer. `entries` are the numbers of the
    ledger's entries by the name of the root mutation that wrote them, `replayed` the names of those that an earlier
    request with the same key had carried out. `operation` is the name of what is meant, where the client gave one.
    """

    def __init__(
        self,
        *,
        principal: Principal,
        request_id: str = "",
        operation: str | None = None,
        once: Once | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.principal = principal
        self.operation = operation
        self.request_id = request_id
        self.clock = clock or DatabaseClock()
        self.entries: dict[str, int] = {}
        self.replayed: list[str] = []
        self._once = once
        self._reading = ExitStack()
        self._ends = monotonic() + MOST_SECONDS
        self._statements = 0

    def may(self, *permissions: str) -> bool:
        """Whether the reader has all of these; an empty name asks for nothing."""
        return all(self.principal.may(one) for one in permissions if one)

    @cached_property
    def at(self) -> datetime:
        """The moment for which figures of this answer hold, read once."""
        return self.clock.now()

    def read(self) -> None:
        """Opens the scope of the reads."""
        self._reading.enter_context(scope_of(self.principal))
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(int(MOST_SECONDS * 1000))])

    def close(self) -> None:
        """Leaves the scope, if one is open."""
        self._reading.close()

    def write(self, info: "GraphInfo", work: Callable[[Trail], UUID]) -> UUID:
        """Calls `work(trail)` in a trail of its own, and opens a scope for what the answer selects: the row whose key
        `work` returned. With an Idempotency-Key that key is remembered in the same transaction, and a second request
        reads the row without doing anything again."""
        trails: list[Trail] = []
        name = str(info.path.key)

        def in_trail(trail: Trail) -> UUID:
            trails.append(trail)
            return self._done_once(name, work, trail)

        self.close()
        try:
            done = run_in_trail(in_trail, actor=self.principal, request_id=self.request_id)
        except Refusal as refusal:
            refusal.errors = tuple(FieldError(_in_input(one.pointer), one.message) for one in refusal.errors)
            raise
        if trails[-1].last_sequence is not None:
            self.entries[name] = trails[-1].last_sequence
        self.read()
        return done

    def _done_once(self, name: str, work: Callable[[Trail], UUID], trail: Trail) -> UUID:
        store, once = kept_answers(), self._once
        if store is None or once is None:
            return work(trail)
        kept = store.kept(key=once.of(name), request_digest=once.digest, trail=trail)
        if kept is not None:
            self.replayed.append(name)
            return UUID(kept.data["id"])
        done = work(trail)
        answer = Response({"id": str(done)})
        store.keep(key=once.of(name), request_digest=once.digest, response=answer, secret_fields=(), trail=trail)
        return done

    def check_time(self) -> None:
        """Raises QueryTooSlow once the time is used up."""
        if monotonic() > self._ends:
            raise QueryTooSlow(
                _("The answer took longer than %(most)d seconds. Ask for less at once.") % {"most": MOST_SECONDS}
            )

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Counts and times the statements within: whatever a request asks for, the database answers so many and no
        more. On the way out the scope is closed."""
        with connection.execute_wrapper(self._statement), ExitStack() as stack:
            stack.callback(self.close)
            yield

    def _statement(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        if str(sql).startswith(CONTROL):
            return execute(sql, params, many, context)
        self._statements += 1
        self.check_time()
        if self._statements > MOST_STATEMENTS:
            raise QueryTooSlow(_("The answer needs too many reads of the database. Ask for less at once."))
        try:
            return execute(sql, params, many, context)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != CANCELLED:
                raise
            # Nothing more can be read in this transaction: the fields that are left say the same, and it ends cleanly.
            transaction.set_rollback(True)
            self._ends = 0.0
            raise QueryTooSlow(_("The database took too long. Ask for less at once.")) from error


def _in_input(pointer: str) -> str:
    """Where the member that an operation points at stands in the arguments of a mutation: "/user_name" of a person is
    "/input/userName"."""
    return pointer if pointer.startswith("/input/") else f"/input{to_camel_case(pointer)}"


GraphInfo: TypeAlias = strawberry.Info[GraphRequest, None]
