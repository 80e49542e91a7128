"""What `manage.py doctor` looks at: each check tells what it found, and the cure where something is to be mended."""

import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection

from audit.protection import missing_triggers
from config.database_roles import excess_of_app, excess_of_auditor, excess_of_backup, facts_of
from config.health import LATE, pending_migrations
from config.partition_checks import partition_states
from config.sealed_columns import Place, places, stale
from config.standard_schedules import missing_kinds
from identity.models import Account, Organization
from identity.queries.members import heads
from identity.rules.granting import head_role
from jobs.models import Heartbeat, OutboxMessage, OutboxState
from kernel.clock import SystemClock
from kernel.owned import OwnedRow
from kernel.scope import scope
from kernel.vault import VaultError, vault

LOOPBACK = frozenset({"", "localhost", "127.0.0.1", "::1"})
CREATE = "manage.py create_organization --kind {kind} --slug {slug} --name '{name}' --owner you@example.com"
ROLES = "docs/runbooks/database-roles.md"


class Level(IntEnum):
    """How bad it is; a script stops at ERROR."""

    OK = 0
    NOTE = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True)
class Finding:
    """One sentence on what was found, and what to do about it."""

    level: Level
    says: str
    cure: str = ""


Check = Callable[[], Iterator[Finding]]


def examine() -> Iterator[Finding]:
    """All findings, in the order in which they should be mended. Without a database or its tables nothing else can be
    asked."""
    yield from _transport()
    yield from _mode()
    ready = True
    for finding in _database():
        ready = ready and finding.level < Level.ERROR
        yield finding
    if not ready:
        return
    for check in READY_CHECKS:
        yield from check()


def _transport() -> Iterator[Finding]:
    host = urlsplit(settings.BASE_URL).hostname or ""
    if not settings.HTTPS:
        yield Finding(
            Level.NOTE if host in LOOPBACK else Level.ERROR,
            f"Pages are served without TLS at {settings.BASE_URL}: for this machine alone.",
            "Others reach it through a proxy with TLS: set SEATLEDGER_BASE_URL to the https address.",
        )
        return
    strict = {
        "SESSION_COOKIE_SECURE": settings.SESSION_COOKIE_SECURE,
        "CSRF_COOKIE_SECURE": settings.CSRF_COOKIE_SECURE,
        "SECURE_SSL_REDIRECT": settings.SECURE_SSL_REDIRECT,
        "SECURE_HSTS_SECONDS": bool(settings.SECURE_HSTS_SECONDS),
        "SESSION_COOKIE_NAME": settings.SESSION_COOKIE_NAME.startswith("__Host-"),
    }
    for name in (name for name, holds in strict.items() if not holds):
        yield Finding(Level.ERROR, f"{name} does not insist on TLS.", "Take the settings of this release unchanged.")
    if all(strict.values()):
        yield Finding(Level.OK, "TLS alone: __Host- cookies, redirects and HSTS.")
    if not settings.BEHIND_PROXY:
        yield Finding(
            Level.WARNING,
            "No proxy is declared in front, and the application itself does not speak TLS.",
            "Where a proxy ends TLS: SEATLEDGER_BEHIND_PROXY=on, and SEATLEDGER_TRUSTED_PROXIES says how many.",
        )


def _mode() -> Iterator[Finding]:
    if settings.DEBUG:
        yield Finding(Level.ERROR, "Debug pages show settings to visitors.", "Take SEATLEDGER_DEBUG away.")
    if settings.EMBEDDED:
        yield Finding(
            Level.WARNING,
            "SQLite: neither row-level security nor composite keys fence organisations; the filter of the application "
            "alone does. For evaluation and small single-company use.",
            "docs/runbooks/install-postgresql.md",
        )
        drawn = Path(settings.DATA_DIR) / "secrets.env"
        if drawn.exists() and drawn.stat().st_mode & 0o077:
            yield Finding(Level.ERROR, f"Others on this machine can read {drawn}.", f"chmod 600 {drawn}")
        return
    if not settings.REDIS_URL:
        yield Finding(Level.WARNING, "Each process keeps a cache and counters of its own.", "Set REDIS_URL.")
    if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        yield Finding(Level.WARNING, "E-mail goes to the log of the worker.", "Set SEATLEDGER_EMAIL_URL.")


