"""Sealing stored secrets again under the newest key of the vault, in small batches."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import transaction

from identity.models import Organization
from kernel.trail import Trail
from kernel.vault import SealedColumn, vault, version_of

BATCH = 200


def stale_rows(column: SealedColumn) -> Iterator[UUID]:
    """Primary keys of rows that are sealed under an older key, in the open scope or in a global table, in order."""
    rows = column.model._default_manager.filter(**column.only).order_by("pk").values_list("pk", column.field)
    newest = vault().newest
    return (key for key, value in rows.iterator(chunk_size=BATCH) if version_of(column.token(value)) != newest)


def reseal_rows(*, column: SealedColumn, keys: list[UUID], trail: Trail) -> int:
    """Seals these rows of the trail's organisation again and records how many. Raises VaultError when one does not
    open, and then none of the batch is changed."""
    changed = _reseal(column, keys)
    if changed:
        organization = Organization.objects.get(pk=trail.organization_id)
        trail.record(
            "vault.resealed",
            subject=organization,
            details={"column": column.name, "count": changed, "key_version": vault().newest},
        )
    return changed


def reseal_global_rows(*, column: SealedColumn, keys: list[UUID]) -> int:
    """The same for a table that belongs to no organisation, and hence to no ledger."""
    with transaction.atomic():
        return _reseal(column, keys)


def _reseal(column: SealedColumn, keys: list[UUID]) -> int:
    rows: Any = column.model._default_manager.filter(**column.only, pk__in=keys).order_by("pk")
    changed = 0
    for row in rows.select_for_update(no_key=True):
        value = getattr(row, column.field)
        token = column.token(value)
        if version_of(token) == vault().newest:
            continue
        setattr(row, column.field, column.holding(value, vault().reseal(token, aad=column.place(row))))
        row.save(update_fields=[column.field])
        changed += 1
    return changed
