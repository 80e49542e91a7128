"""The last verification of the ledger, by a worker or by a schedule: both leave an entry of the ledger."""

import json
from dataclasses import dataclass
from datetime import datetime

from audit.queries import events
from jobs.models import JobRun, RunState

VERIFY_LEDGER = "reporting.verification"
"""The kind of run that verifies a ledger."""


@dataclass(frozen=True)
class LastVerification:
    """`entries` were checked at `at`; the problem is the first one, its texts empty when there was none."""

    at: datetime
    sequence: int
    exit_code: int
    entries: int
    checkpoints: int
    problems: int
    first_message: str
    first_sequence: int | None


@dataclass(frozen=True)
class VerificationState:
    """What was found last, whether one runs now, and why the last order came to nothing."""

    last: LastVerification | None
    is_open: bool
    error: str


def verification_state() -> VerificationState:
    """Two queries."""
    run = JobRun.objects.filter(kind=VERIFY_LEDGER).order_by("-created_at").first()
    last = last_verification()
    # What a later verification has found is no longer of interest as a failure.
    failed = run is not None and run.state == RunState.FAILED and (last is None or last.at < run.created_at)
    return VerificationState(
        last=last,
        is_open=run is not None and run.state in {RunState.QUEUED, RunState.RUNNING},
        error=(run.error_code or "INTERNAL") if failed and run is not None else "",
    )


def last_verification() -> LastVerification | None:
    """One query."""
    row = events().filter(kind="audit.verified").order_by("-sequence").first()
    if row is None:
        return None
    found = json.loads(row.body)["details"]
    return LastVerification(
        at=row.recorded_at,
        sequence=row.sequence,
        exit_code=found["exit_code"],
        entries=found["entries"],
        checkpoints=found["checkpoints"],
        problems=found["problems"],
        first_message=found["first_message"],
        first_sequence=found["first_sequence"],
    )
