"""Reads of audit packages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from audit.models import SigningKey
from audit.queries import published_keys
from audit.rules.note import fingerprint
from jobs.models import JobRun, RunState
from licensing.models import Product, Publisher
from reporting.models import AuditPackage, PackageState


@dataclass(frozen=True)
class PackageProgress:
    """A package with the run that builds it; `failed` also when the worker was lost without a word."""

    package: AuditPackage
    run: JobRun | None

    @property
    def state(self) -> PackageState:
        lost = self.run is not None and self.run.state == RunState.FAILED
        return PackageState.FAILED if lost and not self.is_ready else PackageState(self.package.state)

    @property
    def is_ready(self) -> bool:
        return self.package.state == PackageState.READY

    @property
    def is_open(self) -> bool:
        """Whether somebody is expected to build it still."""
        return self.state in {PackageState.QUEUED, PackageState.BUILDING}

    @property
    def can_retry(self) -> bool:
        return can_retry(self.package, self.run)

    @property
    def error_code(self) -> str:
        return self.package.error_code or (self.run.error_code if self.run is not None else "")


def can_retry(package: AuditPackage, run: JobRun | None) -> bool:
    """Whether nobody builds the package any more, although it is not ready."""
    if package.state == PackageState.READY:
        return False
    return package.state == PackageState.FAILED or run is None or run.state in {RunState.FAILED, RunState.DONE}


def packages() -> QuerySet[AuditPackage]:
    """All packages, newest first."""
    return AuditPackage.objects.order_by("-created_at", "-id")


def package_progress(package_id: UUID) -> PackageProgress | None:
    """Two queries; None when there is no such package in the open organisation."""
    package = AuditPackage.objects.filter(id=package_id).first()
    if package is None:
        return None
    run = JobRun.objects.filter(id=package.job_run_id).first() if package.job_run_id else None
    return PackageProgress(package, run)


def with_runs(rows: Sequence[AuditPackage]) -> list[PackageProgress]:
    """Each of these packages with its run; one query for all."""
    runs = {run.id: run for run in JobRun.objects.filter(id__in=[row.job_run_id for row in rows if row.job_run_id])}
    return [PackageProgress(row, runs.get(row.job_run_id) if row.job_run_id else None) for row in rows]


def signing_fingerprint(*, at: datetime | None = None) -> str:
    """The fingerprint of the key that signed at a moment, or that signs now; empty without one."""
    for key in published_keys():
        signed = key.retired_at is None if at is None else key.created_at <= at and not _retired(key, at)
        if signed:
            return fingerprint(bytes(key.public))
    return ""


def _retired(key: SigningKey, at: datetime) -> bool:
    return key.retired_at is not None and key.retired_at <= at


def scope_choices() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(id, name) of all publishers and of all products, by name. Two queries."""
    publishers = [(str(key), name) for key, name in Publisher.objects.order_by("name_lower").values_list("id", "name")]
    rows = Product.objects.order_by("publisher__name_lower", "name_lower")
    products = [
        (str(key), f"{publisher}: {name}") for key, name, publisher in rows.values_list("id", "name", "publisher__name")
    ]
    return publishers, products
