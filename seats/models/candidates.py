"""Seats that a reclamation rule asks back, each from its selection to its end."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned
from kernel.owned import OwnedManager
from licensing.models.conditions import stamped
from seats.models.assignments import Assignment
from seats.models.reclamation import ReclamationRule
from seats.rules.candidates import OPEN, Deadlines, Happening, State

OPEN_STATES = sorted(state.value for state in OPEN)


class CandidateState(models.TextChoices):
    READY = State.READY.value, _("Selected")
    AWAITING_USER = State.AWAITING_USER.value, _("Waits for the holder")
    AWAITING_APPROVAL = State.AWAITING_APPROVAL.value, _("Waits for a decision")
    COMPLETED = State.COMPLETED.value, _("Taken back")
    SKIPPED = State.SKIPPED.value, _("Kept")
    CANCELLED = State.CANCELLED.value, _("Cancelled")
    UNDONE = State.UNDONE.value, _("Given again")


class CandidateOutcome(models.TextChoices):
    """The last thing that happened to a candidate."""

    ASKED = Happening.ASKED.value, _("The holder was asked")
    UNREACHABLE = Happening.UNREACHABLE.value, _("Nobody can be asked by e-mail")
    KEEP_WANTED = Happening.KEEP_WANTED.value, _("The holder wants to keep it")
    GIVEN_BACK = Happening.GIVEN_BACK.value, _("Given back by the holder")
    NO_ANSWER = Happening.NO_ANSWER.value, _("No answer in time")
    KEEP_GRANTED = Happening.KEEP_GRANTED.value, _("Keeping it was granted")
    KEEP_REFUSED = Happening.KEEP_REFUSED.value, _("Keeping it was refused")
    NO_DECISION = Happening.NO_DECISION.value, _("Nobody decided in time")
    USED_AGAIN = Happening.USED_AGAIN.value, _("Used again")
    SEAT_RELEASED = Happening.SEAT_RELEASED.value, _("The seat ended otherwise")
    PROTECTED = Happening.PROTECTED.value, _("Exempt by now")
    RULE_STOPPED = Happening.RULE_STOPPED.value, _("The rule was stopped")
    UNDONE = Happening.UNDONE.value, _("Given again")


class CandidateQuerySet(models.QuerySet["RemovalCandidate"]):
    def pending(self) -> "CandidateQuerySet":
        """Candidates about which something may still happen."""
        return self.filter(state__in=OPEN_STATES)


CandidateManager = OwnedManager.from_queryset(CandidateQuerySet)


class RemovalCandidate(OrganizationOwned):
    """A seat that a rule asks back; at most one open candidate for each seat.

    `last_used_at`, `use_source` and `measured_use` are what the rule saw when it selected the seat. `due_at` is when
    the holder's answer or the approver's decision is due. `nonce` makes the links of the notice: emptied by the first
    answer, so that they work once. `answer_reason` and `decision_reason` are words of people, `decided_by` a pseudonym.
    `saving` is what the seat costs in a year, or did once, in `currency`; null where no purchase tells. `restored` is
    the seat that an undo gave.
    """

    rule = models.ForeignKey(
        ReclamationRule, on_delete=models.PROTECT, related_name="candidates", verbose_name=_("reclamation rule")
    )
    assignment = models.ForeignKey(
        Assignment, on_delete=models.PROTECT, related_name="removal_candidates", verbose_name=_("assignment")
    )
    state = models.TextField(_("state"), choices=CandidateState.choices, default=CandidateState.READY)
    outcome = models.TextField(_("last event"), choices=CandidateOutcome.choices, blank=True)
    selected_at = models.DateTimeField(_("selected at"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    use_source = models.TextField(_("source of the last use"), blank=True)
    measured_use = models.DecimalField(_("use in the window"), max_digits=26, decimal_places=6, null=True, blank=True)
    asked_at = models.DateTimeField(_("asked at"), null=True, blank=True)
    reminders_sent = models.IntegerField(_("reminders sent"), default=0)
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    nonce = models.TextField(_("mark of the links"), blank=True, editable=False)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answer_reason = models.TextField(_("reason of the holder"), blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.TextField(_("decided by"), blank=True)
    decision_reason = models.TextField(_("reason of the decision"), blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    saving = models.DecimalField(_("saving"), max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    restored = models.ForeignKey(
        Assignment,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="restores",
        verbose_name=_("seat given again"),
    )

    objects: ClassVar[CandidateManager[Self]] = CandidateManager()

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("removal candidate")
        verbose_name_plural = _("removal candidates")
        db_table = "seats_removal_candidate"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "assignment"],
                condition=Q(state__in=OPEN_STATES),
                name="seats_removal_candidate_one_open",
            ),
            models.CheckConstraint(
                condition=stamped(~Q(state__in=OPEN_STATES), at="ended_at"), name="seats_removal_candidate_ended"
            ),
            models.CheckConstraint(
                condition=stamped(Q(state__in=["awaiting_user", "awaiting_approval"]), at="due_at"),
                name="seats_removal_candidate_due",
            ),
            # Nobody waits for an answer who was not asked, and nobody can answer twice.
            models.CheckConstraint(
                condition=(Q(state="awaiting_user", asked_at__isnull=False) & ~Q(nonce=""))
                | (~Q(state="awaiting_user") & Q(nonce="")),
                name="seats_removal_candidate_can_answer",
            ),
            models.CheckConstraint(
                condition=Q(state="undone", restored__isnull=False) | (~Q(state="undone") & Q(restored__isnull=True)),
                name="seats_removal_candidate_restored",
            ),
            models.CheckConstraint(
                condition=Q(saving__isnull=True, currency="") | (Q(saving__isnull=False) & ~Q(currency="")),
                name="seats_removal_candidate_money",
            ),
            models.CheckConstraint(condition=Q(reminders_sent__gte=0), name="seats_removal_candidate_reminders"),
        ]
        indexes = [
            # What the nightly run finds due, and the columns of the board.
            models.Index(fields=["organization", "state", "due_at"], name="seats_candidate_due"),
            # The savings of a period, and answers that still protect a seat.
            models.Index(fields=["organization", "ended_at"], name="seats_candidate_ended"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def deadlines(self) -> Deadlines:
        """What the pure rules need to know."""
        return Deadlines(state=State(self.state), due_at=self.due_at, ended_at=self.ended_at)
