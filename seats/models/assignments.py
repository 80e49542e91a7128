"""Seats that are held: one row per holder and pool; a free seat has no row."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models import Device, OrganizationOwned, Person
from kernel.owned import OwnedManager
from licensing.models.conditions import exactly_one, together
from seats.models.pools import SeatPool


class AssignmentSource(models.TextChoices):
    ADMIN = "admin", _("Administrator")
    REQUEST = "request", _("Request")
    DIRECTORY = "directory", _("Directory")
    IMPORT = "import", _("Import")
    API = "api", _("API")
    RULE = "rule", _("Rule")


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def live(self) -> "AssignmentQuerySet":
        """Seats that are held and count as used."""
        return self.filter(released_at__isnull=True)

    def due_by(self, at: datetime) -> "AssignmentQuerySet":
        """Seats that are still held although their planned end has come."""
        return self.live().filter(until__lte=at)


AssignmentManager = OwnedManager.from_queryset(AssignmentQuerySet)


class Assignment(OrganizationOwned):
    """A person, a device or somebody outside the directory holds `quantity` seats of a pool since `since`.

    Live until `released_at`; `until` is a planned end and frees nothing by itself. Never deleted. `released_by` is a
    pseudonym, `end_reason` and `reason` are words of people. `request_id` names the approved request, whose table
    stands above. `over_limit` marks a seat that a soft pool admitted beyond its limit.
    """

    pool = models.ForeignKey(SeatPool, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("pool"))
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("person")
    )
    device = models.ForeignKey(
        Device, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("device")
    )
    external_holder = models.TextField(_("external holder"), blank=True)
    external_holder_lower = models.TextField(blank=True, editable=False)
    quantity = models.IntegerField(_("quantity"), default=1)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    source = models.TextField(_("source"), choices=AssignmentSource.choices)
    reason = models.TextField(_("reason"), blank=True)
    request_id = models.UUIDField(_("request"), null=True, blank=True)
    over_limit = models.BooleanField(_("over the limit"), default=False)
    created_at = models.DateTimeField(_("created at"))
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    released_by = models.TextField(_("released by"), blank=True)
    end_reason = models.TextField(_("reason for the end"), blank=True)

    objects: ClassVar[AssignmentManager[Self]] = AssignmentManager()

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.CheckConstraint(
                condition=exactly_one([Q(person__isnull=False), Q(device__isnull=False), ~Q(external_holder_lower="")]),
                name="seats_assignment_one_holder",
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="seats_assignment_of_something"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="seats_assignment_in_order"
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(released_at__gte=F("since")),
                name="seats_assignment_released_after_start",
            ),
            models.CheckConstraint(
                condition=together(at="released_at", texts=["released_by", "end_reason"]),
                name="seats_assignment_released_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["organization", "pool", "person"],
                condition=Q(released_at__isnull=True, person__isnull=False),
                name="seats_assignment_person_once",
            ),
            models.UniqueConstraint(
                fields=["organization", "pool", "device"],
                condition=Q(released_at__isnull=True, device__isnull=False),
                name="seats_assignment_device_once",
            ),
            models.UniqueConstraint(
                fields=["organization", "pool", "external_holder_lower"],
                condition=Q(released_at__isnull=True) & ~Q(external_holder_lower=""),
                name="seats_assignment_external_once",
            ),
        ]
        indexes = [
            # Who holds seats of this pool, and their sum for the recount.
            models.Index(
                fields=["organization", "pool", "since"],
                condition=Q(released_at__isnull=True),
                name="seats_assignment_live",
            ),
            # What a person holds, for off-boarding and self-service.
            models.Index(
                fields=["organization", "person"],
                condition=Q(released_at__isnull=True),
                name="seats_assignment_of_person",
            ),
            # Seats whose planned end has come.
            models.Index(
                fields=["organization", "until"],
                condition=Q(released_at__isnull=True, until__isnull=False),
                name="seats_assignment_due",
            ),
        ]

    def __str__(self) -> str:
        return self.external_holder or str(self.person_id or self.device_id)

    @property
    def is_live(self) -> bool:
        return self.released_at is None
