"""Imports: a file, what each of its rows would change or changed, and use that was seen without a right."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import Device, OrganizationOwned, Person
from kernel.owned import OwnedManager
from licensing.models.catalogue import Edition, Product
from licensing.models.conditions import exactly_one, stamped, together, unique_with_optional


class ImportState(models.TextChoices):
    DRY_RUN = "dry_run", _("Examined, nothing written")
    COMMITTING = "committing", _("Being committed")
    COMMITTED = "committed", _("Committed")
    FAILED = "failed", _("Failed")


class ImportBatch(OrganizationOwned):
    """One uploaded file of one kind, from its dry run to its commit.

    `kind` names a licensing.ports.ImportKind; `source` the system that the file comes from, whose `mapping` (declared
    field → column header) is remembered. The counts are of rows, by their status. `created_by` and `committed_by` are
    pseudonyms. `job_run_id` is the run that commits it.
    """

    number = models.TextField(_("number"))
    kind = models.TextField(_("kind"))
    source = models.TextField(_("source"), blank=True)
    mapping = models.JSONField(_("mapping"), default=dict)
    file_name = models.TextField(_("file name"))
    file_sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    file_size = models.BigIntegerField(_("size of the file"))
    state = models.TextField(_("state"), choices=ImportState.choices, default=ImportState.DRY_RUN)
    new = models.IntegerField(_("new"), default=0)
    changed = models.IntegerField(_("changed"), default=0)
    same = models.IntegerField(_("unchanged"), default=0)
    errors = models.IntegerField(_("errors"), default=0)
    warnings = models.IntegerField(_("warnings"), default=0)
    job_run_id = models.UUIDField(_("job run"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    created_by = models.TextField(_("created by"))
    committed_at = models.DateTimeField(_("committed at"), null=True, blank=True)
    committed_by = models.TextField(_("committed by"), blank=True)
    error_code = models.TextField(_("error code"), blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        db_table = "licensing_import_batch"
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="licensing_import_batch_number"),
            # Two clicks, or two people with the same file: the second commit waits for the first and finds nothing new.
            models.UniqueConstraint(
                fields=["organization", "kind", "file_sha256"],
                condition=Q(state="committing"),
                name="licensing_import_batch_one_commit",
            ),
            models.CheckConstraint(
                condition=stamped(Q(state="committed"), at="committed_at"),
                name="licensing_import_batch_committed_has_time",
            ),
            models.CheckConstraint(
                condition=together(at="committed_at", texts=["committed_by"]),
                name="licensing_import_batch_committed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="failed") | Q(error_code=""), name="licensing_import_batch_error_when_failed"
            ),
        ]
        indexes = [
            # The mapping of the last file from this source; the page of imports, newest first.
            models.Index(fields=["organization", "kind", "source", "created_at"], name="licensing_import_source"),
            models.Index(fields=["organization", "created_at"], name="licensing_import_created"),
        ]

    def __str__(self) -> str:
        return self.number


class ImportStatus(models.TextChoices):
    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    SAME = "same", _("Same")
    ERROR = "error", _("Error")
    WARNING = "warning", _("Warning")


class ImportRow(OrganizationOwned):
    """One row of the file. `line` counts as an editor or spreadsheet does.

    `cells` is what the row says (declared field → text), `diff` what would change (field → [before, after] as text),
    `findings` what is wrong or noteworthy (column, value, code, details). `before` is the target as it was when the
    commit changed it, for a rollback. `target_type` and `target_id` name the row that was written.
    """

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows", verbose_name=_("import"))
    line = models.IntegerField(_("line"))
    status = models.TextField(_("status"), choices=ImportStatus.choices)
    cells = models.JSONField(_("cells"), default=dict)
    diff = models.JSONField(_("difference"), default=dict, blank=True)
    findings = models.JSONField(_("findings"), default=list, blank=True)
    before = models.JSONField(_("before"), null=True, blank=True)
    target_type = models.TextField(_("type of target"), blank=True)
    target_id = models.TextField(_("target ID"), blank=True)
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("import row")
        verbose_name_plural = _("import rows")
        db_table = "licensing_import_row"
        constraints = [
            models.UniqueConstraint(fields=["organization", "batch", "line"], name="licensing_import_row_once"),
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True) | ~Q(status="error"), name="licensing_import_row_error_not_applied"
            ),
        ]
        indexes = [
            # "Show me the errors", page by page.
            models.Index(fields=["organization", "batch", "status", "line"], name="licensing_import_row_status")
        ]

    def __str__(self) -> str:
        return str(self.line)


class ObservedUseQuerySet(models.QuerySet["ObservedUse"]):
    def live(self) -> "ObservedUseQuerySet":
        """Use that is still going on, as far as anybody has said."""
        return self.filter(ended_at__isnull=True)


ObservedUseManager = OwnedManager.from_queryset(ObservedUseQuerySet)


class ObservedUse(OrganizationOwned):
    """Use without a right: demand, never an assignment.

    The subject is a person, a device, or the text that the source gave when it matches neither. `quantity` counts in
    the unit of the product's metric (a host of 24 cores is 24). Live until `ended_at`.
    """

    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="observed_use", verbose_name=_("person")
    )
    device = models.ForeignKey(
        Device, null=True, blank=True, on_delete=models.PROTECT, related_name="observed_use", verbose_name=_("device")
    )
    external_subject = models.TextField(_("external subject"), blank=True)
    external_subject_lower = models.TextField(blank=True, editable=False)
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="observed_use", verbose_name=_("product")
    )
    edition = models.ForeignKey(
        Edition, null=True, blank=True, on_delete=models.PROTECT, related_name="observed_use", verbose_name=_("edition")
    )
    quantity = models.IntegerField(_("quantity"), default=1)
    since = models.DateTimeField(_("since"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    source = models.TextField(_("source"))
    batch = models.ForeignKey(
        ImportBatch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="observed_use",
        verbose_name=_("import"),
    )
    created_at = models.DateTimeField(_("created at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects: ClassVar[ObservedUseManager[Self]] = ObservedUseManager()

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("observed use")
        verbose_name_plural = _("observed uses")
        db_table = "licensing_observed_use"
        constraints = [
            models.CheckConstraint(
                condition=exactly_one(
                    [Q(person__isnull=False), Q(device__isnull=False), ~Q(external_subject_lower="")]
                ),
                name="licensing_observed_use_one_subject",
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="licensing_observed_use_of_something"),
            *unique_with_optional(
                fields=["organization", "product", "person"],
                optional=["edition"],
                condition=Q(ended_at__isnull=True, person__isnull=False),
                name="licensing_observed_use_person",
            ),
            *unique_with_optional(
                fields=["organization", "product", "device"],
                optional=["edition"],
                condition=Q(ended_at__isnull=True, device__isnull=False),
                name="licensing_observed_use_device",
            ),
            *unique_with_optional(
                fields=["organization", "product", "external_subject_lower"],
                optional=["edition"],
                condition=Q(ended_at__isnull=True) & ~Q(external_subject_lower=""),
                name="licensing_observed_use_external",
            ),
        ]

    def __str__(self) -> str:
        return self.external_subject or str(self.id)
