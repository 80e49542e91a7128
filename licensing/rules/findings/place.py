"""Findings of where the client is: its country, domain and department, and whether its machine is a virtual one."""

from datetime import datetime

from licensing.rules.codes import Code
from licensing.rules.facts import LicenseFacts, ValidationScope
from licensing.rules.findings.machines import named_activation
from licensing.rules.outcome import Finding


def country_denied(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The client is in a country outside the licence's territories; an unknown country is not held against it."""
    if facts.territories is None or scope.country is None or scope.country.upper() in facts.territories:
        return None
    return Finding(Code.COUNTRY_DENIED, "country", scope.country, tuple(sorted(facts.territories)))


def domain_denied(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The client runs under a domain that is not authorised; a subdomain is a domain of its own."""
    if facts.domains is None or scope.domain is None or scope.domain.lower() in facts.domains:
        return None
    return Finding(Code.DOMAIN_DENIED, "domain", scope.domain, tuple(sorted(facts.domains)))


def vm_denied(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """Virtual machines are not allowed, and the machine is one: the client says so now, or said so when it was
    activated. One that never said is not accused."""
    activation = named_activation(facts, scope)
    is_virtual = scope.virtual_machine is True or (activation is not None and activation.virtual_machine is True)
    if facts.machines.virtual_machines_allowed or not is_virtual:
        return None
    return Finding(Code.VM_DENIED, "virtual_machine", "virtual", "physical")


def department_denied(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The client works for a department outside the licence's boundary."""
    if facts.departments is None or scope.department is None or scope.department.lower() in facts.departments:
        return None
    return Finding(Code.DEPARTMENT_DENIED, "department", scope.department, tuple(sorted(facts.departments)))
