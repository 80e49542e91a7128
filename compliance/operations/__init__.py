"""Writes of compliance/: the scan and who takes care of what it found."""

from compliance.operations.scan import ScanOutcome, scan
from compliance.operations.violations import OwnerUnknown, assign_owner

__all__ = ["OwnerUnknown", "ScanOutcome", "assign_owner", "scan"]
