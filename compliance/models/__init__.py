"""Violations and the scans that find them."""

from compliance.models.violations import Resolution, ScanRun, Severity, Violation, ViolationKind, ViolationState

__all__ = ["Resolution", "ScanRun", "Severity", "Violation", "ViolationKind", "ViolationState"]
