"""Every kept release migrates to the present version with its data, its fences and its ledger whole."""

import gzip
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg import sql

HERE = Path(__file__).parent
RELEASES = sorted(path.name.removesuffix(".sql.gz") for path in HERE.glob("*.sql.gz"))

pytestmark = pytest.mark.postgres


@pytest.fixture(params=RELEASES)
def restored(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The environment of a database that holds the release as it was kept."""
    name = f"upgrade_{uuid.uuid4().hex[:10]}"
    where = connection.settings_dict
    address = f"host={where['HOST']} port={where['PORT'] or 5432} user=postgres"
    with psycopg.connect(f"{address} dbname=postgres", autocommit=True) as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(settings.OWNER_ROLE))
        )
    script = gzip.decompress((HERE / f"{request.param}.sql.gz").read_bytes())
    subprocess.run(
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", f"{address} dbname={name}"],
        input=script,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    host = f"{where['HOST']}:{where['PORT'] or 5432}/{name}"
    yield {
        **os.environ,
        "DATABASE_URL": f"postgres://{where['USER']}:{where['PASSWORD']}@{host}",
        "DATABASE_OWNER_URL": f"postgres://{settings.OWNER_ROLE}:{settings.OWNER_PASSWORD}@{host}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    with psycopg.connect(f"{address} dbname=postgres", autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def manage(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    root = HERE.parent.parent
    return subprocess.run(
        [sys.executable, "manage.py", *command], cwd=root, env=environment, capture_output=True, text=True, check=False
    )


def test_a_kept_release_migrates_and_its_ledger_verifies(restored: dict[str, str]) -> None:
    """After `migrate` nothing is left to migrate, and the buyer's ledger of the old release still verifies."""
    migrated = manage(restored, "migrate", "--verbosity", "0")
    assert migrated.returncode == 0, migrated.stderr
    assert manage(restored, "migrate", "--check").returncode == 0
    verified = manage(restored, "audit_verify", "--organization", "halden")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    scanned = manage(restored, "scan", "--organization", "halden")
    assert "Tessel Maps" in scanned.stdout, scanned.stdout + scanned.stderr


def test_a_release_was_kept() -> None:
    """The first release stands here: without a kept one the test above would prove nothing."""
    assert "v0.1" in RELEASES
