"""Test databases: made by the owner, used by the app, cloned per module where commits must be real.

`django_db` gives a test a transaction that is rolled back. `committed_db` gives a whole module a clone of the migrated
database in which commits, threads, locks and other processes behave as in production. pytest-django's
`django_db(transaction=True)` and `live_server` empty tables afterwards, which the ledger's triggers refuse, so a test
that asks for them fails here with a sentence.

With `-n 2` each process has all of it for itself: pytest-django adds the process to the database's name, from which
the names of template and clones are made, and tests/settings.py gives it a folder and Redis databases of its own.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.conf import settings
from django.db import ProgrammingError, connection, connections
from django.test.utils import setup_databases, teardown_databases

from kernel.database import as_owner, is_postgresql

ROOT = Path(__file__).resolve().parents[2]
FLUSHING = ("transactional_db", "live_server", "django_db_reset_sequences", "django_db_serialized_rollback")


OPENING = frozenset({"db", "django_db_setup", "template_db", "committed_db", "fresh_db"})
"""Fixtures by which a test reaches the database."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--with-database",
        action="store_true",
        help="only tests that open the database, or that run with PostgreSQL alone: the others have run on SQLite",
    )


def _opens_database(item: pytest.Item) -> bool:
    marked = any(item.get_closest_marker(name) for name in ("django_db", "postgres", "heavy", "drill"))
    return marked or not OPENING.isdisjoint(getattr(item, "fixturenames", ()))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skips tests for PostgreSQL on SQLite and refuses the fixtures that flush."""
    if config.option.with_database:
        config.hook.pytest_deselected(items=[item for item in items if not _opens_database(item)])
        items[:] = filter(_opens_database, items)
    for item in items:
        marker = item.get_closest_marker("django_db")
        if (marker and marker.kwargs.get("transaction")) or set(FLUSHING) & set(getattr(item, "fixturenames", ())):
            raise pytest.UsageError(
                f"{item.nodeid}: real commits need the fixture committed_db (the ledger refuses to be flushed)"
            )
        if item.get_closest_marker("postgres") and settings.EMBEDDED:
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: make test-postgres"))


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """The migrated test database. The owner makes and drops it, in between the app's credentials are in force."""
    with django_db_blocker.unblock():
        with _migrated_before(request.config) as begun, as_owner():
            made = setup_databases(
                verbosity=request.config.option.verbose,
                interactive=False,
                aliases={"default": False},
                serialized_aliases=set(),
                keepdb=begun,
            )
        connection.close()
    yield
    with django_db_blocker.unblock(), as_owner():
        teardown_databases(made, verbosity=request.config.option.verbose)


