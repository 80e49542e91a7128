"""What changed in a contract after it came into force: numbered, reasoned, never edited."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned
from licensing.models.agreements import Agreement


class Amendment(OrganizationOwned):
    """The `number`-th amendment of an agreement, counted from one, in force from `effective_at`.

    `changes` maps each column of the agreement to the pair of its text before and after (ISO 8601 for moments and days;
    null for none). Rows are only added: triggers refuse everything else (licensing/protection.py).
    """

    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="amendments", verbose_name=_("agreement")
    )
    number = models.IntegerField(_("number"))
    effective_at = models.DateTimeField(_("effective at"))
    changes = models.JSONField(_("changes"))
    reason = models.TextField(_("reason"))
    document = models.TextField(_("document"), blank=True)
    amended_at = models.DateTimeField(_("amended at"))
    amended_by = models.TextField(_("amended by"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        constraints = [
            models.UniqueConstraint(fields=["organization", "agreement", "number"], name="licensing_amendment_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="licensing_amendment_from_one"),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(amended_by=""), name="licensing_amendment_by_somebody_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return _("No. %(number)s") % {"number": self.number}
