"""Pools of seats, and the rights that feed them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned, OrgUnit
from licensing.models import Edition, Entitlement, License, Metric, Product
from licensing.models.conditions import exactly_one, unique_with_optional


class SeatPool(OrganizationOwned):
    """Seats of one product, edition and metric, optionally for one unit or territory alone; with a `license` the
    floating seats of that licence, which its licensee's software takes, otherwise seats of our own people.

    `capacity` starts as the sum of the sources' rights and may be set lower; null when `unlimited`. `used` is the sum
    of the quantities of live assignments and `reserved` that of undrawn reservations, both kept by the operations under
    the pool's row lock. A hard pool admits up to capacity + overdraft; a soft one (`hard_limit` false) admits more with
    a reason, and compliance reports it. That rights have lapsed is not seen here: they are re-read under the lock.
    """

    name = models.TextField(_("name"))
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="pools", verbose_name=_("product"))
    edition = models.ForeignKey(
        Edition, null=True, blank=True, on_delete=models.PROTECT, related_name="pools", verbose_name=_("edition")
    )
    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="pools", verbose_name=_("metric"))
    scope_unit = models.ForeignKey(
        OrgUnit,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="pools",
        verbose_name=_("reserved for unit"),
    )
    license = models.ForeignKey(
        License,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="pools",
        verbose_name=_("for the sessions of licence"),
    )
    territory = models.CharField(_("territory"), max_length=2, blank=True)
    unlimited = models.BooleanField(_("unlimited"), default=False)
    capacity = models.IntegerField(_("capacity"), null=True, blank=True)
    overdraft = models.IntegerField(_("overdraft"), default=0)
    hard_limit = models.BooleanField(_("hard limit"), default=True)
    used = models.IntegerField(_("in use"), default=0, editable=False)
    reserved = models.IntegerField(_("reserved"), default=0, editable=False)
    created_at = models.DateTimeField(_("created at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("pool")
        verbose_name_plural = _("pools")
        db_table = "seats_pool"
        constraints = [
            # The backstop of every path that could over-allocate.
            models.CheckConstraint(
                condition=Q(used__gte=0)
                & (Q(unlimited=True) | Q(hard_limit=False) | Q(used__lte=F("capacity") + F("overdraft"))),
                name="seats_pool_within_capacity",
            ),
            # Without it an unknown capacity would make the comparison above NULL, which a CHECK lets pass.
            models.CheckConstraint(
                condition=Q(unlimited=True, capacity__isnull=True)
                | Q(unlimited=False, capacity__isnull=False, capacity__gte=0),
                name="seats_pool_capacity_unless_unlimited",
            ),
            models.CheckConstraint(
                condition=Q(overdraft__gte=0, reserved__gte=0), name="seats_pool_allowances_not_negative"
            ),
            *unique_with_optional(
                fields=["organization", "product", "metric", "territory"],
                optional=["edition", "scope_unit", "license"],
                name="seats_pool_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def limit(self) -> int | None:
        """Capacity and overdraft; None when unlimited."""
        return None if self.capacity is None else self.capacity + self.overdraft

    @property
    def free(self) -> int | None:
        """Seats between use and limit, by the capacity as stored; never negative, None when unlimited."""
        return None if self.limit is None else max(self.limit - self.used, 0)


class PoolSource(OrganizationOwned):
    """An entitlement or a licence feeds a pool. Each feeds one pool only: its rights would count twice."""

    pool = models.ForeignKey(SeatPool, on_delete=models.PROTECT, related_name="sources", verbose_name=_("pool"))
    entitlement = models.ForeignKey(
        Entitlement,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="pool_sources",
        verbose_name=_("entitlement"),
    )
    license = models.ForeignKey(
        License, null=True, blank=True, on_delete=models.PROTECT, related_name="pool_sources", verbose_name=_("licence")
    )
    created_at = models.DateTimeField(_("created at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("source of capacity")
        verbose_name_plural = _("sources of capacity")
        db_table = "seats_pool_source"
        constraints = [
            models.CheckConstraint(
                condition=exactly_one([Q(entitlement__isnull=False), Q(license__isnull=False)]),
                name="seats_pool_source_one_right",
            ),
            models.UniqueConstraint(fields=["organization", "entitlement"], name="seats_pool_source_entitlement_once"),
            models.UniqueConstraint(fields=["organization", "license"], name="seats_pool_source_license_once"),
        ]

    def __str__(self) -> str:
        return str(self.entitlement_id or self.license_id)
