"""The scope: which organisation's rows this thread may see, and of how many of its business partners.

`scope()`, its read-only sister `frozen()` and a trail are the only ways to tenant rows. On PostgreSQL they also set
`sl.org` and `sl.parties` for the row-level policies, inside a transaction, so that nothing carries over to the next
user of the connection.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.db import connection, models, transaction

from kernel.principal import Principal

Parties = frozenset[UUID] | None
"""The business partners whose rows may be seen; None: all of them."""
EVERY_PARTY = "all"

_organization: ContextVar[UUID | None] = ContextVar("seatledger_organization", default=None)
_parties: ContextVar[Parties] = ContextVar("seatledger_parties", default=None)


class NoScope(RuntimeError):
    """Tenant rows were asked for outside a scope and outside a trail: always a mistake in the program."""


class ScopeInsideScope(RuntimeError):
    """A scope or trail was opened inside another: one request works in one organisation, in one unit."""


def current() -> UUID:
    """The organisation of the open scope; raises NoScope outside one."""
    organization_id = _organization.get()
    if organization_id is None:
        raise NoScope("tenant rows are reachable only inside kernel.scope.scope() or a trail")
    return organization_id


def is_open() -> bool:
    return _organization.get() is not None


def current_parties() -> Parties:
    """The business partners to which the open scope is limited; None where it is not."""
    return _parties.get()


@contextmanager
def bound(organization_id: UUID, parties: Parties = None) -> Iterator[None]:
    """Sets the context variables alone; `scope` and the trail build on it."""
    if _organization.get() is not None:
        raise ScopeInsideScope("a scope or trail is already open in this context")
    token, limit = _organization.set(organization_id), _parties.set(parties)
    try:
        yield
    finally:
        _organization.reset(token)
        _parties.reset(limit)


def organization_key(organization_id: UUID, *parts: object) -> str:
    """Under which name something of one organisation is kept outside its tables: in a cache, as a file, as a lock.

    Neither two organisations nor two lists of parts share a name, whatever the parts contain, and no part leads out of
    a folder. Raises TypeError for anything but an id: None would be one name for all.
    """
    if not isinstance(organization_id, UUID):
        raise TypeError(f"{organization_id!r} is no id of an organisation")
    return "/".join([str(organization_id), *map(_escaped, parts)])


def _escaped(part: object) -> str:
    """A part without a slash; "." and ".." are written differently, because a folder would understand them."""
    text = str(part)
    escaped = quote(text, safe="", errors="surrogatepass")
    return escaped.replace(".", "%2E") if text in {".", ".."} else escaped


def set_local(organization_id: UUID | None, parties: Parties = None) -> None:
    """Sets `sl.org` and `sl.parties` until the end of the transaction (PostgreSQL). The policies cast the first with
    ::uuid and fail loudly; a second that was never set is an error too, and an empty one lets no partner's row through.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('sl.org', %s, true), set_config('sl.parties', %s, true)",
            ["", ""] if organization_id is None else [str(organization_id), _listed(parties)],
        )


def _listed(parties: Parties) -> str:
    """As the policies read it. Nobody's id stands for none: an empty text would look like a setting that is missing."""
    return EVERY_PARTY if parties is None else ",".join(sorted(map(str, parties))) or str(UUID(int=0))


@contextmanager
def scope(organization_id: UUID, parties: Parties = None) -> Iterator[None]:
    """Reads inside see this organisation's rows and no others, of partners those of `parties`. Refuses nesting.

    Whoever reads for somebody uses `scope_of`.

    On SQLite no transaction is opened: a reader inside BEGIN IMMEDIATE would block every writer.
    """
    if _organization.get() is not None:
        raise ScopeInsideScope("a scope or trail is already open in this context")
    if connection.vendor != "postgresql":
        with bound(organization_id, parties):
            yield
        return
    # True only in savepoint tests, where RELEASE would keep the setting.
    nested = connection.in_atomic_block
    with transaction.atomic():
        set_local(organization_id, parties)
        with bound(organization_id, parties):
            yield
        if nested and not transaction.get_rollback():
            set_local(None)


def scope_of(principal: Principal) -> AbstractContextManager[None]:
    """The scope of what this principal may see."""
    return scope(principal.organization_id, principal.parties)


@contextmanager
def frozen(organization_id: UUID) -> Iterator[None]:
    """Like `scope`, and every read inside sees the database as it was at the first one; nothing can be written.

    For long reports. REPEATABLE READ, READ ONLY on PostgreSQL; on SQLite BEGIN DEFERRED, which keeps no writer waiting.
    """
    if _organization.get() is not None:
        raise ScopeInsideScope("a scope or trail is already open in this context")
    # True only in savepoint tests, whose transaction has read before.
    if connection.in_atomic_block:
        with scope(organization_id):
            yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            _execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            set_local(organization_id)
            with bound(organization_id):
                yield
    else:
        _execute("BEGIN DEFERRED")
        try:
            with bound(organization_id):
                yield
        finally:
            _execute("ROLLBACK")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


class CurrentOrganization(models.Expression):
    """The organisation of the scope, read when SQL is compiled: importing and defining classes never raises."""

    def __init__(self) -> None:
        super().__init__(output_field=models.UUIDField())

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]  # the stubs name an internal compiler class
        return "%s", [self.output_field.get_db_prep_value(current(), connection)]
