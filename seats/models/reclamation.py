"""Rules by which seats that nobody uses are asked back, and who or what is exempt from them."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models import DirectoryGroup, OrganizationOwned, Person
from kernel.owned import OwnedManager
from licensing.models import Product
from licensing.models.conditions import exactly_one, together
from seats.models.pools import SeatPool
from seats.rules.candidates import Approver
from seats.rules.reclamation import RuleKind


class ReclamationKind(models.TextChoices):
    LAST_USED = RuleKind.LAST_USED.value, _("Not used for the window")
    TOTAL_USE = RuleKind.TOTAL_USE.value, _("Total use in the window below a limit")
    PEAK_USE = RuleKind.PEAK_USE.value, _("Busiest day of the window below a limit")


class ReclamationApprover(models.TextChoices):
    ADMINISTRATOR = Approver.ADMINISTRATOR.value, _("Administrators of seats")
    PRODUCT_OWNER = Approver.PRODUCT_OWNER.value, _("Owners of the product")
    MANAGER = Approver.MANAGER.value, _("The holder's manager")


class ReclamationRule(OrganizationOwned):
    """Seats of a pool, or of every pool of a product, are asked back when their holders use them too little.

    All `…_days` are whole days. `window_days` is how far back use counts; for the kind "last used" it is the threshold
    itself. `use_limit` is the limit of total or peak use, in the unit of the usage feed. `reminders` are spread evenly
    over `notice_days`. `feed_silent_since` is the open alert: the product had no usage record in the window when the
    rule last looked, so it selects nobody. `stopped_at` null: the rule works.
    """

    name = models.TextField(_("name"))
    pool = models.ForeignKey(
        SeatPool,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reclamation_rules",
        verbose_name=_("pool"),
    )
    product = models.ForeignKey(
        Product,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reclamation_rules",
        verbose_name=_("product"),
    )
    kind = models.TextField(_("kind"), choices=ReclamationKind.choices, default=ReclamationKind.LAST_USED)
    window_days = models.IntegerField(_("window in days"), default=90)
    use_limit = models.DecimalField(_("limit of use"), max_digits=20, decimal_places=6, null=True, blank=True)
    include_no_activity = models.BooleanField(_("include seats without any known use"), default=False)
    minimum_age_days = models.IntegerField(_("minimum age of a seat in days"), default=60)
    notice_days = models.IntegerField(_("notice in days"), default=14)
    reminders = models.IntegerField(_("reminders"), default=1)
    approver = models.TextField(
        _("who decides when a holder wants to keep it"),
        choices=ReclamationApprover.choices,
        default=ReclamationApprover.ADMINISTRATOR,
    )
    decision_days = models.IntegerField(_("days to decide"), default=7)
    cool_down_days = models.IntegerField(_("days of rest after an answer"), default=90)
    feed_silent_since = models.DateTimeField(_("usage feed silent since"), null=True, blank=True)
    looked_at = models.DateTimeField(_("last looked"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    created_by = models.TextField(_("created by"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("reclamation rule")
        verbose_name_plural = _("reclamation rules")
        db_table = "seats_reclamation_rule"
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="seats_reclamation_rule_name"),
            models.CheckConstraint(
                condition=exactly_one([Q(pool__isnull=False), Q(product__isnull=False)]),
                name="seats_reclamation_rule_one_target",
            ),
            models.CheckConstraint(
                condition=Q(kind="last_used", use_limit__isnull=True)
                | (~Q(kind="last_used") & Q(use_limit__isnull=False, use_limit__gt=0)),
                name="seats_reclamation_rule_limit_of_use",
            ),
            # A day at least to answer, and to decide: nobody loses a seat without having been asked.
            models.CheckConstraint(
                condition=Q(
                    window_days__gte=1,
                    notice_days__gte=1,
                    decision_days__gte=1,
                    minimum_age_days__gte=0,
                    cool_down_days__gte=0,
                ),
                name="seats_reclamation_rule_days",
            ),
            models.CheckConstraint(
                condition=Q(reminders__gte=0, reminders__lte=5), name="seats_reclamation_rule_reminders"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.stopped_at is None

    @property
    def target(self) -> str:
        """The name of what the rule is about; reads the pool or the product."""
        return str(self.pool or self.product)


class ExemptionQuerySet(models.QuerySet["Exemption"]):
    def in_force(self, at: datetime) -> "ExemptionQuerySet":
        """Exemptions that protect at that moment."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), ended_at__isnull=True)


ExemptionManager = OwnedManager.from_queryset(ExemptionQuerySet)


class Exemption(OrganizationOwned):
    """Seats of a person, of a group's members or of a pool are asked back by no rule, for a stated reason, until
    `ends_at` (null: without end) or until somebody ended it. A device is exempt with the person whose it is."""

    person = models.ForeignKey(
        Person,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reclamation_exemptions",
        verbose_name=_("person"),
    )
    group = models.ForeignKey(
        DirectoryGroup,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="reclamation_exemptions",
        verbose_name=_("group"),
    )
    pool = models.ForeignKey(
        SeatPool,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reclamation_exemptions",
        verbose_name=_("pool"),
    )
    reason = models.TextField(_("reason"))
    created_at = models.DateTimeField(_("created at"))
    created_by = models.TextField(_("created by"))
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = models.TextField(_("ended by"), blank=True)

    objects: ClassVar[ExemptionManager[Self]] = ExemptionManager()

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("exemption from reclamation")
        verbose_name_plural = _("exemptions from reclamation")
        db_table = "seats_exemption"
        constraints = [
            models.CheckConstraint(
                condition=exactly_one([Q(person__isnull=False), Q(group__isnull=False), Q(pool__isnull=False)]),
                name="seats_exemption_one_subject",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="seats_exemption_has_reason"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("created_at")), name="seats_exemption_in_order"
            ),
            models.CheckConstraint(
                condition=together(at="ended_at", texts=["ended_by"]), name="seats_exemption_ended_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person or self.group or self.pool)
