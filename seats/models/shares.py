"""Whose seats a pool's are: how many are kept for a department or a group, and who may have one at all."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import DirectoryGroup, OrganizationOwned, OrgUnit, Person
from licensing.models.conditions import exactly_one
from seats.models.pools import SeatPool


class Reservation(OrganizationOwned):
    """`quantity` seats of a pool are kept for the people of a unit, with all units below it, or of a group.

    It is drawn by what these people hold, whenever they got it; what is not drawn is given to nobody else. Two
    reservations that name the same person are both drawn by that person's seat. The sum of a pool's reservations is its
    `reserved`. A reservation that ends is deleted; the ledger remembers it. `set_by` is a pseudonym.
    """

    pool = models.ForeignKey(SeatPool, on_delete=models.PROTECT, related_name="reservations", verbose_name=_("pool"))
    unit = models.ForeignKey(
        OrgUnit,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reservations",
        verbose_name=_("unit"),
    )
    group = models.ForeignKey(
        DirectoryGroup,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reservations",
        verbose_name=_("group"),
    )
    quantity = models.IntegerField(_("quantity"))
    reason = models.TextField(_("reason"))
    set_at = models.DateTimeField(_("set at"))
    set_by = models.TextField(_("set by"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        constraints = [
            models.CheckConstraint(
                condition=exactly_one([Q(unit__isnull=False), Q(group__isnull=False)]),
                name="seats_reservation_for_one",
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="seats_reservation_of_something"),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(set_by=""), name="seats_reservation_by_somebody_for_a_reason"
            ),
            models.UniqueConstraint(
                fields=["organization", "pool", "unit"],
                condition=Q(unit__isnull=False),
                name="seats_reservation_unit_once",
            ),
            models.UniqueConstraint(
                fields=["organization", "pool", "group"],
                condition=Q(group__isnull=False),
                name="seats_reservation_group_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.unit or self.group)


class Eligibility(OrganizationOwned):
    """A person, or everybody in a group, may have seats of a restricted pool; a device may when its person may.

    It gives no seat, and taking it away takes none. One that ends is deleted; the ledger remembers it. `added_by` is a
    pseudonym.
    """

    pool = models.ForeignKey(SeatPool, on_delete=models.PROTECT, related_name="eligibilities", verbose_name=_("pool"))
    person = models.ForeignKey(
        Person,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="eligibilities",
        verbose_name=_("person"),
    )
    group = models.ForeignKey(
        DirectoryGroup,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="eligibilities",
        verbose_name=_("group"),
    )
    reason = models.TextField(_("reason"))
    added_at = models.DateTimeField(_("added at"))
    added_by = models.TextField(_("added by"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("eligibility")
        verbose_name_plural = _("eligibilities")
        constraints = [
            models.CheckConstraint(
                condition=exactly_one([Q(person__isnull=False), Q(group__isnull=False)]),
                name="seats_eligibility_of_one",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(added_by=""), name="seats_eligibility_by_somebody_for_a_reason"
            ),
            models.UniqueConstraint(
                fields=["organization", "pool", "person"],
                condition=Q(person__isnull=False),
                name="seats_eligibility_person_once",
            ),
            models.UniqueConstraint(
                fields=["organization", "pool", "group"],
                condition=Q(group__isnull=False),
                name="seats_eligibility_group_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.person or self.group)
