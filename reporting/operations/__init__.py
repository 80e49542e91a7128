"""Writes of reporting/: audit packages, from the order to the download, and verifications of the ledger."""

from reporting.operations.building import build, fail, rebuild
from reporting.operations.handing_out import hand_out
from reporting.operations.ordering import PackageScope, create_package, request_package, retry_package
from reporting.operations.verifying import request_verification, verify_ledger

__all__ = [
    "PackageScope",
    "build",
    "create_package",
    "fail",
    "hand_out",
    "rebuild",
    "request_package",
    "request_verification",
    "retry_package",
    "verify_ledger",
]
