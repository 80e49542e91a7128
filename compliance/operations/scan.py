"""The scan: judges every pool, opens what is new, renews what still holds, closes what is cured."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from compliance.models import Resolution, ScanRun, Violation, ViolationState
from compliance.rules.expired_use import expired_use
from compliance.rules.over_allocation import over_allocation
from compliance.rules.pool_findings import PoolFinding
from identity.queries import addresses_of_roles
from jobs.operations import enqueue
from kernel.ids import human_number
from kernel.trail import Trail
from seats.models import SeatPool
from seats.queries import facts_of, pools
from seats.rules.capacity import PoolFacts

RULES = (over_allocation, expired_use)
SUBJECT = SeatPool._meta.label_lower
TO_BE_TOLD = ("it_admin", "compliance_officer")
# How long somebody has to cure a violation, by its severity.
TIME_TO_CURE = {"warning": timedelta(days=30), "critical": timedelta(days=7)}


@dataclass(frozen=True)
class ScanOutcome:
    """What one scan found; `opened` are the new violations."""

    run: ScanRun
    opened: Sequence[Violation]

    def as_json(self) -> dict[str, str | int]:
        return {
            "scan": str(self.run.id),
            "pools": self.run.pools,
            "opened": self.run.opened,
            "still_open": self.run.still_open,
            "resolved": self.run.resolved,
        }


def scan(*, trail: Trail) -> ScanOutcome:
    """Judges all pools of the organisation at the trail's clock.

    Finds the same violation again without opening it twice, closes a violation whose pool no longer shows it, and
    tells IT and compliance by e-mail about new ones. Locks all pools by ascending id, so that two scans at once, or a
    scan and an assignment, see one state after the other.
    """
    locked = list(SeatPool.objects.select_for_update(no_key=True).order_by("id").values_list("id", flat=True))
    at = trail.clock.now()
    judged = [(pool, facts, _judge(facts, at)) for pool, facts in facts_of(pools().filter(id__in=locked), at=at)]
    found = {(finding.kind.value, str(pool.id)): (pool, finding) for pool, _facts, finding in judged if finding}
    open_rows = {
        (row.kind, row.subject_id): row
        for row in Violation.objects.filter(state=ViolationState.OPEN, subject_type=SUBJECT)
    }
    run = ScanRun.objects.create(
        organization_id=trail.organization_id,
        started_at=at,
        finished_at=at,
        pools=len(judged),
        opened=len(found.keys() - open_rows.keys()),
        still_open=len(found.keys() & open_rows.keys()),
        resolved=len(open_rows.keys() - found.keys()),
        input_digest=_digest(judged),
    )
    for key in sorted(open_rows.keys() - found.keys()):
        _resolve(open_rows[key], run, replaced=any(subject == key[1] for _kind, subject in found), trail=trail)
    for key in sorted(open_rows.keys() & found.keys()):
        _renew(open_rows[key], found[key][1], run, trail)
    opened = [_open(*found[key], run, trail) for key in sorted(found.keys() - open_rows.keys())]
    trail.record(
        "scan.completed",
        subject=run,
        details={
            "pools": run.pools,
            "opened": run.opened,
            "still_open": run.still_open,
            "resolved": run.resolved,
            "input_digest": bytes(run.input_digest).hex(),
        },
    )
    _tell(opened, run, trail)
    return ScanOutcome(run, opened)


def _judge(facts: PoolFacts, at: datetime) -> PoolFinding | None:
    """The one finding of a pool: the rules exclude each other (tests/compliance proves it)."""
    return next(filter(None, (rule(facts, at=at) for rule in RULES)), None)


def _open(pool: SeatPool, finding: PoolFinding, run: ScanRun, trail: Trail) -> Violation:
    row = Violation.objects.create(
        organization_id=trail.organization_id,
        number=human_number("V"),
        kind=finding.kind.value,
        subject_type=SUBJECT,
        subject_id=str(pool.id),
        pool=pool,
        severity=finding.severity.value,
        observed=finding.observed,
        allowed=finding.allowed,
        evidence={**finding.explanation.as_json(), "scan": str(run.id), "pool": pool.name},
        first_seen_at=run.started_at,
        last_seen_at=run.started_at,
        due_at=run.started_at + TIME_TO_CURE[finding.severity.value],
    )
    trail.record("violation.opened", subject=row, details=_details(row, run))
    return row


def _renew(row: Violation, finding: PoolFinding, run: ScanRun, trail: Trail) -> None:
    """Notes that it still holds; only changed figures leave a ledger entry of their own."""
    before = (row.observed, row.allowed, row.severity)
    row.last_seen_at, row.observed, row.allowed = run.started_at, finding.observed, finding.allowed
    row.severity = finding.severity.value
    row.evidence = {**row.evidence, **finding.explanation.as_json(), "scan": str(run.id)}
    row.save(update_fields=["last_seen_at", "observed", "allowed", "severity", "evidence"])
    if before != (row.observed, row.allowed, row.severity):
        trail.record("violation.seen", subject=row, details=_details(row, run))


def _resolve(row: Violation, run: ScanRun, *, replaced: bool, trail: Trail) -> None:
    row.state, row.resolved_at = ViolationState.RESOLVED, run.started_at
    row.resolved_by = str(trail.actor.pseudonym)
    row.resolution = Resolution.REPLACED if replaced else Resolution.CURED
    row.save(update_fields=["state", "resolved_at", "resolved_by", "resolution"])
    trail.record("violation.resolved", subject=row, details={**_details(row, run), "resolution": row.resolution})


def _details(row: Violation, run: ScanRun) -> dict[str, str | int]:
    return {
        "number": row.number,
        "kind": row.kind,
        "pool": row.subject_id,
        "observed": row.observed,
        "allowed": row.allowed,
        "severity": row.severity,
        "scan": str(run.id),
    }


def _digest(judged: Sequence[tuple[SeatPool, PoolFacts, PoolFinding | None]]) -> bytes:
    """SHA-256 over the facts, pool by pool in the order of their ids."""
    lines = sorted(f"{pool.id} {json.dumps(list(_plain(facts)), default=str)}" for pool, facts, _finding in judged)
    return hashlib.sha256("\n".join(lines).encode()).digest()


def _plain(facts: PoolFacts) -> Iterator[object]:
    yield from (facts.capacity, facts.used, facts.unlimited, facts.hard_limit, facts.overdraft, facts.reserved)
    for right in facts.rights:
        yield (right.quantity, right.period.start, right.period.end)


def _tell(opened: Sequence[Violation], run: ScanRun, trail: Trail) -> None:
    """One e-mail per scan, not one per violation; none when nothing is new."""
    to = addresses_of_roles(TO_BE_TOLD, at=trail.clock.now()) if opened else []
    if not to:
        return
    lines = [
        _("%(number)s: %(pool)s holds %(observed)d seats, %(allowed)d are allowed.")
        % {"number": row.number, "pool": row.evidence["pool"], "observed": row.observed, "allowed": row.allowed}
        for row in opened
    ]
    enqueue(
        organization_id=trail.organization_id,
        channel="email",
        payload={
            "to": to,
            "subject": _("Seatledger: %(count)d new violations") % {"count": len(opened)},
            "text": "\n".join([*lines, "", _("Open the page “Violations” to see the evidence and what cures them.")]),
        },
        dedupe_key=f"scan:{run.id}",
        order_key=f"scan:{run.id}",
        now=trail.clock.now(),
    )
