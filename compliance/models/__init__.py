"""Violations and the scans that find them; changes that need a second person."""

from compliance.models.change_requests import ChangeKind, ChangeRequest, ChangeState
from compliance.models.violations import Resolution, ScanRun, Severity, Violation, ViolationKind, ViolationState

__all__ = [
    "ChangeKind",
    "ChangeRequest",
    "ChangeState",
    "Resolution",
    "ScanRun",
    "Severity",
    "Violation",
    "ViolationKind",
    "ViolationState",
]
