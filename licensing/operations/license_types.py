"""Licence types: a vendor's templates, changed only by a new version."""

from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput
from kernel.trail import Trail
from licensing.grants import grants_json
from licensing.models import Edition, LicenseType, Product
from licensing.operations.conditions import CODE, Conditions, check_conditions, stored_list
from licensing.rules.facts import ExpiryBasis, ExpiryStrategy, LicenseModel

LONGEST_MONTHS = 1_200
LONGEST_DAYS = 36_525


class LicenseTypeExists(Conflict):
    """A licence type of this code exists; a change of it is a new version."""

    code = "LICENSE_TYPE_EXISTS"


class LicenseTypeSuperseded(Conflict):
    """The licence type has a newer version, which is the one to use."""

    code = "LICENSE_TYPE_SUPERSEDED"


class LicenseTypeInvalid(InvalidInput):
    """Model, term or conversion of the licence type contradict each other."""

    code = "LICENSE_TYPE_INVALID"


@dataclass(frozen=True, kw_only=True)
class NewLicenseType:
    """A version of a template; the term is calendar months plus days of 24 hours, none for a perpetual one."""

    code: str
    name: str
    product: Product
    model: str
    edition: Edition | None = None
    duration_months: int = 0
    duration_days: int = 0
    grace_days: int = 0
    notice_days: int = 30
    expiry_strategy: str = ExpiryStrategy.RESTRICT.value
    expiry_basis: str = ExpiryBasis.CREATION.value
    converts_to: LicenseType | None = None
    conditions: Conditions = field(default_factory=Conditions)


def create_license_type(
    *, license_type: NewLicenseType, trail: Trail, supersedes: LicenseType | None = None
) -> LicenseType:
    """Adds a template, or the next version of one: the version before takes no new licences, and those that it has
    keep it. Raises LicenseTypeInvalid, ConditionsInvalid, FeatureGrantInvalid, LicenseTypeExists and
    LicenseTypeSuperseded.
    """
    _check(license_type, supersedes)
    check_conditions(conditions=license_type.conditions, product=license_type.product)
    version = 1 if supersedes is None else _close(supersedes, trail) + 1
    row = _row(license_type, version, trail)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise LicenseTypeExists(
            _("A licence type with the code %(code)s exists already.") % {"code": row.code}, pointer="/code"
        ) from error
    trail.record(
        "license_type.created" if version == 1 else "license_type.versioned",
        subject=row,
        details={
            "code": row.code,
            "version": version,
            "product": str(row.product_id),
            "model": row.model,
            "duration_months": row.duration_months,
            "duration_days": row.duration_days,
        },
    )
    return row


def _close(supersedes: LicenseType, trail: Trail) -> int:
    """Ends the version in force, under its lock, and answers its number."""
    current = LicenseType.objects.select_for_update(no_key=True, of=("self",)).get(id=supersedes.id)
    if current.superseded_at is not None:
        raise LicenseTypeSuperseded(_("This licence type has a newer version; change that one."))
    current.superseded_at = trail.clock.now()
    current.save(update_fields=["superseded_at"])
    return current.version


def _row(given: NewLicenseType, version: int, trail: Trail) -> LicenseType:
    conditions = given.conditions
    return LicenseType(
        organization_id=trail.organization_id,
        code=given.code,
        version=version,
        name=given.name,
        product=given.product,
        edition=given.edition,
        model=given.model,
        duration_months=given.duration_months,
        duration_days=given.duration_days,
        grace_days=given.grace_days,
        notice_days=given.notice_days,
        expiry_strategy=given.expiry_strategy,
        expiry_basis=given.expiry_basis,
        converts_to=given.converts_to,
        features=grants_json(conditions.features),
        limits=dict(conditions.limits),
        territories=stored_list(conditions.territories),
        domains=stored_list(conditions.domains),
        departments=stored_list(conditions.departments),
        version_range=conditions.version_range,
        created_at=trail.clock.now(),
    )


def _check(given: NewLicenseType, supersedes: LicenseType | None) -> None:
    if not CODE.fullmatch(given.code):
        raise LicenseTypeInvalid(
            _("A code has lower-case letters, digits, dots and hyphens: “cad-pro-yearly”."), pointer="/code"
        )
    if supersedes is not None and (given.code, given.product.id) != (supersedes.code, supersedes.product_id):
        raise LicenseTypeInvalid(_("A new version keeps the code and the product."), pointer="/code")
    if given.edition is not None and given.edition.product_id != given.product.id:
        raise LicenseTypeInvalid(_("This edition belongs to another product."), pointer="/edition")
    _check_term(given)
    _check_conversion(given)


def _check_term(given: NewLicenseType) -> None:
    has_term = given.duration_months > 0 or given.duration_days > 0
    if given.model == LicenseModel.PERPETUAL and has_term:
        raise LicenseTypeInvalid(_("A perpetual licence has no term."), pointer="/duration_months")
    if given.model != LicenseModel.PERPETUAL and not has_term:
        raise LicenseTypeInvalid(_("A subscription or trial needs a term."), pointer="/duration_months")
    lengths = {
        "duration_months": LONGEST_MONTHS,
        "duration_days": LONGEST_DAYS,
        "grace_days": LONGEST_DAYS,
        "notice_days": LONGEST_DAYS,
    }
    for name, most in lengths.items():
        if not 0 <= getattr(given, name) <= most:
            raise LicenseTypeInvalid(
                _("A whole number from 0 to %(most)d is needed.") % {"most": most}, pointer=f"/{name}"
            )


def _check_conversion(given: NewLicenseType) -> None:
    target = given.converts_to
    if target is None:
        return
    if given.model != LicenseModel.TRIAL:
        raise LicenseTypeInvalid(_("Only a trial becomes another licence."), pointer="/converts_to")
    if target.model == LicenseModel.TRIAL or target.product_id != given.product.id:
        raise LicenseTypeInvalid(
            _("A trial becomes a paid licence of the same product, not another trial."), pointer="/converts_to"
        )
