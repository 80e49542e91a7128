"""A PostgreSQL server of a drill's own: made in a folder, on a free port of the loopback interface, killed at will."""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.plugins.servers import ROOT, free_port

DATABASE = "seatledger"
UNPRIVILEGED = ("postgres", "nobody")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "''",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "60",
}


def _binaries() -> Path:
    """Where initdb and pg_ctl are: asked of pg_config, else where Debian puts them, the newest version first."""
    asked = shutil.which("pg_config")
    told = subprocess.run([asked, "--bindir"], capture_output=True, text=True, check=True).stdout if asked else ""
    found = [Path(told.strip()), *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    usable = [folder for folder in found if (folder / "initdb").is_file()]
    assert usable, "initdb was not found; the drills need PostgreSQL's server programs (Debian: postgresql)"
    return usable[0]


def _account() -> pwd.struct_passwd | None:
    """Who runs the server: PostgreSQL refuses root, so a root that tests steps down; others stay who they are."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in UNPRIVILEGED if name in known)


@dataclass
class Cluster:
    """One server. `environment` is what a child process of the product needs to reach its database."""

    folder: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        where = f"127.0.0.1:{self.port}/{DATABASE}"
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": f"postgres://seatledger_app:app@{where}",
            "DATABASE_OWNER_URL": f"postgres://seatledger_owner:owner@{where}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": "postgres",
        }

    def start(self) -> None:
        """Returns when connections are accepted, which after a crash is after recovery."""
        settings = " ".join(f"-c {name}={value}" for name, value in {**SETTINGS, "port": self.port}.items())
        self._run("pg_ctl", "start", "-w", "-t", "60", "-l", str(self.folder / "log"), "-o", settings)

    def stop_immediately(self) -> None:
        """As a power cut would: no checkpoint, no goodbye to clients; the next start recovers from the log."""
        self._run("pg_ctl", "stop", "-m", "immediate", "-w", "-t", "60")

    def prepare(self) -> None:
        """Makes the cluster, starts it, and brings roles and schema to the state of an installation."""
        self.folder.mkdir()
        if account := _account():
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self._run("initdb", "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C")
        self.start()
        self.product("sh", "bin/postgresql-roles", DATABASE)
        self.manage("migrate", "--verbosity", "0")

    def manage(self, *arguments: str, given: str = "", allowed: Sequence[int] = (0,)) -> str:
        """What `manage.py …` printed on this cluster's database."""
        return self.product(sys.executable, "manage.py", *arguments, given=given, allowed=allowed)

    def product(self, *command: str, given: str = "", allowed: Sequence[int] = (0,)) -> str:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode not in allowed:
            raise AssertionError(f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def connection(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """As the superuser, who sees all organisations: for looking, after the fact."""
        return psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", dbname=DATABASE, autocommit=True)

    def _run(self, program: str, *arguments: str) -> None:
        account = _account()
        subprocess.run(
            [str(_binaries() / program), "--pgdata", str(self.folder / "data"), *arguments],
            cwd=self.folder,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=90,
        )


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A migrated cluster under `folder`, which the server's account can reach; stopped at the end in any case."""
    made = Cluster(folder / "postgresql", free_port())
    try:
        made.prepare()
        yield made
    finally:
        if (made.folder / "data" / "postmaster.pid").exists():
            made.stop_immediately()
