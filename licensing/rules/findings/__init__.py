"""The rules that can make a licence invalid: each is a function of facts, scope and time, and finds one code.

A new rule is a function in one of these modules, named like its code in lower case, and its name in FINDING_RULES. No
rule knows of another, so none can lift what another found.
"""

from licensing.rules.findings.clocks import clock_tampered, overdue, throttled
from licensing.rules.findings.coverage import (
    checkout_required,
    feature_missing,
    maintenance_lapsed,
    product_mismatch,
    release_yanked,
    user_mismatch,
    version_out_of_range,
)
from licensing.rules.findings.machines import (
    components_mismatch,
    fingerprint_empty,
    fingerprint_mismatch,
    fingerprint_required,
    heartbeat_dead,
    heartbeat_not_started,
    not_activated,
)
from licensing.rules.findings.place import country_denied, department_denied, domain_denied, vm_denied
from licensing.rules.findings.quantities import quota_exceeded, too_many_activations, too_many_users
from licensing.rules.findings.shape import FindingRule
from licensing.rules.findings.state import banned, expired, not_yet_effective, paused, revoked, suspended

FINDING_RULES: tuple[FindingRule, ...] = (
    revoked,
    banned,
    suspended,
    paused,
    clock_tampered,
    not_yet_effective,
    expired,
    overdue,
    product_mismatch,
    user_mismatch,
    fingerprint_required,
    fingerprint_empty,
    fingerprint_mismatch,
    components_mismatch,
    not_activated,
    heartbeat_not_started,
    heartbeat_dead,
    country_denied,
    domain_denied,
    vm_denied,
    department_denied,
    feature_missing,
    version_out_of_range,
    maintenance_lapsed,
    release_yanked,
    checkout_required,
    too_many_activations,
    too_many_users,
    quota_exceeded,
    throttled,
)

__all__ = ["FINDING_RULES", "FindingRule"]
