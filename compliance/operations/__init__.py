"""Writes of compliance/: the scan, who takes care of what it found, and changes that need a second person."""

from compliance.operations.change_requests import (
    ChangeRequestDecided,
    ChangeRequestNotFound,
    ChangeRequestOpen,
    NobodyToApprove,
    approve_change,
    expire_change,
    reject_change,
    request_recall,
    request_revocation,
    request_seat,
    request_transfer,
    withdraw_change,
)
from compliance.operations.scan import ScanOutcome, scan
from compliance.operations.violations import OwnerUnknown, assign_owner

__all__ = [
    "ChangeRequestDecided",
    "ChangeRequestNotFound",
    "ChangeRequestOpen",
    "NobodyToApprove",
    "OwnerUnknown",
    "ScanOutcome",
    "approve_change",
    "assign_owner",
    "expire_change",
    "reject_change",
    "request_recall",
    "request_revocation",
    "request_seat",
    "request_transfer",
    "scan",
    "withdraw_change",
]
