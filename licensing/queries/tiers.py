"""Licence types beside each other."""

from datetime import datetime

from licensing.grants import grants_from
from licensing.models import LicenseType
from licensing.queries.features import definitions_of
from licensing.rules.carried import carried_at
from licensing.rules.rights_diff import Rights, RightsChange, rights_diff


def compare_types(*, before: LicenseType, after: LicenseType, at: datetime) -> tuple[RightsChange, ...]:
    """What a customer gains and loses by going from one type or version to another, with what each grants at `at`."""
    first, second = rights_of(before, at=at), rights_of(after, at=at)
    known = definitions_of(product_ids=[after.product_id, before.product_id], codes=[*first.features, *second.features])
    return rights_diff(first, second, choices={code: one.choices for code, one in known.items()})


def rights_of(row: LicenseType, *, at: datetime) -> Rights:
    """What a licence of this version grants at `at`, without conditions of its own."""
    return Rights(
        features=carried_at(grants_from(row.features), at),
        limits=row.limits,
        territories=places(row.territories),
        domains=places(row.domains),
        departments=places(row.departments),
        versions=row.version_range,
        model=row.model,
        months=row.duration_months,
        days=row.duration_days,
        grace_days=row.grace_days,
        expiry_strategy=row.expiry_strategy,
    )


def places(values: list[str] | None) -> frozenset[str] | None:
    """A limit of place as it is compared; None is everywhere."""
    return None if values is None else frozenset(values)
