"""`manage.py launch`: everything that one machine needs, from an empty folder to a page that answers.

`make run` calls it. It serves the embedded mode as well as a PostgreSQL installation on one machine; larger ones run
gunicorn, the worker and the scheduler as services of their own (docs/runbooks/install-postgresql.md).
"""

import hashlib
import json
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any, TypedDict
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.checks import Tags
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from gunicorn.app.wsgiapp import WSGIApplication
from rich.console import Console
from rich.table import Table

from config import processes
from config.celery import app as celery
from config.health import pending_migrations
from config.processes import Child
from identity.models import Organization
from jobs.models import Heartbeat
from jobs.operations.scheduler import tick_at_once

GRACE_SECONDS = 10.0
READY_SECONDS = 90.0
POLL_SECONDS = 0.1


class Stopped(Exception):
    """Someone asked the launcher to stop."""


class Command(BaseCommand):
    help = "Migrates, seeds the demo organisations where there are none, and runs web server, worker and scheduler."
    # What an installation can have wrong. Checks of addresses and admin pages find mistakes of the program alone, which
    # its own tests look for, and would load every page a second time.
    requires_system_checks = (Tags.caches, Tags.compatibility, Tags.database, Tags.files, Tags.models, Tags.security)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="start with an empty database")
        parser.add_argument("--exit-when-ready", action="store_true", help="stop again as soon as everything is up")

    def handle(self, *args: Any, **options: Any) -> None:
        console = Console()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _raise_stopped)
        children: list[Child] = []
        try:
            began = time.monotonic()
            _refuse_taken_port()
            _prepare(console, demo=not options["no_demo"])
            last_beat = _last_beat()
            children = _start_all()
            _wait_until_up(children, last_beat=last_beat)
            _greet(console, seconds=time.monotonic() - began)
            if not options["exit_when_ready"]:
                _watch(children)
        except Stopped:
            console.print("\nStopping web server, worker and scheduler …")
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            processes.stop(children, grace_seconds=GRACE_SECONDS)
            if children:
                console.print(f"Stopped. Data stays in {settings.DATA_DIR}", highlight=False)


def _raise_stopped(number: int, frame: FrameType | None) -> None:
    raise Stopped


def _listening_address() -> tuple[str, int]:
    parts = urlsplit(settings.BASE_URL)
    return "127.0.0.1", parts.port or 8000


def _refuse_taken_port() -> None:
    host, port = _listening_address()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} on {host} is taken: another Seatledger is running, or another program. "
                f"Stop it, or start here: SEATLEDGER_BASE_URL=http://127.0.0.1:{port + 1} make run"
            ) from error


def _prepare(console: Console, *, demo: bool) -> None:
    console.print("Database …")
    # Asking costs a second, `migrate` with nothing to do several.
    if pending_migrations():
        call_command("migrate", interactive=False, verbosity=0)
    if not _static_files_current():
        console.print("Static files …")
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        _stamp().write_text(_static_fingerprint(), encoding="utf-8")
    if demo and not Organization.objects.exists():
        console.print("Demo organisations …")
        call_command("demo")
    tick_at_once()
    # The children open connections of their own.
    connections.close_all()


def _stamp() -> Path:
    return Path(settings.STATIC_ROOT) / ".fingerprint"


