"""Licences that the tests of the decision start from, and what they ask about them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from licensing.rules.allowances import Allowance
from licensing.rules.codes import Code, WarningCode
from licensing.rules.decision import decide
from licensing.rules.facts import ExpiryBasis, FeatureGrant, LicenseFacts, LicenseModel, LicenseStatus, ValidationScope
from licensing.rules.machines import LiveActivation, MachineTerms
from licensing.rules.terms import Period, Term
from licensing.rules.versions import read_range

A_MICROSECOND = timedelta(microseconds=1)
CREATED = datetime(2025, 1, 1, 9, 0, tzinfo=UTC)
NOW = datetime(2025, 6, 15, 12, 0, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AWAY = datetime(2035, 1, 1, tzinfo=UTC)

PERPETUAL = LicenseFacts(
    model=LicenseModel.PERPETUAL, status=LicenseStatus.ACTIVE, created_at=CREATED, products=frozenset({"CAD", "7f3a"})
)
SUBSCRIPTION = replace(PERPETUAL, model=LicenseModel.SUBSCRIPTION, expires_at=FAR_AWAY)
TRIAL = replace(PERPETUAL, model=LicenseModel.TRIAL, duration=Term(days=30))
ANYTHING = ValidationScope()


V24 = ValidationScope(version="2.4.0")
EDITOR = replace(PERPETUAL, features=(FeatureGrant("editor"),))
RENDER = replace(PERPETUAL, features=(FeatureGrant("render", Period(CREATED, NOW)),))
IN_NORWAY = replace(PERPETUAL, territories=frozenset({"NO", "SE"}))
RANGED = replace(PERPETUAL, version_range=read_range(">=2 <3"))
MAINTAINED = replace(PERPETUAL, maintenance_until=NOW)
ENDS_NOW = replace(SUBSCRIPTION, expires_at=NOW)
WITH_GRACE = replace(ENDS_NOW, grace_until=NOW + timedelta(days=7))
FIRST_USE = replace(TRIAL, expiry_basis=ExpiryBasis.FIRST_VALIDATION)
FIRST_ACTIVATION = replace(TRIAL, expiry_basis=ExpiryBasis.FIRST_ACTIVATION)
FLOATING = replace(PERPETUAL, model=LicenseModel.FLOATING, lease_required=True)
FOR_KIM = replace(PERPETUAL, users=frozenset({"kim"}))
BOUND = replace(
    PERPETUAL, model=LicenseModel.NODE_LOCKED, machines=MachineTerms(bound=True), activations=Allowance(limit=3, used=1)
)
"""Bound to machines, with one activated."""
ACTIVATED = replace(
    BOUND,
    activation=LiveActivation(
        fingerprint="f1", created_at=CREATED, components={"board": "b1", "disk": "d1", "cpu": "c1"}
    ),
)
"""The machine that asks as THIS_MACHINE is the one that is activated."""
THIS_MACHINE = ValidationScope(fingerprints=("f1",))


def codes(facts: LicenseFacts | None, scope: ValidationScope, at: datetime) -> list[Code]:
    return [finding.code for finding in decide(facts, scope, at).findings]


def warned(facts: LicenseFacts, at: datetime, scope: ValidationScope = ANYTHING) -> list[WarningCode]:
    return [warning.code for warning in decide(facts, scope, at).warnings]
