"""Audit packages: what was asked for, how far it is, and the digests of what came of it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned
from licensing.models.conditions import stamped


class PackageState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    BUILDING = "building", _("Being built")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


class AuditPackage(OrganizationOwned):
    """One audit package of the period from `period_start` up to, not including, `period_end` (calendar days).

    `scope` is {"kind": "all" | "publisher" | "product" | "licensee", "id"?, "name"?}. The snapshot is what was
    gathered, the archive what is downloaded; files are named relative to the package folder, digests are SHA-256 in
    hex. `ledger_size` is the number of ledger entries at the cut-off. `requested_by` is a pseudonym or a task's name;
    the package itself names only `requested_by_role`.
    """

    number = models.TextField(_("number"))
    period_start = models.DateField(_("period start"))
    period_end = models.DateField(_("period end"))
    scope = models.JSONField(_("scope"), default=dict)
    language = models.CharField(_("language"), max_length=8, default="en")
    state = models.TextField(_("state"), choices=PackageState.choices, default=PackageState.QUEUED)
    job_run_id = models.UUIDField(_("job run"), null=True, blank=True)
    requested_by = models.TextField(_("requested by"))
    requested_by_role = models.TextField(_("role of the requester"), blank=True)
    created_at = models.DateTimeField(_("created at"))
    snapshot_file = models.TextField(_("snapshot file"), blank=True)
    snapshot_sha256 = models.CharField(_("SHA-256 of the snapshot"), max_length=64, blank=True)
    ledger_size = models.BigIntegerField(_("ledger size"), null=True, blank=True)
    built_at = models.DateTimeField(_("built at"), null=True, blank=True)
    archive_file = models.TextField(_("archive file"), blank=True)
    archive_sha256 = models.CharField(_("SHA-256 of the archive"), max_length=64, blank=True)
    archive_size = models.BigIntegerField(_("size of the archive"), null=True, blank=True)
    manifest_sha256 = models.CharField(_("SHA-256 of the manifest"), max_length=64, blank=True)
    error_code = models.TextField(_("error code"), blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("audit package")
        verbose_name_plural = _("audit packages")
        db_table = "reporting_audit_package"
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="reporting_audit_package_number"),
            models.CheckConstraint(
                condition=Q(period_end__gt=F("period_start")), name="reporting_audit_package_period_in_order"
            ),
            models.CheckConstraint(
                condition=stamped(Q(state="ready"), at="built_at"), name="reporting_audit_package_ready_has_time"
            ),
            # A package that can be downloaded can also be checked.
            models.CheckConstraint(
                condition=~Q(state="ready")
                | (
                    Q(ledger_size__isnull=False, archive_size__isnull=False)
                    & ~Q(snapshot_sha256="")
                    & ~Q(archive_file="")
                    & ~Q(archive_sha256="")
                    & ~Q(manifest_sha256="")
                ),
                name="reporting_audit_package_ready_has_digests",
            ),
            models.CheckConstraint(
                condition=Q(state="failed") | Q(error_code=""), name="reporting_audit_package_error_when_failed"
            ),
        ]
        indexes = [models.Index(fields=["organization", "created_at"], name="reporting_audit_package_new")]

    def __str__(self) -> str:
        return self.number
