"""An explanation as every interface tells it: facts as JSON, and a cure in the reader's language.

These tell territories, ranges and dates: only for those who may see the licence, never for anonymous callers.
"""

from typing import TypedDict

from licensing.answers import AdviceJson, ObligationJson, decision_json, fact_json, rfc3339
from licensing.cures import cure_of
from licensing.rules.explanation import Explanation, Reason


class SourceJson(TypedDict):
    """The row in which a fact is kept."""

    kind: str
    id: str


class ReasonJson(TypedDict):
    """A finding with the rule that made it, the fact behind it, and what would cure it."""

    code: str
    rule: str
    fact: str
    actual: str | int | list[str] | None
    required: str | int | list[str] | None
    source: SourceJson | None
    cure: str


class ExplanationJson(TypedDict):
    """A decision with its reasons, most severe first; `changed` names the facts that were supposed."""

    at: str
    valid: bool
    code: str
    findings: list[ReasonJson]
    warnings: list[AdviceJson]
    obligations: list[ObligationJson]
    changed: list[str]


def explanation_json(told: Explanation) -> ExplanationJson:
    decision = decision_json(told.decision)
    return {
        "at": rfc3339(told.at),
        "valid": decision["valid"],
        "code": decision["code"],
        "findings": [_reason(reason) for reason in told.reasons],
        "warnings": decision["warnings"],
        "obligations": decision["obligations"],
        "changed": list(told.changed),
    }


def _reason(reason: Reason) -> ReasonJson:
    source = reason.source
    return {
        "code": reason.code.value,
        "rule": reason.rule,
        "fact": reason.fact,
        "actual": fact_json(reason.actual),
        "required": fact_json(reason.required),
        "source": None if source is None else {"kind": source.kind, "id": source.id},
        "cure": cure_of(reason.code),
    }
