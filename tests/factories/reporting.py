"""Audit packages."""

from datetime import date
from itertools import count
from typing import Any

from identity.models import Organization
from reporting.models import AuditPackage
from tests.factories.moments import NOW

_next = count(1)
BUILT = {
    "state": "ready",
    "built_at": NOW,
    "ledger_size": 12,
    "snapshot_file": "p/snapshot.json",
    "snapshot_sha256": "a" * 64,
    "archive_file": "p/package.zip",
    "archive_sha256": "b" * 64,
    "archive_size": 1000,
    "manifest_sha256": "c" * 64,
}
"""What the columns of a built package hold."""


def package(organization: Organization, **columns: Any) -> AuditPackage:
    """A queued package of the last quarter of 2025."""
    values = {
        "number": f"P-{next(_next)}",
        "period_start": date(2025, 10, 1),
        "period_end": date(2026, 1, 1),
        "scope": {"kind": "all"},
        "requested_by": "schedule",
        "created_at": NOW,
        **columns,
    }
    return AuditPackage.objects.create(organization=organization, **values)
