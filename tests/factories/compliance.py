"""Violations, scans and change requests."""

from itertools import count
from typing import Any

from compliance.models import ChangeRequest, ScanRun, Violation
from identity.models import Organization
from licensing.models import License
from seats.models import SeatPool
from tests.factories.moments import NOW, days

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


def change_request(license: License, **columns: Any) -> ChangeRequest:
    """An open request to revoke a licence."""
    values = {
        "number": f"C-{next(_next)}",
        "kind": "license.revoke",
        "payload": {"license": str(license.id), "reason": "returned"},
        "payload_hash": "0" * 64,
        "reason": "returned",
        "requested_at": NOW,
        "requested_by": "00000000-0000-4000-8000-000000000001",
        "due_at": days(14),
        **columns,
    }
    return ChangeRequest.objects.create(organization=license.organization, license=license, **values)


def seat_request(pool: SeatPool, **columns: Any) -> ChangeRequest:
    """An open request for a seat."""
    values = {
        "number": f"C-{next(_next)}",
        "kind": "seat.assign",
        "payload": {"pool": str(pool.id), "person": str(pool.id), "reason": "needed"},
        "payload_hash": "0" * 64,
        "reason": "needed",
        "requested_at": NOW,
        "requested_by": "00000000-0000-4000-8000-000000000001",
        "due_at": days(14),
        **columns,
    }
    return ChangeRequest.objects.create(organization=pool.organization, pool=pool, **values)
