"""Audit packages as rows."""

from reporting.models.packages import AuditPackage, PackageState

__all__ = ["AuditPackage", "PackageState"]
