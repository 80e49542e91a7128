"""Licence types: a vendor's templates, changed only by a new version."""

import re
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput
from kernel.trail import Trail
from licensing.grants import grants_json
from licensing.models import Edition, LicenseType, Product
from licensing.operations.conditions import CODE, Conditions, check_conditions, stored_list
from licensing.operations.machine_rules import MachineRules, check_machine_rules
from licensing.rules.facts import ExpiryBasis, ExpiryStrategy, LicenseModel
from licensing.rules.offline import USUAL_OFFLINE_HOURS
from licensing.rules.renewal import RenewalBasis
from licensing.rules.trials import TrialOnce

LONGEST_MONTHS = 1_200
LONGEST_DAYS = 36_525
HIGHEST_PRICE = Decimal(10) ** 12
CURRENCY = re.compile(r"[A-Z]{3}")
WITH_TERM = frozenset({LicenseModel.SUBSCRIPTION.value, LicenseModel.TRIAL.value})
"""Models that cannot be without a term; a perpetual one has none, the others may have one."""


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
    """A version of a template; the term is calendar months plus days of 24 hours, none for one without end."""

    code: str
    name: str
    product: Product
    model: str
    edition: Edition | None = None
    duration_months: int = 0
    duration_days: int = 0
    grace_days: int = 0
    notice_days: int = 30
    offline_hours: int = USUAL_OFFLINE_HOURS
    expiry_strategy: str = ExpiryStrategy.RESTRICT.value
    expiry_basis: str = ExpiryBasis.CREATION.value
    converts_to: LicenseType | None = None
    machines: MachineRules = field(default_factory=MachineRules)
    renewal_basis: str = RenewalBasis.FROM_EXPIRY.value
    auto_renews: bool = False
    trial_once: str = TrialOnce.NONE.value
    dunning_restrict_days: int = 7
    dunning_suspend_days: int = 14
    unit_price: Decimal | None = None
    currency: str = ""
    charge_period: str = ""
    conditions: Conditions = field(default_factory=Conditions)


def create_license_type(
    *, license_type: NewLicenseType, trail: Trail, supersedes: LicenseType | None = None
) -> LicenseType:
    """Adds a template, or the next version of one: the version before takes no new licences, and those that it has
    keep it. Raises LicenseTypeInvalid, MachineRulesInvalid, ConditionsInvalid, FeatureGrantInvalid,
    LicenseTypeExists and LicenseTypeSuperseded.
    """
    _check(license_type, supersedes)
    check_machine_rules(rules=license_type.machines)
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
        offline_hours=given.offline_hours,
        expiry_strategy=given.expiry_strategy,
        expiry_basis=given.expiry_basis,
        converts_to=given.converts_to,
        **asdict(given.machines),
        renewal_basis=given.renewal_basis,
        auto_renews=given.auto_renews,
        trial_once=given.trial_once,
        dunning_restrict_days=given.dunning_restrict_days,
        dunning_suspend_days=given.dunning_suspend_days,
        unit_price=given.unit_price,
        currency=given.currency,
        charge_period=given.charge_period,
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
    _check_life(given, has_term=given.duration_months > 0 or given.duration_days > 0)


def _check_term(given: NewLicenseType) -> None:
    has_term = given.duration_months > 0 or given.duration_days > 0
    if given.model == LicenseModel.PERPETUAL and has_term:
        raise LicenseTypeInvalid(_("A perpetual licence has no term."), pointer="/duration_months")
    if given.model in WITH_TERM and not has_term:
        raise LicenseTypeInvalid(_("A subscription or trial needs a term."), pointer="/duration_months")
    lengths = {
        "duration_months": LONGEST_MONTHS,
        "duration_days": LONGEST_DAYS,
        "grace_days": LONGEST_DAYS,
        "notice_days": LONGEST_DAYS,
        "offline_hours": LONGEST_DAYS * 24,
        "dunning_restrict_days": LONGEST_DAYS,
        "dunning_suspend_days": LONGEST_DAYS,
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


def _check_life(given: NewLicenseType, *, has_term: bool) -> None:
    if given.auto_renews and (not has_term or given.model in {LicenseModel.TRIAL, LicenseModel.PERPETUAL}):
        raise LicenseTypeInvalid(
            _("Only a licence with a term that is no trial can renew by itself."), pointer="/auto_renews"
        )
    if given.trial_once != TrialOnce.NONE and given.model != LicenseModel.TRIAL:
        raise LicenseTypeInvalid(_("Only a trial can be limited to one for each."), pointer="/trial_once")
    if given.dunning_suspend_days < given.dunning_restrict_days:
        raise LicenseTypeInvalid(
            _("Features end first; a suspension cannot come before that."), pointer="/dunning_suspend_days"
        )
    _check_price(given)


def _check_price(given: NewLicenseType) -> None:
    stated = (given.unit_price is not None, bool(given.currency), bool(given.charge_period))
    if any(stated) and not all(stated):
        raise LicenseTypeInvalid(
            _("A price needs an amount, a currency and a billing period together."), pointer="/unit_price"
        )
    if given.unit_price is not None and not 0 <= given.unit_price < HIGHEST_PRICE:
        raise LicenseTypeInvalid(_("A price is an amount from 0."), pointer="/unit_price")
    if given.currency and not CURRENCY.fullmatch(given.currency):
        raise LicenseTypeInvalid(_("A currency is a code of three capital letters, such as EUR."), pointer="/currency")
