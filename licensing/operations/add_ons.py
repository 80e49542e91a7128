"""Add-ons of a licence: what is added to it after it was issued, as long as the licence lasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput
from kernel.trail import Trail
from licensing.grants import grants_from, grants_json
from licensing.models import AddOn, License
from licensing.operations.conditions import check_grants
from licensing.operations.ending_add_ons import live_add_ons, take_away
from licensing.operations.license_states import locked_license
from licensing.operations.reasons import stated_reason
from licensing.rules.facts import FeatureGrant, LicenseStatus

LONGEST_NAME = 200


class AddOnRefused(Conflict):
    """The licence is revoked or a draft, and carries no add-ons."""

    code = "ADD_ON_REFUSED"


class AddOnInvalid(InvalidInput):
    """The add-on has no name, grants nothing, or would outlive its licence."""

    code = "ADD_ON_INVALID"


class AddOnRemoved(Conflict):
    """The add-on was removed before."""

    code = "ADD_ON_REMOVED"


@dataclass(frozen=True, kw_only=True)
class NewAddOn:
    """A module for a licence. It holds from `starts_at` (aware; None: at once) to `ends_at` (None: as long as the
    licence does). Its grants may have dates of their own within."""

    license_id: UUID
    name: str
    features: Sequence[FeatureGrant]
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def attach_add_on(*, add_on: NewAddOn, trail: Trail) -> AddOn:
    """Adds a module to a licence under the licence's lock; the next validation carries it.

    Raises AddOnRefused, AddOnInvalid, ConditionsInvalid and FeatureGrantInvalid.
    """
    license = locked_license(license_id=add_on.license_id)
    if license.status in (LicenseStatus.REVOKED, LicenseStatus.DRAFT):
        raise AddOnRefused(_("A licence that is revoked or a draft carries no add-ons."))
    now = trail.clock.now()
    _check(add_on, license, now)
    present = [grant for row in live_add_ons(license_id=license.id) for grant in grants_from(row.features)]
    own = [*grants_from(license.license_type.features), *grants_from(license.features)]
    check_grants(grants=add_on.features, product=license.product, beside=[*own, *present])
    row = AddOn.objects.create(
        organization_id=trail.organization_id,
        license=license,
        name=add_on.name.strip(),
        features=grants_json(add_on.features),
        starts_at=add_on.starts_at,
        ends_at=add_on.ends_at,
        created_at=now,
    )
    trail.record(
        "add_on.attached",
        subject=row,
        details={
            "license": str(license.id),
            "number": license.number,
            "name": row.name,
            "features": sorted({grant.code for grant in add_on.features}),
            "starts_at": row.starts_at.isoformat() if row.starts_at else None,
            "ends_at": row.ends_at.isoformat() if row.ends_at else None,
        },
    )
    return row


def remove_add_on(*, add_on_id: UUID, reason: str, trail: Trail) -> AddOn:
    """Takes a module away from its licence; the next validation is without it. Locks the licence before the add-on.

    Raises AddOnRemoved and AddOnInvalid (without a reason).
    """
    reason = stated_reason(reason, refusal=AddOnInvalid)
    license = locked_license(license_id=AddOn.objects.values_list("license_id", flat=True).get(id=add_on_id))
    row = AddOn.objects.select_for_update(no_key=True, of=("self",)).get(id=add_on_id)
    if row.removed_at is not None:
        raise AddOnRemoved(_("This add-on was removed before."))
    take_away(row=row, license=license, reason=reason, trail=trail)
    return row


def _check(add_on: NewAddOn, license: License, now: datetime) -> None:
    if not 1 <= len(add_on.name.strip()) <= LONGEST_NAME:
        raise AddOnInvalid(
            _("A name of at most %(most)d characters is needed.") % {"most": LONGEST_NAME}, pointer="/name"
        )
    if not add_on.features:
        raise AddOnInvalid(_("An add-on grants at least one feature."), pointer="/features")
    if add_on.ends_at is not None and add_on.ends_at <= (add_on.starts_at or now):
        raise AddOnInvalid(_("An add-on ends after it starts."), pointer="/ends_at")
    last = license.expires_at
    if last is not None and any(at is not None and at > last for at in (add_on.starts_at, add_on.ends_at)):
        raise AddOnInvalid(
            _("An add-on does not outlive its licence. Leave the end out to let it end with the licence."),
            pointer="/ends_at",
        )
