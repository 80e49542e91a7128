"""Violations and scans."""

from itertools import count
from typing import Any

from compliance.models import ScanRun, Violation
from identity.models import Organization
from tests.factories.moments import NOW

_next = count(1)


def violation(organization: Organization, **columns: Any) -> Violation:
    """An open over-allocation of ten seats."""
    values = {
        "number": f"V-{next(_next)}",
        "kind": "over_allocation",
        "subject_type": "seats.seatpool",
        "subject_id": str(next(_next)),
        "severity": "warning",
        "observed": 110,
        "allowed": 100,
        "first_seen_at": NOW,
        "last_seen_at": NOW,
        **columns,
    }
    return Violation.objects.create(organization=organization, **values)


def scan_run(organization: Organization, **columns: Any) -> ScanRun:
    values = {"started_at": NOW, "finished_at": NOW, "input_digest": bytes(32), **columns}
    return ScanRun.objects.create(organization=organization, **values)