def _database() -> Iterator[Finding]:
    try:
        pending = pending_migrations()
    except DatabaseError as error:
        yield Finding(Level.ERROR, f"The database does not answer: {error}".strip(), "Look at DATABASE_URL.")
        return
    if pending:
        yield Finding(Level.ERROR, f"{pending} migrations are pending.", "manage.py migrate")
        return
    yield Finding(Level.OK, "The database answers, and its tables are those of this release.")
    if triggers := missing_triggers():
        yield Finding(
            Level.ERROR, f"The ledger can be changed: {len(triggers)} triggers are gone.", "manage.py migrate"
        )


def _fences() -> Iterator[Finding]:
    """PostgreSQL: every table of organisations is fenced, and nobody listens on the way there."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        fenced = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        encrypted = bool(cursor.fetchone()[0])
    open_tables = sorted({model._meta.db_table for model in _owned_models()} - fenced)
    if open_tables:
        yield Finding(Level.ERROR, f"No fence round {', '.join(open_tables)}.", "manage.py migrate")
    else:
        yield Finding(Level.OK, f"{len(_owned_models())} tables are fenced by organisation.")
    if not encrypted and str(connection.settings_dict.get("HOST", "")) not in LOOPBACK:
        yield Finding(
            Level.ERROR, "The connection to the database is not encrypted.", "Add ?sslmode=verify-full to DATABASE_URL."
        )


def _roles() -> Iterator[Finding]:
    """PostgreSQL: no role has a right beyond its task."""
    if connection.vendor != "postgresql":
        return
    sound = []
    for role, excess in (
        (settings.APP_ROLE, excess_of_app),
        (settings.BACKUP_ROLE, excess_of_backup),
        (settings.AUDITOR_ROLE, excess_of_auditor),
    ):
        facts = facts_of(role)
        if facts is None:
            yield Finding(Level.NOTE, f"The server has no role {role}.", f"Where you want it: {ROLES}.")
            continue
        found = excess(facts)
        for more in found:
            yield Finding(Level.ERROR, f"The role {role} {more}.", f"Take that away: {ROLES}.")
        if not found:
            sound.append(role)
    yield from _backup_reads_all()
    if sound:
        yield Finding(Level.OK, f"No right beyond their task: {', '.join(sound)}.")


def _backup_reads_all() -> Iterator[Finding]:
    """A backup of a part is none, and pg_dump stops at a table that it may not read."""
    facts = facts_of(settings.BACKUP_ROLE)
    if facts is None or facts.superuser:
        return
    if not facts.above_policies:
        yield Finding(
            Level.WARNING,
            f"pg_dump stops at row-level security as {facts.name}.",
            f"ALTER ROLE {facts.name} BYPASSRLS",
        )
    if missing := sorted(set(connection.introspection.table_names()) - {table for table, _column in facts.reads}):
        yield Finding(Level.WARNING, f"{facts.name} cannot read {', '.join(missing)}.", "manage.py migrate")


def _owned_models() -> list[type[OwnedRow]]:
    return [model for model in apps.get_models() if issubclass(model, OwnedRow)]


def _partitions() -> Iterator[Finding]:
    """PostgreSQL: months to come have their partition, and nothing lies where no month takes it."""
    for state in partition_states(today=SystemClock().now().date()):
        if state.missing:
            yield Finding(
                Level.WARNING,
                f"{state.table} has no partition for {', '.join(state.missing)}.",
                "The sweep makes them each minute: look at worker and scheduler.",
            )
        if state.astray:
            yield Finding(
                Level.WARNING,
                f"{state.table}_default holds {state.astray:,} rows whose month has no partition.",
                "They are read as all others, but keep their month from being made: move them out, then run the sweep.",
            )
        if state.early:
            yield Finding(
                Level.NOTE,
                f"{state.table}_default holds {state.early:,} late rows from before the first partition.",
            )


def _organizations() -> Iterator[Finding]:
    kinds = set(Organization.objects.filter(closed_at=None).values_list("kind", flat=True))
    if "platform" not in kinds:
        yield Finding(
            Level.WARNING if kinds else Level.ERROR,
            "There is no platform organisation: refused sign-ins are recorded nowhere.",
            CREATE.format(kind="platform", slug="platform", name="Our installation"),
        )
    if not kinds - {"platform"}:
        yield Finding(
            Level.ERROR,
            "There is no organisation that could work here.",
            CREATE.format(kind="buyer", slug="our-company", name="Our Company"),
        )
    for organization in Organization.objects.filter(closed_at=None).order_by("slug"):
        yield from _house(organization)


def _house(organization: Organization) -> Iterator[Finding]:
    """Who answers for the organisation can sign in, and with a second factor; the usual work is scheduled."""
    with scope(organization.id):
        owners = list(heads(head_role(organization.kind)).values_list("account_id", flat=True))
        missing = missing_kinds(organization)
    if not owners:
        yield Finding(
            Level.WARNING,
            f"{organization.slug}: nobody may sign in as its owner.",
            f"manage.py add_owner --organization {organization.slug} --owner you@example.com --reason '…'",
        )
    without = Account.objects.filter(id__in=owners).exclude(second_factor__confirmed_at__isnull=False).count()
    if without:
        yield Finding(Level.NOTE, f"{organization.slug}: {without} owners enrol a second factor at the next sign-in.")
    if missing:
        yield Finding(
            Level.WARNING,
            f"{organization.slug} lacks schedules that a new organisation has: {', '.join(missing)}.",
            "manage.py furnish_organizations",
        )


def _secrets() -> Iterator[Finding]:
    """Every kind of sealed value opens with the keyring, and all rest under its newest key."""
    left = 0
    for place in places():
        try:
            left += len(stale(place))
            _open_one(place)
        except VaultError as error:
            yield Finding(
                Level.ERROR,
                f"{place.column.name}: {error}.",
                "Put the key that sealed it back into SEATLEDGER_VAULT_KEYS.",
            )
            return
    if left:
        yield Finding(Level.WARNING, f"{left:,} secrets rest under an older key.", "manage.py rotate_keys")
    else:
        yield Finding(Level.OK, f"Stored secrets rest under key {vault().newest}.")


def _open_one(place: Place) -> None:
    """Opens one value, as a sample. Raises VaultError."""
    column = place.column
    with scope(place.organization_id) if place.organization_id is not None else nullcontext():
        row = column.model._default_manager.filter(**column.only).order_by("-pk").first()
    if row is not None:
        vault().decrypt(column.token(getattr(row, column.field)), aad=column.place(row))


def _workers() -> Iterator[Finding]:
    cure = "Start worker and scheduler: make run, or docs/runbooks/install-postgresql.md."
    beat = Heartbeat.objects.filter(name="scheduler").first()
    if beat is None:
        yield Finding(Level.WARNING, "The scheduler was never seen.", cure)
    elif SystemClock().now() - beat.at > LATE:
        yield Finding(Level.WARNING, f"The scheduler was last seen on {beat.at:%Y-%m-%d at %H:%M} UTC.", cure)
    else:
        yield Finding(Level.OK, "Worker and scheduler are alive.")
    for organization in Organization.objects.filter(closed_at=None).order_by("slug"):
        with scope(organization.id):
            dead = OutboxMessage.objects.filter(state=OutboxState.DEAD).count()
        if dead:
            yield Finding(
                Level.WARNING,
                f"{organization.slug}: {dead} messages were given up.",
                "Records, outbox messages: mend the reason shown there and send them again.",
            )


def _folders() -> Iterator[Finding]:
    for name, folder in (
        ("SEATLEDGER_DATA_DIR", settings.DATA_DIR),
        ("SEATLEDGER_CHECKPOINT_DIR", settings.CHECKPOINT_DIR),
    ):
        present = next(path for path in (Path(folder), *Path(folder).parents) if path.exists())
        if not os.access(present, os.W_OK):
            yield Finding(Level.ERROR, f"{folder} cannot be written.", f"Change its owner, or set {name}.")


READY_CHECKS: tuple[Check, ...] = (_fences, _partitions, _roles, _organizations, _secrets, _workers, _folders)
