"""One validation is written down, as durably as the installation asks for.

async_commit: in one statement before the answer goes out, which does not wait for the disk: a crash of the database
server may lose the last fraction of a second. sync: the same, and waits. buffered: in memory, written every 200 ms; a
crash of the process loses those. Telemetry alone: what decides about licences is always durable.
"""

from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection

from kernel import scope
from kernel.database import is_postgresql
from kernel.ids import new_id
from licensing.models import ValidationEvent
from licensing.validations.observation import Observation
from licensing.validations.operations.buffer import Buffer

COLUMNS = {
    "id": "uuid",
    "organization_id": "uuid",
    "at": "timestamptz",
    "license_id": "uuid",
    "key_digest": "bytea",
    "code": "text",
    "refusal": "text",
    "features": "jsonb",
    "version": "text",
    "user": "text",
    "device": "text",
    "client_at": "timestamptz",
    "domain": "text",
    "country": "varchar",
    "network": "text",
    "sdk": "text",
    "origin": "text",
}
_NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
_VALUES = ", ".join(f"%s::{kind}" for kind in COLUMNS.values())
_SETTINGS = "set_config('sl.org', %s, true) AS org, set_config('sl.parties', 'all', true) AS parties"
_INSERT = (
    f"WITH setting AS MATERIALIZED (SELECT {_SETTINGS}{{more}}) INSERT INTO licensing_validation_event ({_NAMES}) "  # noqa: S608  # constants
    f"SELECT {_VALUES} FROM setting WHERE org IS NOT NULL"
)
DURABLE = _INSERT.format(more="")
# Within the statement that inserts: it is its own transaction, and no other waits less for its disk.
SOON_DURABLE = _INSERT.format(more=", set_config('synchronous_commit', 'off', true) AS commit")


def keep(organization_id: UUID, seen: Observation) -> None:
    """Writes it down in the book of this organisation, or into this process's buffer. Opens its own scope where none
    is open; inside a trail it is written with that."""
    if settings.USAGE_DURABILITY == "buffered":
        BUFFER.put(organization_id, seen)
    elif is_postgresql() and not connection.in_atomic_block:
        statement = DURABLE if settings.USAGE_DURABILITY == "sync" else SOON_DURABLE
        with connection.cursor() as cursor:
            cursor.execute(statement, [str(organization_id), *_row(organization_id, seen)])
    else:
        _store(organization_id, [seen])


def _store(organization_id: UUID, seen: Iterable[Observation]) -> None:
    with nullcontext() if scope.is_open() else scope.scope(organization_id):
        ValidationEvent.objects.bulk_create(
            ValidationEvent(
                organization_id=organization_id,
                at=one.at,
                license_id=one.license_id,
                key_digest=one.key_digest,
                code=one.code,
                refusal=one.refusal,
                features=list(one.features),
                version=one.version,
                user=one.user,
                device=one.device,
                client_at=one.client_at,
                domain=one.domain,
                country=one.country,
                network=one.network,
                sdk=one.sdk,
                origin=one.origin,
            )
            for one in seen
        )


def _row(organization_id: UUID, one: Observation) -> list[Any]:
    return [
        new_id(),
        organization_id,
        one.at,
        one.license_id,
        one.key_digest,
        one.code,
        one.refusal,
        orjson.dumps(one.features).decode(),
        one.version,
        one.user,
        one.device,
        one.client_at,
        one.domain,
        one.country,
        one.network,
        one.sdk,
        one.origin,
    ]


BUFFER = Buffer(_store)
