"""What reservations and eligibility say about those who ask: read once for all of them, after the locks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from identity.models import Person
from seats.models import SeatPool
from seats.operations.holders import HolderKey, Holders, SeatRequest
from seats.queries.shares import drawn_by, eligible_of, promises_of
from seats.rules.shares import Promise

NOBODY: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Standing:
    """`person_of`: the person behind a holder (a device's person, too), `draws`: the reservations that a person draws,
    `eligible`: by pool, who may use it; a pool that is open to everybody is left out."""

    promises: Mapping[UUID, tuple[Promise, ...]] = field(default_factory=dict)
    person_of: Mapping[HolderKey, UUID] = field(default_factory=dict)
    draws: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)
    eligible: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)

    def drawn_by(self, holder: HolderKey) -> frozenset[UUID]:
        person = self.person_of.get(holder)
        return NOBODY if person is None else self.draws.get(person, NOBODY)

    def may_use(self, pool: SeatPool, holder: HolderKey) -> bool:
        return not pool.restricted or self.person_of.get(holder) in self.eligible.get(pool.id, NOBODY)


def standing_of(pools: Sequence[SeatPool], requests: Iterable[SeatRequest], holders: Holders) -> Standing:
    """Asks nothing where no pool is restricted and none has reservations."""
    if not any(pool.reserved or pool.restricted for pool in pools):
        return Standing()
    person_of = _people_behind(requests, holders)
    known = set(person_of.values())
    promises = promises_of(pools)
    return Standing(
        promises=promises,
        person_of=person_of,
        draws=drawn_by(promises, _units_of(known, holders)) if promises and known else {},
        eligible={pool.id: eligible_of(pool.id, known) for pool in pools if pool.restricted},
    )


def _people_behind(requests: Iterable[SeatRequest], holders: Holders) -> dict[HolderKey, UUID]:
    found: dict[HolderKey, UUID] = {}
    for wanted in requests:
        if wanted.person is not None:
            found[wanted.key] = wanted.person.id
        elif wanted.device is not None and wanted.device.id in holders.devices:
            owner = holders.devices[wanted.device.id].person_id
            if owner is not None:
                found[wanted.key] = owner
    return found


def _units_of(people: set[UUID], holders: Holders) -> dict[UUID, UUID | None]:
    units = {person_id: row.org_unit_id for person_id, row in holders.people.items()}
    others = people - set(units)
    if others:
        units.update(Person.objects.filter(id__in=others).values_list("id", "org_unit_id"))
    return units