def _static_fingerprint() -> str:
    """Changes when a static file is added, removed or edited, in our folders or in an upgraded package."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            file = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{file.st_size}\0{file.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _static_files_current() -> bool:
    return _stamp().is_file() and _stamp().read_text(encoding="utf-8") == _static_fingerprint()


def _start_all() -> list[Child]:
    logs = Path(settings.DATA_DIR) / "log"
    return [
        processes.start("web server", _serve, log=logs / "web.log"),
        processes.start("worker and scheduler", _work, log=logs / "worker.log"),
    ]


def _serve() -> None:
    """Gunicorn, as its own command would run it; returns never."""
    host, port = _listening_address()
    sys.argv = [
        *("gunicorn", "config.wsgi:application", "--bind", f"{host}:{port}"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
        *("--preload", "--graceful-timeout", "8", "--no-control-socket"),
    ]
    WSGIApplication().run()


def _work() -> None:
    """One process for worker and scheduler; the periods are claimed by a unique row, so a second one would do no
    harm."""
    celery.worker_main(
        [
            # The launcher has run the checks, and those of addresses would load every page, which a worker need not.
            "--skip-checks",
            *("worker", "-B", "-P", "prefork", "-c", "2"),
            *("-Q", "celery,pdf", "--without-gossip", "--without-mingle", "--loglevel", "INFO"),
        ]
    )


def _refuse_ended(children: list[Child]) -> None:
    if child := processes.first_ended(children):
        raise CommandError(
            f"The {child.name} ended with code {child.process.exitcode}. Its last lines ({child.log}):\n{child.tail()}"
        )


def _readiness() -> tuple[bool, str]:
    """Whether /readyz answers 200, and its words."""
    try:
        with urllib.request.urlopen(f"{settings.BASE_URL}/readyz", timeout=5) as answer:  # noqa: S310  # our own address
            return answer.status == 200, ""
    except urllib.error.HTTPError as error:
        return False, error.read(2000).decode(errors="replace")
    except OSError as error:
        return False, str(error)


def _last_beat() -> datetime | None:
    """When the worker last carried out the scheduler's tick."""
    row = Heartbeat.objects.filter(name="scheduler").first()
    connections.close_all()
    return row.at if row else None


def _wait_until_up(children: list[Child], *, last_beat: datetime | None) -> None:
    """Returns when the site is ready, and the scheduler has ticked and the worker carried that out since the start.

    Raises CommandError with what is missing after READY_SECONDS.
    """
    until = time.monotonic() + READY_SECONDS
    words = ""
    while time.monotonic() < until:
        _refuse_ended(children)
        ready, words = _readiness()
        if ready and _last_beat() != last_beat:
            return
        time.sleep(POLL_SECONDS)
    raise CommandError(f"Not up after {READY_SECONDS:.0f} seconds: {words or 'the scheduler has not ticked'}")


def _watch(children: list[Child]) -> None:
    """Returns only by an exception: Stopped, or CommandError when a child ends by itself."""
    while True:
        _refuse_ended(children)
        time.sleep(POLL_SECONDS)


ADDRESSES = (
    ("Pages", "/"),
    ("Records", "/admin/"),
    ("REST, with examples", "/api/v1/docs/"),
)


def _greet(console: Console, *, seconds: float) -> None:
    console.print(f"\nSeatledger is up after {seconds:.0f} seconds.\n", highlight=False)
    addresses = Table.grid(padding=(0, 3))
    for name, path in ADDRESSES:
        addresses.add_row(name, f"{settings.BASE_URL}{path}")
    console.print(addresses)
    if rows := _sign_ins():
        console.print()
        console.print(_sign_in_table(rows))
        console.print("Owners and the operator set up a second factor at their first sign-in: have a phone at hand.")
        console.print(
            "A token for a directory service (SCIM): Organisation → Provisioning, or on the command line\n"
            '  manage.py scim_token --organization halden --name "My directory"',
            highlight=False,
        )
    console.print(f"\nLogs: {Path(settings.DATA_DIR) / 'log'} · Ctrl-C stops everything.\n", highlight=False)


class SignIn(TypedDict):
    """One account of the demo organisations, as `manage.py demo` writes it to demo-sign-ins.json."""

    organization: str
    role: str
    email: str
    password: str


def _sign_ins() -> list[SignIn]:
    """The demo's accounts; none where the demo was not seeded here."""
    path = Path(settings.DATA_DIR) / "demo-sign-ins.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def _sign_in_table(rows: list[SignIn]) -> Table:
    # Eighty columns, the width of an ordinary terminal, show each address whole.
    table = Table("Organisation", "Role", "Sign in as", "Password", box=None, header_style="bold", padding=(0, 1, 0, 0))
    for row in rows:
        table.add_row(row["organization"], row["role"], row["email"], row["password"])
    return table
