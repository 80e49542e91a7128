"""identity.ports.Plan: what an organisation's plan of this installation includes.

An installation that nobody sells names no keys in SEATLEDGER_PLAN_KEYS, and has everything. One that is sold names the
published keys of the vendor of Seatledger; an organisation has what its own certificate says, and the core without one.
"""

from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID

import orjson
from django.conf import settings

from kernel.clock import SystemClock
from kernel.errors import Misconfigured
from kernel.scope import is_open, scope
from licensing.jwk import BadKey, read_jwks
from licensing.models import PlanCertificate
from licensing.rules.plans import PRODUCT, includes
from licensing.signing import TokenKind, TokenRefused, verify

NO_KEY_SET = "SEATLEDGER_PLAN_KEYS is no JSON Web Key Set with an Ed25519 key"


def plan_includes(*, organization_id: UUID, feature: str) -> bool:
    """Reads the organisation's own row alone, in the scope that is open or in one of its own."""
    keys = plan_keys()
    if not keys:
        return True
    if is_open():
        certificate = _certificate(organization_id)
    else:
        with scope(organization_id):
            certificate = _certificate(organization_id)
    at = SystemClock().now()
    if certificate is None:
        return includes(None, feature, at)
    try:
        token = verify(certificate, kind=TokenKind.LICENSE, keys=keys, at=at, expect={"aud": PRODUCT})
    except TokenRefused:
        return includes(None, feature, at)
    return includes(token.claims, feature, at)


def plan_keys() -> Mapping[str, bytes]:
    """The keys by which plans are verified; empty where nobody sells this installation. Raises Misconfigured."""
    return _keys(settings.PLAN_KEYS)


@lru_cache(maxsize=4)
def _keys(text: str) -> Mapping[str, bytes]:
    if not text:
        return {}
    try:
        keys = read_jwks(orjson.loads(text))
    except (ValueError, BadKey, AttributeError, KeyError, TypeError) as error:
        raise Misconfigured(NO_KEY_SET) from error
    # Without one key everything would be included, which nobody means who sets the variable.
    if not keys:
        raise Misconfigured(NO_KEY_SET)
    return keys


def _certificate(organization_id: UUID) -> str | None:
    rows = PlanCertificate.objects.filter(organization_id=organization_id, superseded_at__isnull=True)
    return rows.values_list("certificate", flat=True).first()
