"""What a licence carries beside its own row and its type's: add-ons, bundled components, what is used of its quotas.

Read with each validation: the number of statements is the same for every licence, and for none.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from licensing.grants import grants_from
from licensing.models import AddOn, License
from licensing.rules.allowances import Quota
from licensing.rules.facts import FeatureGrant
from licensing.rules.terms import Period, overlap

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
    grants = tuple(_add_on_grants(row.id if row else NOBODY))
    return Carried(grants=grants)


def _add_on_grants(license_id: UUID) -> list[FeatureGrant]:
    rows = AddOn.objects.filter(license_id=license_id, removed_at__isnull=True).order_by("created_at", "id")
    return [
        FeatureGrant(grant.code, within, grant.value)
        for row in rows
        for grant in grants_from(row.features)
        if (within := overlap(grant.period, Period(row.starts_at, row.ends_at))) is not None
    ]
