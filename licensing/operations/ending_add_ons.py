"""What takes add-ons away: somebody's decision about one, and the end of their licence."""

from uuid import UUID

from kernel.trail import Personal, Trail
from licensing.models import AddOn, License


def live_add_ons(*, license_id: UUID) -> list[AddOn]:
    """Those that nobody removed, also the ones that have not begun or have ended, oldest first."""
    return list(AddOn.objects.filter(license_id=license_id, removed_at__isnull=True).order_by("created_at", "id"))


def end_add_ons(*, license: License, reason: str, trail: Trail) -> None:
    """Takes all modules away from a licence that ends for good, in the same transaction; the licence is locked."""
    for row in live_add_ons(license_id=license.id):
        take_away(row=row, license=license, reason=reason, trail=trail)


def take_away(*, row: AddOn, license: License, reason: str, trail: Trail) -> None:
    """Marks a live add-on as removed, with its ledger entry; the licence is locked."""
    row.removed_at, row.removed_by, row.removed_reason = trail.clock.now(), str(trail.actor.pseudonym), reason
    row.save(update_fields=["removed_at", "removed_by", "removed_reason"])
    trail.record(
        "add_on.removed",
        subject=row,
        details={"license": str(license.id), "number": license.number, "name": row.name},
        personal={"reason": Personal(trail.actor.pseudonym, reason)},
    )
