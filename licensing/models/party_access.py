"""Which partners' matters a person of a customer sees beside those of the membership's own partner."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models import Membership, OrganizationOwned
from licensing.models.conditions import together
from licensing.models.parties import Party
from licensing.models.partners import AccessManager


class PartyAccess(OrganizationOwned):
    """A customer's membership sees the matters of one more partner, from `granted_at` until `ended_at`.

    With `with_children` also those of every partner below it in the tree, whichever stand there when it is asked.
    The membership's own partner needs no row.
    """

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="accesses", verbose_name=_("partner"))
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="party_accesses", verbose_name=_("member")
    )
    with_children = models.BooleanField(_("with what belongs to it"), default=False)
    granted_at = models.DateTimeField(_("granted at"))
    granted_by = models.TextField(_("granted by"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = models.TextField(_("ended by"), blank=True)

    objects: ClassVar[AccessManager[Self]] = AccessManager()

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("access to a partner")
        verbose_name_plural = _("accesses to partners")
        db_table = "licensing_party_access"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "membership", "party"],
                condition=Q(ended_at__isnull=True),
                name="licensing_party_access_once",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("granted_at")),
                name="licensing_party_access_in_order",
            ),
            models.CheckConstraint(
                condition=together(at="ended_at", texts=["ended_by"]), name="licensing_party_access_ended_by_somebody"
            ),
            models.CheckConstraint(condition=~Q(granted_by=""), name="licensing_party_access_granted_by_somebody"),
        ]

    def __str__(self) -> str:
        return str(self.party)
