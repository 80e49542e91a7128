"""The nightly recount of rights: what each says that it handed on, against the licences and sublicences themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from kernel.trail import Trail
from licensing.models import Entitlement, EntitlementState, License
from licensing.rules.facts import LicenseStatus


@dataclass(frozen=True)
class RightsMismatch:
    """A right whose `issued` or `sublicensed` was not the sum of what was handed on. `repaired` false: the true sums
    are beyond the right, so the figures stay until licences or sublicences are revoked."""

    entitlement_id: UUID
    issued: tuple[int, int]
    sublicensed: tuple[int, int]
    repaired: bool


def recount_rights(*, trail: Trail) -> list[RightsMismatch]:
    """Repairs each right whose counters are wrong, with its ledger entry; nothing differs: nothing is written.

    Only rights that differ are locked, and counted once more under the lock.
    """
    differing = Q(licenses_counted=F("issued")) & Q(parts_counted=F("sublicensed"))
    suspected = list(_counted().exclude(differing).values_list("id", flat=True))
    if not suspected:
        return []
    _lock(suspected)
    rows = _counted().filter(id__in=suspected).exclude(differing).order_by("id")
    return [_repair(row, row.licenses_counted, row.parts_counted, trail) for row in rows]


def _lock(keys: Sequence[UUID]) -> None:
    """In a statement of its own, so that the sums are read after the lock was given."""
    rows = Entitlement.objects.filter(id__in=keys).order_by("id")
    list(rows.select_for_update(no_key=True, of=("self",)).values_list("id"))


def _counted() -> QuerySet[Any]:
    """Rights with the units of their licences that are not revoked, and the rights of their sublicences likewise. Of an
    unlimited right nothing is used up, and no sublicence is counted."""
    licenses = License.objects.filter(entitlement=OuterRef("pk")).exclude(status=LicenseStatus.REVOKED.value)
    parts = Entitlement.objects.filter(parent=OuterRef("pk"), parent__unlimited=False)
    parts = parts.exclude(state=EntitlementState.REVOKED)
    return Entitlement.objects.annotate(
        licenses_counted=_sum(licenses, "entitlement", Sum("quantity")),
        parts_counted=_sum(parts, "parent", Sum(F("quantity") * F("rights_per_unit"))),
    )


def _sum(rows: QuerySet[License] | QuerySet[Entitlement], by: str, total: Sum) -> Coalesce:
    summed = rows.order_by().values(by).annotate(total=total).values("total")
    return Coalesce(Subquery(summed), Value(0), output_field=IntegerField())


def _repair(row: Entitlement, issued: int, sublicensed: int, trail: Trail) -> RightsMismatch:
    found = RightsMismatch(
        row.id, (row.issued, issued), (row.sublicensed, sublicensed), _fits(row, issued, sublicensed)
    )
    if found.repaired:
        row.issued, row.sublicensed = issued, sublicensed
        row.save(update_fields=["issued", "sublicensed"])
    trail.record(
        "entitlement.recounted",
        subject=row,
        details={
            "number": row.number,
            "issued": list(found.issued),
            "sublicensed": list(found.sublicensed),
            "repaired": found.repaired,
        },
    )
    return found


def _fits(row: Entitlement, issued: int, sublicensed: int) -> bool:
    """Whether the database would take these figures."""
    if row.rights is None:
        return True
    return sublicensed <= row.rights and issued <= row.rights + row.overdraft - sublicensed
