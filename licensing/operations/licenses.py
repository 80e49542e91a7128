"""Issuing licences under a licence type, within the rights of an entitlement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput
from kernel.ids import human_number
from kernel.trail import Trail
from licensing.grants import grants_from, grants_json
from licensing.models import Entitlement, EntitlementState, License, LicenseType, Party
from licensing.operations.conditions import Conditions, check_conditions, stored_list
from licensing.operations.license_types import LicenseTypeSuperseded
from licensing.operations.trial_claims import claim_trial_domain
from licensing.rules.facts import ExpiryBasis, FeatureGrant, LicenseStatus
from licensing.rules.terms import end_of

LARGEST_QUANTITY = 10_000_000
# A term of the longest kind after it still ends before the year 10000.
LAST_YEAR = 9_000


class RightsExhausted(Conflict):
    """The entitlement has fewer rights left than the licence asks for."""

    code = "ENTITLEMENT_EXHAUSTED"
    event = "license.refused"


class EntitlementDoesNotFit(Conflict):
    """The entitlement is for another product or edition, or does not count now."""

    code = "ENTITLEMENT_DOES_NOT_FIT"


class LicenseeBarred(Conflict):
    """The party is barred and receives no licence."""

    code = "LICENSEE_BARRED"


class LicenseInvalid(InvalidInput):
    """Quantity or dates of the licence contradict its type."""

    code = "LICENSE_INVALID"


@dataclass(frozen=True, kw_only=True)
class NewLicense:
    """A licence to grant. It is valid from `valid_from` (aware; None: at once), and a term that counts from creation
    counts from there. A draft takes its units and validates when it is put in force. `trial_email` is who tries, where
    the type allows one trial for each e-mail domain; the domain alone is kept. Conditions add to those of the type
    (features, limits) or replace them."""

    license_type: LicenseType
    licensee: Party
    quantity: int = 1
    entitlement: Entitlement | None = None
    is_draft: bool = False
    trial_email: str = ""
    valid_from: datetime | None = None
    maintenance_until: datetime | None = None
    features: Sequence[FeatureGrant] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    territories: Sequence[str] | None = None
    domains: Sequence[str] | None = None
    departments: Sequence[str] | None = None
    version_range: str = ""

    @property
    def conditions(self) -> Conditions:
        return Conditions(
            features=self.features,
            limits=self.limits,
            territories=self.territories,
            domains=self.domains,
            departments=self.departments,
            version_range=self.version_range,
        )


def issue_license(*, license: NewLicense, trail: Trail) -> License:
    """Grants a licence, active at once unless it is a draft. Locks the entitlement, whose `issued` counts it.

    Raises RightsExhausted, EntitlementDoesNotFit, LicenseTypeSuperseded, LicenseeBarred, LicenseInvalid,
    ConditionsInvalid, FeatureGrantInvalid, TrialEmailMissing and TrialUsed.
    """
    _check(license)
    kind = license.license_type
    check_conditions(conditions=license.conditions, product=kind.product, beside=grants_from(kind.features))
    entitlement = _locked(license.entitlement)
    now = trail.clock.now()
    if entitlement is not None:
        _take_rights(entitlement, license, now)
    row = _row(license, now, trail)
    row.save(force_insert=True)
    claim_trial_domain(license=row, address=license.trial_email, trail=trail)
    trail.record("license.issued", subject=row, details=_particulars(row))
    return row


def _locked(entitlement: Entitlement | None) -> Entitlement | None:
    if entitlement is None:
        return None
    return Entitlement.objects.select_for_update(no_key=True, of=("self",)).get(id=entitlement.id)


def _take_rights(entitlement: Entitlement, license: NewLicense, now: datetime) -> None:
    """Counts the licence on its entitlement. The row is locked, so what is read here is what is written over."""
    kind = license.license_type
    if entitlement.product_id != kind.product_id or entitlement.edition_id not in (None, kind.edition_id):
        raise EntitlementDoesNotFit(_("This right is for another product or edition."), pointer="/entitlement")
    if entitlement.state != EntitlementState.ACTIVE or (entitlement.ends_at is not None and entitlement.ends_at <= now):
        raise EntitlementDoesNotFit(_("This right does not count any more, or not yet."), pointer="/entitlement")
    take_units(entitlement=entitlement, units=license.quantity)


def take_units(*, entitlement: Entitlement, units: int) -> None:
    """Counts so many units more (negative: fewer) on a locked entitlement. Raises RightsExhausted."""
    # What was given on as a sublicence is no longer there to be issued.
    rights = None if entitlement.rights is None else entitlement.rights - entitlement.sublicensed
    issued = entitlement.issued
    if units > 0 and rights is not None and issued + units > rights + entitlement.overdraft:
        raise RightsExhausted(
            _("The right covers %(rights)d, of which %(issued)d are issued: %(asked)d more do not fit.")
            % {"rights": rights, "issued": issued, "asked": units},
            pointer="/quantity",
            details={"rights": rights, "issued": issued, "asked": units, "overdraft": entitlement.overdraft},
            subject=entitlement,
        )
    entitlement.issued = issued + units
    entitlement.save(update_fields=["issued"])


def _row(license: NewLicense, now: datetime, trail: Trail) -> License:
    kind = license.license_type
    ends = _end(license, now)
    return License(
        organization_id=trail.organization_id,
        number=human_number("L"),
        license_type=kind,
        entitlement=license.entitlement,
        licensee=license.licensee,
        product=kind.product,
        edition=kind.edition,
        model=kind.model,
        quantity=license.quantity,
        status=(LicenseStatus.DRAFT if license.is_draft else LicenseStatus.ACTIVE).value,
        valid_from=license.valid_from,
        term_anchor=None if ends is None else license.valid_from or now,
        expires_at=ends,
        grace_until=grace_of(ends=ends, kind=kind),
        maintenance_until=license.maintenance_until,
        version_range=license.version_range,
        territories=stored_list(license.territories),
        domains=stored_list(license.domains),
        departments=stored_list(license.departments),
        features=grants_json(license.features),
        limits=dict(license.limits),
        created_at=now,
    )


def _end(license: NewLicense, now: datetime) -> datetime | None:
    """When the term ends; None for a perpetual licence, and while the event is to come from which it counts."""
    kind = license.license_type
    if kind.duration is None or kind.expiry_basis != ExpiryBasis.CREATION:
        return None
    return end_of(start=license.valid_from or now, term=kind.duration)


def grace_of(*, ends: datetime | None, kind: LicenseType) -> datetime | None:
    """Until when a licence of this type is kept alive after its end."""
    return None if ends is None or not kind.grace_days else ends + timedelta(days=kind.grace_days)


def _check(license: NewLicense) -> None:
    if license.license_type.superseded_at is not None:
        raise LicenseTypeSuperseded(
            _("This licence type has a newer version; issue under that one."), pointer="/license_type"
        )
    if license.licensee.barred_at is not None:
        raise LicenseeBarred(_("This customer is barred: no licence is issued."), pointer="/licensee")
    if not 1 <= license.quantity <= LARGEST_QUANTITY:
        raise LicenseInvalid(
            _("A licence is for 1 to %(most)d units.") % {"most": LARGEST_QUANTITY}, pointer="/quantity"
        )
    if license.valid_from is not None and license.valid_from.year > LAST_YEAR:
        raise LicenseInvalid(_("The date lies too far away."), pointer="/valid_from")


def _particulars(row: License) -> dict[str, str | int | None]:
    return {
        "number": row.number,
        "status": row.status,
        "license_type": str(row.license_type_id),
        "version": row.license_type.version,
        "licensee": str(row.licensee_id),
        "product": str(row.product_id),
        "entitlement": str(row.entitlement_id) if row.entitlement_id else None,
        "model": row.model,
        "quantity": row.quantity,
        "valid_from": row.valid_from.isoformat() if row.valid_from else None,
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
    }
