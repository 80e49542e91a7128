"""GraphQL of why a licence is valid or not: the question of REST's `licenses/{id}/explain`, and its answer."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from kernel.clock import SystemClock
from kernel.graphql import GraphInfo, root, row_key
from licensing.explaining import ExplanationJson, ReasonJson, explanation_json
from licensing.queries.explanations import explanation_of
from licensing.questions import read_why

VIEW = "licensing.license.view"


@strawberry.input(description="A part of a machine.")
class ComponentInput:
    name: str = strawberry.field(description="Which part it is, such as board.")
    value: str = strawberry.field(description="What tells it from others.")


@strawberry.input(description="What a client would state; what is null is not judged.")
class ValidationScopeInput:
    product: str | None = strawberry.field(default=None, description="Code or id of the product that asks.")
    version: str | None = strawberry.field(default=None, description="The version that asks.")
    features: list[str] | None = strawberry.field(default=None, description="Codes of features to be used.")
    country: str | None = strawberry.field(default=None, description="Where the client is, ISO 3166-1 alpha-2.")
    fingerprint: str | None = strawberry.field(default=None, description="The machine.")
    fingerprints: list[str] | None = strawberry.field(default=None, description="Instead: several for one machine.")
    components: list[ComponentInput] | None = strawberry.field(default=None, description="Parts of the machine.")
    user: str | None = strawberry.field(default=None, description="Who uses it.")
    domain: str | None = strawberry.field(default=None, description="The domain under which the client runs.")
    department: str | None = strawberry.field(default=None, description="For which department.")
    vm: bool | None = strawberry.field(default=None, description="Whether the machine is a virtual one.")
    lease: str | None = strawberry.field(default=None, description="The lease of a seat that was checked out.")
    client_at: datetime | None = strawberry.field(default=None, description="The client's clock.")
    last_server_at: datetime | None = strawberry.field(
        default=None, description="The latest time of the server that the client has kept."
    )


@strawberry.input(description="A number that is supposed.")
class AmountInput:
    code: str = strawberry.field(description="What it counts: activations, users or the code of a quota.")
    number: int | None = strawberry.field(default=None, description="How many; null for a limit: no limit.")


@strawberry.input(description="Facts that are supposed; what is left out is as it is, null is as if none were stored.")
class WhatIfInput:
    status: str | None = strawberry.field(default=strawberry.UNSET, description="draft, active, suspended or revoked.")
    valid_from: datetime | None = strawberry.field(default=strawberry.UNSET, description="When it begins.")
    expires_at: datetime | None = strawberry.field(default=strawberry.UNSET, description="When its term ends.")
    grace_until: datetime | None = strawberry.field(default=strawberry.UNSET, description="When its grace ends.")
    maintenance_until: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="Until when new releases are included."
    )
    seats: int | None = strawberry.field(
        default=strawberry.UNSET, description="How many users it has room for; null: no limit."
    )
    limits: list[AmountInput] | None = strawberry.field(default=None, description="How much is allowed.")
    used: list[AmountInput] | None = strawberry.field(default=None, description="How much is taken.")


@strawberry.type(description="The row in which a fact is kept.")
class FactSource:
    kind: str = strawberry.field(description="license, license_type, party, product or release.")
    id: strawberry.ID = strawberry.field(description="The key of the row.")


@strawberry.type(description="A finding: why the licence is not valid.")
class ValidationReason:
    code: str = strawberry.field(description="The code of docs/validation-codes.md.")
    rule: str = strawberry.field(description="The rule that found it.")
    fact: str = strawberry.field(description="The fact that decided.")
    actual: list[str] = strawberry.field(description="What it is; empty: nothing.")
    required: list[str] = strawberry.field(description="What it would have to be; empty: there is no such value.")
    cure: str = strawberry.field(description="What would cure it, in a sentence.")
    source: FactSource | None = strawberry.field(description="Where the fact is kept; null: in no row.")


@strawberry.type(description="What the holder should know.")
class ValidationWarning:
    code: str = strawberry.field(description="The code of docs/validation-codes.md.")
    until: str | None = strawberry.field(description="When it starts to matter or goes by itself, RFC 3339.")


@strawberry.type(description="What a validation of a licence would say, and why.")
class LicenseExplanation:
    at: str = strawberry.field(description="The moment that is judged, RFC 3339.")
    valid: bool = strawberry.field(description="Whether the licence is valid.")
    code: str = strawberry.field(description="The code of the most severe finding, or VALID.")
    changed: list[str] = strawberry.field(description="The facts that were supposed.")
    findings: list[ValidationReason] = strawberry.field(description="Every finding, most severe first.")
    warnings: list[ValidationWarning] = strawberry.field(description="Every warning.")


Scope = Annotated[ValidationScopeInput | None, strawberry.argument(description="What a client would state.")]
At = Annotated[datetime | None, strawberry.argument(description="Another moment than now.")]
Supposed = Annotated[WhatIfInput | None, strawberry.argument(description="Facts that are supposed.")]


@strawberry.type
class ExplanationQuery:
    @root("What a validation of a licence would say, and why.", needs=VIEW)
    def license_explanation(
        self, info: GraphInfo, id: strawberry.ID, scope: Scope = None, at: At = None, what_if: Supposed = None
    ) -> LicenseExplanation | None:
        key = row_key(id, pointer="/id")
        given = {"scope": _stated(scope, "components"), "what_if": _stated(what_if, "limits", "used")}
        question = read_why(given if at is None else {**given, "at": at.isoformat()})
        told = explanation_of(license_id=key, question=question, now=SystemClock().now())
        return _answer(explanation_json(told))


def _stated(input: Any, *named: str) -> dict[str, Any]:
    """The members that were given, as the body of REST writes them; lists of names with values as objects."""
    members = {} if input is None else vars(input)
    stated = {name: value for name, value in members.items() if value is not strawberry.UNSET}
    for name in named:
        if stated.get(name) is None:
            stated.pop(name, None)
        else:
            stated[name] = dict(_pair(one) for one in stated[name])
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in stated.items()}


def _pair(one: Any) -> tuple[str, Any]:
    return (one.name, one.value) if isinstance(one, ComponentInput) else (one.code, one.number)


def _answer(told: ExplanationJson) -> LicenseExplanation:
    return LicenseExplanation(
        at=told["at"],
        valid=told["valid"],
        code=told["code"],
        changed=told["changed"],
        findings=[_reason(one) for one in told["findings"]],
        warnings=[ValidationWarning(code=one["code"], until=one["until"]) for one in told["warnings"]],
    )


def _reason(one: ReasonJson) -> ValidationReason:
    source = one["source"]
    return ValidationReason(
        code=one["code"],
        rule=one["rule"],
        fact=one["fact"],
        actual=_texts(one["actual"]),
        required=_texts(one["required"]),
        cure=one["cure"],
        source=None if source is None else FactSource(kind=source["kind"], id=strawberry.ID(source["id"])),
    )


def _texts(value: str | int | list[str] | None) -> list[str]:
    if value is None:
        return []
    return value if isinstance(value, list) else [str(value)]
