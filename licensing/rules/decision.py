"""`decide`: is this licence valid for this client at this moment, and if not, for which reasons?"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from licensing.rules.advice import ADVICE_RULES, OBLIGATION_RULES
from licensing.rules.codes import Code, WarningCode, severity
from licensing.rules.facts import LicenseFacts, ValidationScope
from licensing.rules.findings import FINDING_RULES
from licensing.rules.outcome import Advice, Decision, Finding

Outcome = TypeVar("Outcome")

_WARNINGS = tuple(WarningCode)
NOT_FOUND = Decision(valid=False, code=Code.NOT_FOUND, findings=(Finding(Code.NOT_FOUND, "key"),))


def decide(facts: LicenseFacts | None, scope: ValidationScope, at: datetime) -> Decision:
    """The decision about the licence behind a key; `facts` is None when there is none.

    Collects all findings. Validity depends on findings alone: a warning never makes an invalid licence valid.
    Equal arguments give equal decisions. Raises ValueError for an `at` without a time zone.
    """
    if at.tzinfo is None:
        raise ValueError("a validation happens at an instant with a time zone")
    if facts is None:
        return NOT_FOUND
    findings = tuple(sorted(_collect(FINDING_RULES, facts, scope, at), key=lambda finding: severity(finding.code)))
    return Decision(
        valid=not findings,
        code=findings[0].code if findings else Code.VALID,
        findings=findings,
        warnings=tuple(sorted(_collect(ADVICE_RULES, facts, scope, at), key=_place)),
        obligations=() if findings else tuple(_collect(OBLIGATION_RULES, facts, scope, at)),
    )


def _place(advice: Advice) -> tuple[int, str]:
    """Warnings stand in the order of their list, whatever the order of rules."""
    return _WARNINGS.index(advice.code), advice.fact


def _collect(
    rules: Iterable[Callable[[LicenseFacts, ValidationScope, datetime], Outcome | None]],
    facts: LicenseFacts,
    scope: ValidationScope,
    at: datetime,
) -> Iterable[Outcome]:
    return (outcome for rule in rules if (outcome := rule(facts, scope, at)) is not None)
