"""What a licence carries beside its own row and its type's: add-ons, bundled components, what is used of its quotas.

Read with each validation: the number of statements is the same for every licence, and for none.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from uuid import UUID

from licensing.grants import grants_from
from licensing.models import AddOn, License
from licensing.queries.bundles import components_of
from licensing.rules.allowances import Quota
from licensing.rules.carried import quotas_at
from licensing.rules.facts import FeatureGrant
from licensing.rules.quota_periods import period_at
from licensing.rules.terms import Period, overlap
from licensing.usage.queries import used_in

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Grants of add-ons within the add-ons' own time, identifiers of components, and quotas with their use."""

    grants: tuple[FeatureGrant, ...] = ()
    components: frozenset[str] = frozenset()
    quotas: tuple[Quota, ...] = ()


NOTHING_MORE = Carried()


def carried_by(row: License | None, *, at: datetime) -> Carried:
    """Of a licence read with its type and product, at this moment. None: the same statements about nobody."""
    if row is not None:
        carried = carried_by_each([row], at=at)[row.id]
        return replace(carried, quotas=_quotas(row, carried.grants, at))
    _add_on_grants([NOBODY])
    components_of([NOBODY])
    used_in(license_id=NOBODY, periods={})
    return NOTHING_MORE


def carried_by_each(rows: Collection[License], *, at: datetime) -> dict[UUID, Carried]:
    """The same for many licences, by their ids, in a constant number of statements, without quotas."""
    grants = _add_on_grants([row.id for row in rows])
    parts = components_of({row.product_id for row in rows})
    return {
        row.id: Carried(
            grants=tuple(grants[row.id]),
            components=frozenset(name for one in parts[row.product_id] for name in (str(one[0]), one[1]) if name),
        )
        for row in rows
    }


def _quotas(row: License, added: tuple[FeatureGrant, ...], at: datetime) -> tuple[Quota, ...]:
    """Each quota that holds, with what was consumed of it in the period that runs; a part of a unit counts whole."""
    terms = quotas_at([*grants_from(row.license_type.features), *grants_from(row.features), *added], at)
    start = row.valid_from or row.created_at
    periods = {code: period_at(kind=one.period, start=start, at=at) for code, one in terms.items()}
    used = used_in(license_id=row.id, periods=periods)
    return tuple(
        Quota(
            code=code,
            limit=one.limit,
            used=ceil(used[code]),
            resets_at=periods[code].end,
            overage=one.overage,
            near_percent=one.near_percent,
        )
        for code, one in terms.items()
    )


def _add_on_grants(license_ids: Collection[UUID]) -> dict[UUID, list[FeatureGrant]]:
    rows = AddOn.objects.filter(license_id__in=license_ids, removed_at__isnull=True).order_by("created_at", "id")
    found: dict[UUID, list[FeatureGrant]] = defaultdict(list)
    for row in rows:
        attached = Period(row.starts_at, row.ends_at)
        for grant in grants_from(row.features):
            within = overlap(grant.period, attached)
            if within is not None:
                found[row.license_id].append(FeatureGrant(grant.code, within, grant.value))
    return found
