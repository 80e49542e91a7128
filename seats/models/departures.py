"""What becomes of the seats of people who leave."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned, Person
from licensing.models.conditions import stamped, together

RETURN_DAYS = 14
MOST_DAYS = 365


class LeavingPolicy(OrganizationOwned):
    """One row per organisation. Seats of a leaver stay for `grace_days` (0: they are free at once); who is back within
    `return_days` gets the same seats again if they are free. More than `most_leavers` within 24 hours wait for a
    person; null: the smaller of 50 and a tenth of the people, but at least 10."""

    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=0)
    return_days = models.PositiveSmallIntegerField(_("days in which seats are given back"), default=RETURN_DAYS)
    most_leavers = models.PositiveIntegerField(_("leavers in 24 hours"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("policy for leavers")
        verbose_name_plural = _("policies for leavers")
        db_table = "seats_leaving_policy"
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="seats_leaving_policy_one"),
            models.CheckConstraint(
                condition=Q(return_days__gte=F("grace_days"), return_days__lte=MOST_DAYS),
                name="seats_leaving_policy_days",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class DepartureState(models.TextChoices):
    RELEASED = "released", _("Seats released")
    GRACE = "grace", _("In grace")
    HELD = "held", _("Legal hold")
    STOPPED = "stopped", _("Waits for a person")
    KEPT = "kept", _("Kept by decision")
    RETURNED = "returned", _("Person is back")


OPEN_DEPARTURES = ("grace", "held", "stopped", "kept")
"""States in which the leaver's seats are still held."""


class Departure(OrganizationOwned):
    """Somebody left at `left_at` and held seats: what became of them. Somebody without a seat leaves no row.

    `seats` are the ids of the assignments that were held then. In grace they are released at `due_at`; under legal
    hold, stopped or kept they stay until that changes. Until `return_until` a person who is back gets them again if
    they are free. `decided_by` is the pseudonym of whoever confirmed or kept; `told_at`: those who may decide were
    written to.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="departures", verbose_name=_("person"))
    left_at = models.DateTimeField(_("left at"))
    state = models.TextField(_("state"), choices=DepartureState.choices)
    seats = models.JSONField(_("seats"), default=list)
    due_at = models.DateTimeField(_("released at the latest"), null=True, blank=True)
    return_until = models.DateTimeField(_("given back until"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.TextField(_("decided by"), blank=True)
    decision_reason = models.TextField(_("reason for the decision"), blank=True)
    told_at = models.DateTimeField(_("told at"), null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(_("updated at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("departure")
        verbose_name_plural = _("departures")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "person"],
                condition=Q(state__in=OPEN_DEPARTURES),
                name="seats_departure_one_open",
            ),
            models.CheckConstraint(
                condition=stamped(Q(state="grace"), at="due_at"), name="seats_departure_grace_has_end"
            ),
            models.CheckConstraint(
                condition=together(at="decided_at", texts=["decided_by", "decision_reason"])
                & (~Q(state="kept") | Q(decided_at__isnull=False)),
                name="seats_departure_decided_by_somebody",
            ),
            models.CheckConstraint(condition=Q(return_until__gte=F("left_at")), name="seats_departure_in_order"),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "left_at"], name="seats_departure_by_state"),
            # What somebody left behind, when they are back.
            models.Index(fields=["organization", "person", "left_at"], name="seats_departure_of_person"),
        ]

    def __str__(self) -> str:
        return str(self.person_id)
