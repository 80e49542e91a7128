"""Writes of reporting/: audit packages, from the order to the download."""

from reporting.operations.building import build, fail, rebuild
from reporting.operations.handing_out import hand_out
from reporting.operations.ordering import PackageScope, create_package, request_package, retry_package

__all__ = [
    "PackageScope",
    "build",
    "create_package",
    "fail",
    "hand_out",
    "rebuild",
    "request_package",
    "retry_package",
]
