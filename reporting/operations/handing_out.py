"""Handing a package out: whoever takes evidence away stands in the ledger."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import Conflict
from kernel.trail import Trail
from reporting.models import AuditPackage, PackageState
from reporting.operations.building import PackageNotReady
from reporting.operations.ordering import locked_package
from reporting.package_files import path_of


class PackageFileMissing(Conflict):
    """The archive is not in its folder; `manage.py audit_package --rebuild` makes the same one again."""

    code = "PACKAGE_FILE_MISSING"


@dataclass(frozen=True)
class HandedOut:
    """A package and where its archive lies."""

    package: AuditPackage
    path: Path


def hand_out(*, package_id: UUID, trail: Trail) -> HandedOut:
    """Records that the actor gets the archive, and says where it lies. Raises PackageNotFound, PackageNotReady and
    PackageFileMissing."""
    row = locked_package(package_id)
    if row.state != PackageState.READY:
        raise PackageNotReady(_("This package is not ready."))
    path = path_of(row.archive_file, organization_id=row.organization_id)
    if not path.is_file() or path.stat().st_size != row.archive_size:
        raise PackageFileMissing(_("The archive of this package is lost. It can be built again from its stored facts."))
    trail.record(
        "audit_package.downloaded",
        subject=row,
        details={"number": row.number, "archive_sha256": row.archive_sha256, "size": row.archive_size},
    )
    return HandedOut(row, path)
