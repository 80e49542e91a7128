"""A newer version of a licence type is applied to licences that were issued under older ones."""

from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import Conflict
from kernel.trail import Trail
from licensing.models import License, LicenseType
from licensing.operations.license_steps import locked_license, record_step, stated
from licensing.operations.license_types import LicenseTypeSuperseded
from licensing.queries.type_changes import change_of, grace_under, licenses_behind


class PreviewOutdated(Conflict):
    """Other licences would change than those that were shown; look at the preview again."""

    code = "LICENSE_TYPE_PREVIEW_OUTDATED"


class TypeModelDiffers(Conflict):
    """The newer version is sold by another model; licences cannot be carried over."""

    code = "LICENSE_TYPE_MODEL_DIFFERS"


def apply_type_version(*, type_id: UUID, confirmed: int, reason: str, trail: Trail) -> list[License]:
    """Carries the licences of older versions over to this one, at most 500 at a time, with one entry for each.

    `confirmed` is how many the preview showed. Terms stay; the grace becomes that of the version. Raises
    LicenseReasonRequired, LicenseTypeSuperseded, PreviewOutdated and TypeModelDiffers.
    """
    reason = stated(reason)
    kind = LicenseType.objects.select_for_update(no_key=True, of=("self",)).get(id=type_id)
    if kind.superseded_at is not None:
        raise LicenseTypeSuperseded(_("This licence type has a newer version; apply that one."))
    found = licenses_behind(kind)
    if len(found) != confirmed:
        raise PreviewOutdated(
            _("Other licences would change than those that were shown; look again."), details={"found": len(found)}
        )
    if any(row.model != kind.model for row in found):
        raise TypeModelDiffers(_("The newer version is sold by another model: licences cannot be carried over."))
    # In the order of their keys, so that two applications at once wait for each other instead of locking up.
    return [_carry_over(row.id, kind, reason, trail) for row in sorted(found, key=lambda row: row.id)]


def _carry_over(license_id: UUID, kind: LicenseType, reason: str, trail: Trail) -> License:
    row = locked_license(license_id=license_id)
    change, before = change_of(row, kind, at=trail.clock.now()), row.license_type
    row.license_type, row.edition, row.grace_until = kind, kind.edition, grace_under(row, kind)
    row.save(update_fields=["license_type", "edition", "grace_until"])
    record_step(
        kind="license.type_changed",
        row=row,
        reason=reason,
        trail=trail,
        details={
            "from_version": before.version,
            "version": kind.version,
            "gained": list(change.diff.gained),
            "lost": list(change.diff.lost),
            "changed": list(change.diff.changed),
        },
    )
    return row
