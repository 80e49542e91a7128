"""`explain`: for each finding of a decision the rule that made it, the fact that decided, and where that fact is kept.

What would cure a finding is a sentence for people, by its code (licensing.cures).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from licensing.rules.codes import Code
from licensing.rules.decision import decide
from licensing.rules.facts import LicenseFacts, ValidationScope
from licensing.rules.findings import FINDING_RULES
from licensing.rules.outcome import Decision, FactValue, Finding
from licensing.rules.what_if import AS_IT_IS, WhatIf, changed_facts, changed_names, supposed

NO_RULE = "key_unknown"
RULES_BY_CODE: Mapping[Code, str] = {
    Code.NOT_FOUND: NO_RULE,
    **{Code(rule.__name__.upper()): rule.__name__ for rule in FINDING_RULES},
}


@dataclass(frozen=True, slots=True)
class Source:
    """The row in which a fact is kept: its kind (`license`, `license_type`, `party`, …) and its id."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding explained. `rule` found it by `fact`, which was `actual` and would have to be `required` (None: there
    is no such value). `source` is None where the fact was stated by the client or kept in no single row."""

    code: Code
    rule: str
    fact: str
    actual: FactValue
    required: FactValue
    source: Source | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision about a licence at `at`, with its reasons, most severe first; `changed` names supposed facts."""

    at: datetime
    decision: Decision
    reasons: tuple[Reason, ...]
    changed: tuple[str, ...] = ()


def explain(decision: Decision, *, sources: Mapping[str, Source] | None = None) -> tuple[Reason, ...]:
    """The reasons of a decision, in its order. `sources` are rows by the names of facts, as far as the caller knows."""
    return tuple(_reason(finding, sources or {}) for finding in decision.findings)


def explained(
    facts: LicenseFacts,
    scope: ValidationScope,
    at: datetime,
    *,
    what_if: WhatIf = AS_IT_IS,
    sources: Mapping[str, Source] | None = None,
) -> Explanation:
    """What a validation would say at `at`, were these things so, and why. Raises UnknownAmount."""
    decision = decide(supposed(facts, what_if), scope, at)
    thought = changed_facts(what_if)
    kept = {name: row for name, row in (sources or {}).items() if name not in thought}
    return Explanation(
        at=at, decision=decision, reasons=explain(decision, sources=kept), changed=changed_names(what_if)
    )


def _reason(finding: Finding, sources: Mapping[str, Source]) -> Reason:
    return Reason(
        code=finding.code,
        rule=RULES_BY_CODE[finding.code],
        fact=finding.fact,
        actual=finding.actual,
        required=finding.required,
        source=sources.get(finding.fact),
    )
