"""What a validation says: findings, warnings, obligations, and the decision that they add up to."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from licensing.rules.codes import Code, ObligationCode, WarningCode

FactValue = str | int | datetime | timedelta | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why the licence is not valid: the `fact` that decided, its value, and what it would have to be.

    Values may tell more than a client should know: only callers who may ask "why" are shown them.
    """

    code: Code
    fact: str
    actual: FactValue = None
    required: FactValue = None


@dataclass(frozen=True, slots=True)
class Advice:
    """A warning that changes nothing today: the `fact` behind it, and the instant at which it starts to matter or goes
    by itself (docs/validation-codes.md says which); None where there is no such instant."""

    code: WarningCode
    fact: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Obligation:
    """What has to be done with a valid answer.

    START_TERM: the server stores that the term runs from `since` to `until` (excluded).
    CHECK_RELEASE_DATE: the client, who knows its own build, runs only releases published by `until` (included).
    """

    code: ObligationCode
    since: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """`valid` is what counts; `code` is the most severe finding; every finding is there, most severe first.

    An invalid decision carries no obligations: nothing may begin because of it.
    """

    valid: bool
    code: Code
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Advice, ...] = ()
    obligations: tuple[Obligation, ...] = ()
