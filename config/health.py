"""Liveness and readiness, each check by name."""

from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from audit.protection import missing_triggers
from jobs.models import Heartbeat
from kernel.clock import SystemClock

LATE = timedelta(minutes=2)


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; asks nothing else."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when requests can be served. A late scheduler is shown and does not make the site unready: validation and
    leases work without workers."""
    checks = {name: _passed(check) for name, check in CHECKS.items()}
    ready = all(checks.values())
    return JsonResponse(
        {"ready": ready, "checks": checks, "scheduler": _scheduler() if checks["database"] else "unknown"},
        status=200 if ready else 503,
    )


def _passed(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except DatabaseError:
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone()[0] == 1)


def pending_migrations() -> int:
    """How many migrations of this version the database has not seen."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _migrated() -> bool:
    return not pending_migrations()


def _protected() -> bool:
    return not missing_triggers()


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "migrations": _migrated,
    "ledger_protection": _protected,
}


def _scheduler() -> str:
    row = Heartbeat.objects.filter(name="scheduler").first()
    if row is None:
        return "never seen"
    return "late" if SystemClock().now() - row.at > LATE else "alive"
