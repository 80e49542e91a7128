"""A database of the benchmark's own: made and migrated by the owner, used by the app, dropped at the end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connections

SUFFIX = "_bench"
PRIVATE = {
    "SEATLEDGER_SECRET_KEY": "a-key-for-benchmarks-only-of-more-than-fifty-characters-0123456789",
    "SEATLEDGER_VAULT_KEYS": "1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "SEATLEDGER_KEY_PEPPERS": "1:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=",
}


def _renamed(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path + SUFFIX))


def _server(url: str) -> str:
    """The same server and account, on its maintenance database."""
    return urlunsplit(urlsplit(url)._replace(scheme="postgresql", path="/postgres"))


@contextmanager
def own_database(folder: str) -> Iterator[None]:
    """Points DATABASE_URL and DATABASE_OWNER_URL at a fresh database; call it before Django is set up."""
    owner = _renamed(os.environ["DATABASE_OWNER_URL"])
    name = urlsplit(owner).path[1:]
    os.environ.update(
        {
            "DATABASE_URL": _renamed(os.environ["DATABASE_URL"]),
            "DATABASE_OWNER_URL": owner,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SEATLEDGER_DATA_DIR": folder,
            "SEATLEDGER_LOG_LEVEL": "WARNING",
            **{key: os.environ.get(key, value) for key, value in PRIVATE.items()},
        }
    )
    with psycopg.connect(_server(owner), autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')
    try:
        yield
    finally:
        connections.close_all()
        with psycopg.connect(_server(owner), autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}"')
