"""Plans of Seatledger: the platform offers them as licence types of its own, and organisations keep what they got."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from identity.models import CredentialRoute
from kernel.errors import Conflict, InvalidInput
from kernel.trail import Trail
from licensing.armour import read_armour
from licensing.models import Feature, LicenseType, PlanCertificate
from licensing.operations.catalogue import Named, ensure_product
from licensing.operations.conditions import Conditions
from licensing.operations.features import NewFeature, create_feature
from licensing.operations.license_types import NewLicenseType, create_license_type
from licensing.rules.facts import FeatureGrant
from licensing.rules.plans import BEYOND_CORE, EVERYTHING, PLANS, PRODUCT
from licensing.signing import TokenKind, TokenRefused, verify

ROUTE = "plan"


class PlanInvalid(InvalidInput):
    """The certificate is not one of the vendor of Seatledger, is for something else, or has ended."""

    code = "PLAN_INVALID"


class PlanTaken(Conflict):
    """Another organisation of this installation has this licence as its plan."""

    code = "PLAN_TAKEN"


def offer_plans(*, trail: Trail) -> list[LicenseType]:
    """Adds what the platform's organisation lacks of the product, its features and its three licence types, each a year
    long; answers those in force."""
    product, _edition = ensure_product(named=Named("Seatledger", "Seatledger", code=PRODUCT), trail=trail)
    described = set(Feature.objects.filter(product=product).values_list("code", flat=True))
    for code in (*BEYOND_CORE, EVERYTHING):
        if code not in described:
            create_feature(feature=NewFeature(product=product, code=code, name=code.upper()), trail=trail)
    present = {row.code: row for row in LicenseType.objects.filter(code__in=PLANS, superseded_at__isnull=True)}
    for code, (name, features) in PLANS.items():
        if code not in present:
            wanted = NewLicenseType(
                code=code,
                name=f"Seatledger {name}",
                product=product,
                model="subscription",
                duration_months=12,
                grace_days=30,
                conditions=Conditions(features=tuple(FeatureGrant(one) for one in features)),
            )
            present[code] = create_license_type(license_type=wanted, trail=trail)
    return [present[code] for code in PLANS]


def store_plan(*, text: str, keys: Mapping[str, bytes], trail: Trail) -> PlanCertificate:
    """Keeps a certificate (token or `.lic` file) as the organisation's plan instead of the one before.

    Raises PlanInvalid and PlanTaken.
    """
    now = trail.clock.now()
    certificate = _token(text)
    try:
        claims = verify(certificate, kind=TokenKind.LICENSE, keys=keys, at=now, expect={"aud": PRODUCT}).claims
    except TokenRefused as error:
        raise PlanInvalid(_("This certificate is no plan for this installation: %(why)s") % {"why": error}) from error
    license_id, ends = str(claims["sub"]), claims.get("exp")
    _take(license_id, trail)
    PlanCertificate.objects.filter(superseded_at__isnull=True).update(superseded_at=now)
    row = PlanCertificate.objects.create(
        organization_id=trail.organization_id,
        certificate=certificate,
        license_id=license_id,
        expires_at=None if ends is None else datetime.fromtimestamp(ends, UTC),
        stored_at=now,
    )
    trail.record(
        "plan.stored", subject=row, details={"license": license_id, "features": sorted(claims.get("features", {}))}
    )
    return row


def _token(text: str) -> str:
    if text.count(".") == 2 and "-----" not in text:
        return text.strip()
    try:
        return read_armour(text)
    except TokenRefused as error:
        raise PlanInvalid(_("This is no certificate.")) from error


def _take(license_id: str, trail: Trail) -> None:
    """One licence is the plan of one organisation, whatever copies there are of its certificate."""
    digest = hashlib.sha256(license_id.encode()).digest()
    route = CredentialRoute.objects.filter(kind=ROUTE, digest=digest).first()
    if route is None:
        try:
            with transaction.atomic():
                CredentialRoute.objects.create(kind=ROUTE, digest=digest, organization_id=trail.organization_id)
        except IntegrityError as error:
            raise PlanTaken(_("Another organisation has this licence as its plan.")) from error
    elif route.organization_id != trail.organization_id:
        raise PlanTaken(_("Another organisation has this licence as its plan."))
