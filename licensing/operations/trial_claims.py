"""Who has tried a product: each machine or each e-mail domain once, where the licence type says so."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput
from kernel.trail import Trail
from licensing.models import License, TrialClaim
from licensing.rules.trials import TrialOnce, email_domain


class TrialUsed(Conflict):
    """This machine or e-mail domain has tried the product before."""

    code = "TRIAL_USED"
    event = "license.refused"


class TrialEmailMissing(InvalidInput):
    """The licence type allows one trial for each e-mail domain, so the address of whoever tries is needed."""

    code = "TRIAL_EMAIL_MISSING"


def claim_trial_domain(*, license: License, address: str, trail: Trail) -> None:
    """Notes which e-mail domain tries the product, where the type allows one trial for each; called as it is issued.

    Raises TrialEmailMissing and TrialUsed.
    """
    if license.license_type.trial_once != TrialOnce.EMAIL_DOMAIN:
        return
    domain = email_domain(address)
    if not domain:
        raise TrialEmailMissing(
            _("This trial is once for each e-mail domain: an e-mail address is needed."), pointer="/trial_email"
        )
    _claim(license, TrialOnce.EMAIL_DOMAIN, [domain], trail)


def claim_trial_machine(*, license: License, digests: Sequence[str], trail: Trail) -> None:
    """Notes which machine tries the product, where the type allows one trial for each; called by each activation,
    under the licence's lock. `digests` are those of one fingerprint under all peppers, the present one first.

    The same machine and licence again is no second trial, and a licence that was bought is none. Raises TrialUsed.
    """
    if license.license_type.trial_once == TrialOnce.FINGERPRINT:
        _claim(license, TrialOnce.FINGERPRINT, digests, trail)


def _claim(license: License, kind: TrialOnce, values: Sequence[str], trail: Trail) -> None:
    claims = TrialClaim.objects.filter(product_id=license.product_id, kind=kind.value, value__in=values)
    holder = claims.values_list("license_id", flat=True).first()
    if holder == license.id:
        return
    if holder is not None:
        raise _used(license, kind)
    row = TrialClaim(
        organization_id=trail.organization_id,
        product_id=license.product_id,
        license=license,
        kind=kind.value,
        value=values[0],
        claimed_at=trail.clock.now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise _used(license, kind) from error


def _used(license: License, kind: TrialOnce) -> TrialUsed:
    said = {
        TrialOnce.FINGERPRINT: _("This machine has tried the product before."),
        TrialOnce.EMAIL_DOMAIN: _("Somebody of this e-mail domain has tried the product before."),
    }
    return TrialUsed(said[kind], details={"once": kind.value}, subject=license.product)