def _fingerprint() -> str:
    """Changes with every migration, ours or a library's, and with what runs after them."""
    digest = hashlib.sha256()
    own = (path for app in apps.get_app_configs() for path in Path(app.path).glob("migrations/*.py"))
    for path in sorted({*own, *ROOT.glob("*/protection.py"), *ROOT.glob("kernel/*.py"), *ROOT.glob("requirements/*")}):
        digest.update(f"{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _migrated_before(config: pytest.Config) -> Iterator[bool]:
    """Whether setting up begins with a copy of the database that an earlier run of the same migrations left.

    Migrations take longer than most folders of tests. One process makes the copy, the others wait for it.
    """
    folder: Path = config.cache.mkdir("migrated")
    place = _KeptDatabase() if is_postgresql() else _KeptFile(folder)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        begun = place.exists()
        if begun:
            fcntl.flock(lock, fcntl.LOCK_UN)
            place.begin()
        yield begun
        if not begun:
            connection.close()
            place.keep()


class _KeptFile:
    """The copy of a migrated SQLite database, in pytest's cache."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.kept = folder, folder / f"{_fingerprint()}.sqlite3"
        self.test = str(connection.settings_dict["TEST"]["NAME"])

    def exists(self) -> bool:
        return self.kept.exists()

    def begin(self) -> None:
        shutil.copyfile(self.kept, self.test)

    def keep(self) -> None:
        for older in self.folder.glob("*.sqlite3"):
            older.unlink()
        _sqlite_copy(self.test, f"{self.kept}.new")
        Path(f"{self.kept}.new").rename(self.kept)


class _KeptDatabase:
    """The copy of a migrated database on the PostgreSQL server, named after the configured one."""

    def __init__(self) -> None:
        self.prefix = f"{connection.settings_dict['NAME']}_migrated_"
        self.kept = f"{self.prefix}{_fingerprint()}"
        self.test = str(connection.creation._get_test_db_name())  # type: ignore[attr-defined]  # not in the stubs

    def exists(self) -> bool:
        return self.kept in self._all()

    def _all(self) -> list[str]:
        with maintenance_cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [self.prefix])
            return [name for (name,) in cursor.fetchall()]

    def begin(self) -> None:
        with maintenance_cursor() as cursor:
            drop_database(cursor, self.test)
            cursor.execute(f'CREATE DATABASE "{self.test}" TEMPLATE "{self.kept}"')

    def keep(self) -> None:
        older = self._all()
        with maintenance_cursor() as cursor:
            for name in older:
                drop_database(cursor, name)
            cursor.execute(f'CREATE DATABASE "{self.kept}" TEMPLATE "{self.test}" ALLOW_CONNECTIONS false')


@contextmanager
def maintenance_cursor() -> Iterator[Any]:
    """A cursor of the owner on the server's own database, where databases are made and dropped."""
    with as_owner(), connection._nodb_cursor() as cursor:
        yield cursor


def drop_database(cursor: Any, name: str) -> None:
    """Drops a database even under open connections of the owner.

    FORCE may not end the server's own vacuum, which visits a clone now and then; without FORCE the server asks it to go
    and waits for it.
    """
    try:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    except ProgrammingError:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _sqlite_copy(source: str, target: str) -> None:
    """A consistent copy, whatever still stands in the write-ahead log."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


@pytest.fixture(scope="session")
def template_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The migrated database once more, closed to connections, so that cloning it never waits for one."""
    name = str(connection.settings_dict["NAME"])
    if not is_postgresql():
        template = f"{name}.template"
        _sqlite_copy(name, template)
        yield template
        Path(template).unlink()
        return
    template = f"{name}_template"
    with django_db_blocker.unblock():
        connection.close()
        with maintenance_cursor() as cursor:
            drop_database(cursor, template)
            cursor.execute(f'CREATE DATABASE "{template}" TEMPLATE "{name}" ALLOW_CONNECTIONS false')
    yield template
    with django_db_blocker.unblock(), maintenance_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{template}"')


@dataclass(frozen=True)
class CommittedDatabase:
    """A clone of the migrated database; the default connection of this process points at it."""

    name: str
    environment: dict[str, str]
    """What a child process needs to reach the same database as the app, and as the owner for migrations."""


def _addresses(name: str) -> dict[str, str]:
    if not is_postgresql():
        return {"DATABASE_URL": f"sqlite:///{name}"}
    where = connection.settings_dict
    host = f"{where['HOST']}:{where['PORT'] or 5432}/{name}"

    def address(user: str, password: str) -> str:
        return f"postgres://{quote(user, safe='')}:{quote(password, safe='')}@{host}"

    return {
        "DATABASE_URL": address(where["USER"], where["PASSWORD"]),
        "DATABASE_OWNER_URL": address(settings.OWNER_ROLE, settings.OWNER_PASSWORD),
    }


@contextmanager
def clone(template: str) -> Iterator[CommittedDatabase]:
    """Points the default connection at a fresh clone, and back; drops the clone even under open connections."""
    before = connection.settings_dict["NAME"]
    name = f"{before}_{uuid.uuid4().hex[:8]}"
    connection.close()
    if is_postgresql():
        with maintenance_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    else:
        shutil.copyfile(template, name)
    # connections.settings holds the same dictionary, so threads of a test reach the clone as well.
    connection.settings_dict["NAME"] = name
    try:
        yield CommittedDatabase(name=name, environment=_addresses(name))
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = before
        if is_postgresql():
            with maintenance_cursor() as cursor:
                drop_database(cursor, name)
        else:
            for suffix in ("", "-wal", "-shm"):
                Path(name + suffix).unlink(missing_ok=True)


@pytest.fixture(scope="module")
def committed_db(template_db: str, django_db_blocker: Any) -> Iterator[CommittedDatabase]:
    """Real commits for all tests of a module, on a database of the module's own. Do not mix with `django_db`."""
    with django_db_blocker.unblock(), clone(template_db) as database:
        yield database


@pytest.fixture
def fresh_db(template_db: str, django_db_blocker: Any) -> Iterator[CommittedDatabase]:
    """Like `committed_db`, for one test alone: where the test spoils the database on purpose."""
    with django_db_blocker.unblock(), clone(template_db) as database:
        yield database


@pytest.fixture
def child_environment() -> dict[str, str]:
    """The environment of this run for child processes, which read config/settings.py and not the tests' copy."""
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
