"""Groups of the directory that bring seats, and the seats that somebody ought to have and waits for."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import DirectoryGroup, OrganizationOwned, Person
from licensing.models.conditions import together
from seats.models.assignments import Assignment
from seats.models.pools import SeatPool

USUAL_PRIORITY = 100
MOST_PRIORITY = 1000
MOST_GRACE_DAYS = 90


class GroupRule(OrganizationOwned):
    """Whoever is in the group gets a seat of the pool; whoever leaves it loses the seat that the rule gave, after
    `grace_days` with a notice, at once when they are 0.

    Where seats are scarce, those of a lower `priority` come first. In force until `ended_at`; a rule outlives its group
    as a record (`group` null). `created_by` and `ended_by` are pseudonyms.
    """

    group = models.ForeignKey(
        DirectoryGroup, null=True, on_delete=models.SET_NULL, related_name="seat_rules", verbose_name=_("group")
    )
    group_name = models.TextField(_("name of the group"))
    pool = models.ForeignKey(SeatPool, on_delete=models.PROTECT, related_name="group_rules", verbose_name=_("pool"))
    priority = models.PositiveIntegerField(_("priority"), default=USUAL_PRIORITY)
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=0)
    created_at = models.DateTimeField(_("created at"))
    created_by = models.TextField(_("created by"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = models.TextField(_("ended by"), blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("group rule")
        verbose_name_plural = _("group rules")
        db_table = "seats_group_rule"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "group", "pool"],
                condition=Q(ended_at__isnull=True),
                name="seats_group_rule_once",
            ),
            models.CheckConstraint(
                condition=Q(priority__gte=1, priority__lte=MOST_PRIORITY, grace_days__lte=MOST_GRACE_DAYS),
                name="seats_group_rule_figures",
            ),
            models.CheckConstraint(
                condition=together(at="ended_at", texts=["ended_by"]), name="seats_group_rule_ended_by_somebody"
            ),
            models.CheckConstraint(
                condition=Q(group__isnull=False) | Q(ended_at__isnull=False), name="seats_group_rule_has_group"
            ),
        ]

    def __str__(self) -> str:
        return self.group_name


class ClaimKind(models.TextChoices):
    RULE = "rule", _("Group rule")
    RETURN = "return", _("Return")


class ClaimEnd(models.TextChoices):
    LEFT_GROUP = "left_group", _("Left the group")
    RULE_ENDED = "rule_ended", _("The rule ended")
    GIVEN = "given", _("Has the seat again")
    GIVEN_BACK = "given_back", _("The seat was given back")
    LEFT = "left", _("Left the organisation")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class SeatClaim(OrganizationOwned):
    """Somebody ought to have a seat: a group's rule says so, or it was theirs before they left and came back.

    While `assignment` is null the claim waits, and `code` is the code of the refusal of the last try (at `tried_at`):
    CAPACITY_EXCEEDED for a full pool, HELD_ALREADY while another seat of the pool serves. With an assignment, that is
    the seat that the rule gave, and `leaves_at` is the end of its grace. Over at `ended_at`. Never lost: what waits is
    tried again when a seat is free, lower `priority` and older claims first.
    """

    kind = models.TextField(_("kind"), choices=ClaimKind.choices)
    rule = models.ForeignKey(
        GroupRule, null=True, blank=True, on_delete=models.PROTECT, related_name="claims", verbose_name=_("group rule")
    )
    pool = models.ForeignKey(SeatPool, on_delete=models.PROTECT, related_name="claims", verbose_name=_("pool"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="seat_claims", verbose_name=_("person"))
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    priority = models.PositiveIntegerField(_("priority"), default=USUAL_PRIORITY)
    assignment = models.ForeignKey(
        Assignment, null=True, blank=True, on_delete=models.PROTECT, related_name="claims", verbose_name=_("seat")
    )
    code = models.TextField(_("why there is none"), blank=True)
    created_at = models.DateTimeField(_("created at"))
    tried_at = models.DateTimeField(_("tried at"), null=True, blank=True)
    leaves_at = models.DateTimeField(_("released at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end_reason = models.TextField(_("reason of the end"), choices=ClaimEnd.choices, blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("claim to a seat")
        verbose_name_plural = _("claims to seats")
        db_table = "seats_claim"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="rule", rule__isnull=False) | Q(kind="return", rule__isnull=True),
                name="seats_claim_of_a_rule",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end_reason="")
                | Q(ended_at__isnull=False, end_reason__in=ClaimEnd.values),
                name="seats_claim_ended_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(leaves_at__isnull=True) | Q(assignment__isnull=False), name="seats_claim_leaves_a_seat"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="seats_claim_of_something"),
            models.UniqueConstraint(
                fields=["organization", "rule", "person"],
                condition=Q(ended_at__isnull=True, rule__isnull=False),
                name="seats_claim_rule_once",
            ),
            models.UniqueConstraint(
                fields=["organization", "pool", "person"],
                condition=Q(ended_at__isnull=True, kind="return"),
                name="seats_claim_return_once",
            ),
        ]
        indexes = [
            # The queue of a pool, in the order in which it is served.
            models.Index(
                fields=["organization", "pool", "priority", "created_at"],
                condition=Q(ended_at__isnull=True, assignment__isnull=True),
                name="seats_claim_waiting",
            ),
            models.Index(
                fields=["organization", "person"], condition=Q(ended_at__isnull=True), name="seats_claim_of_person"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person_id)

    @property
    def is_waiting(self) -> bool:
        return self.ended_at is None and self.assignment_id is None
