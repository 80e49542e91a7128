"""All columns that the vault seals, and the walk that seals them again under its newest key."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import audit.sealed
import identity.sealed
import licensing.sealed
from audit.operations import trail
from identity.models import Organization
from identity.operations.key_rotation import BATCH, reseal_global_rows, reseal_rows, stale_rows
from kernel.owned import OwnedRow
from kernel.principal import system
from kernel.scope import scope
from kernel.vault import SealedColumn

COLUMNS: tuple[SealedColumn, ...] = (*audit.sealed.COLUMNS, *identity.sealed.COLUMNS, *licensing.sealed.COLUMNS)


@dataclass(frozen=True)
class Place:
    """One column of one organisation, or of a table that belongs to none."""

    column: SealedColumn
    organization_id: UUID | None


def places() -> list[Place]:
    """Where sealed values rest, closed organisations included: their secrets must stay readable too."""
    organizations = list(Organization.objects.order_by("id").values_list("id", flat=True))
    owned = [column for column in COLUMNS if issubclass(column.model, OwnedRow)]
    return [
        *(Place(column, None) for column in COLUMNS if column not in owned),
        *(Place(column, organization_id) for organization_id in organizations for column in owned),
    ]


def stale(place: Place) -> list[UUID]:
    """The rows that are sealed under an older key."""
    if place.organization_id is None:
        return list(stale_rows(place.column))
    with scope(place.organization_id):
        return list(stale_rows(place.column))


def rotate(place: Place) -> Iterator[int]:
    """Seals the place's rows again, batch by batch, each in a transaction of its own; yields how many each had. Stopped
    and started again it goes on where it was, since what is done is found no more."""
    waiting = stale(place)
    for start in range(0, len(waiting), BATCH):
        keys = waiting[start : start + BATCH]
        if place.organization_id is None:
            yield reseal_global_rows(column=place.column, keys=keys)
            continue
        actor = system(place.organization_id, "key rotation")
        with trail(organization_id=place.organization_id, actor=actor) as opened:
            count = reseal_rows(column=place.column, keys=keys, trail=opened)
        yield count
