"""What is not as it should be, from the day it was first seen to the day it was resolved."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models import Account, OrganizationOwned
from kernel.owned import OwnedManager
from licensing.models.conditions import stamped, together
from seats.models import SeatPool


class ViolationKind(models.TextChoices):
    OVER_ALLOCATION = "over_allocation", _("More seats held than rights in force")
    EXPIRED_USE = "expired_use", _("Seats held and no right in force")


class ViolationState(models.TextChoices):
    OPEN = "open", _("Open")
    RESOLVED = "resolved", _("Resolved")


class Severity(models.TextChoices):
    INFO = "info", _("Info")
    WARNING = "warning", _("Warning")
    CRITICAL = "critical", _("Critical")
    SEVERE = "severe", _("Severe")


class Resolution(models.TextChoices):
    CURED = "cured", _("No longer the case")
    REPLACED = "replaced", _("Became a violation of another kind")


class ViolationQuerySet(models.QuerySet["Violation"]):
    def open(self) -> "ViolationQuerySet":
        """Violations that still need somebody."""
        return self.filter(state=ViolationState.OPEN)


ViolationManager = OwnedManager.from_queryset(ViolationQuerySet)


class Violation(OrganizationOwned):
    """One violation of one kind on one subject; open at most once, and seen again by every scan until it is resolved.

    `subject_type` is a model label such as "seats.seatpool" and `subject_id` its id as text; `pool` is the same as a
    key where the subject is a pool. `observed` and `allowed` count in the unit of the pool's metric. `evidence` is what
    the last scan saw: ids, numbers and times as text. `resolved_by` is a pseudonym or the name of a task.
    """

    number = models.TextField(_("number"))
    kind = models.TextField(_("kind"), choices=ViolationKind.choices)
    subject_type = models.TextField(_("type of subject"))
    subject_id = models.TextField(_("subject ID"))
    pool = models.ForeignKey(
        SeatPool, null=True, blank=True, on_delete=models.PROTECT, related_name="violations", verbose_name=_("pool")
    )
    state = models.TextField(_("state"), choices=ViolationState.choices, default=ViolationState.OPEN)
    severity = models.TextField(_("severity"), choices=Severity.choices)
    observed = models.BigIntegerField(_("observed"))
    allowed = models.BigIntegerField(_("allowed"))
    evidence = models.JSONField(_("evidence"), default=dict)
    owner = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="violations", verbose_name=_("owner")
    )
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    first_seen_at = models.DateTimeField(_("first seen at"))
    last_seen_at = models.DateTimeField(_("last seen at"))
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolved_by = models.TextField(_("resolved by"), blank=True)
    resolution = models.TextField(_("resolution"), choices=Resolution.choices, blank=True)
    resolution_note = models.TextField(_("resolution note"), blank=True)

    objects: ClassVar[ViolationManager[Self]] = ViolationManager()

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("violation")
        verbose_name_plural = _("violations")
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="compliance_violation_number"),
            models.UniqueConstraint(
                fields=["organization", "kind", "subject_type", "subject_id"],
                condition=Q(state="open"),
                name="compliance_violation_one_open",
            ),
            models.CheckConstraint(
                condition=stamped(Q(state="resolved"), at="resolved_at")
                & together(at="resolved_at", texts=["resolved_by", "resolution"]),
                name="compliance_violation_resolved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(last_seen_at__gte=F("first_seen_at")), name="compliance_violation_in_order"
            ),
            models.CheckConstraint(
                condition=Q(observed__gte=0, allowed__gte=0), name="compliance_violation_not_negative"
            ),
        ]
        indexes = [
            # The list of open violations; the history of a period.
            models.Index(fields=["organization", "state", "first_seen_at"], name="compliance_violation_state"),
            models.Index(fields=["organization", "subject_type", "subject_id"], name="compliance_violation_subject"),
        ]

    def __str__(self) -> str:
        return self.number


class ScanRun(OrganizationOwned):
    """One look at all pools. `input_digest` (SHA-256) is over the facts that were judged: same facts, same digest."""

    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    pools = models.IntegerField(_("pools judged"), default=0)
    opened = models.IntegerField(_("opened"), default=0)
    still_open = models.IntegerField(_("still open"), default=0)
    resolved = models.IntegerField(_("resolved"), default=0)
    input_digest = models.BinaryField(max_length=32)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        db_table = "compliance_scan_run"
        constraints = [
            models.CheckConstraint(
                condition=Q(pools__gte=0, opened__gte=0, still_open__gte=0, resolved__gte=0),
                name="compliance_scan_run_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("started_at")),
                name="compliance_scan_run_in_order",
            ),
        ]
        indexes = [models.Index(fields=["organization", "started_at"], name="compliance_scan_run_started")]

    def __str__(self) -> str:
        return self.started_at.isoformat()
