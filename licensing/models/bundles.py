"""What one right covers beside the product that it names: bundled components, earlier versions, second uses."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned
from licensing.models.catalogue import Edition, Product
from licensing.models.conditions import unique_with_optional
from licensing.models.entitlements import Entitlement


class BundleItem(OrganizationOwned):
    """A product is a component of another from `since` until `ended_at`: licences of the parent cover it, and what it
    consists of itself. The operation keeps the graph of live rows free of cycles."""

    parent = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="bundles", verbose_name=_("bundle"))
    component = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="bundled_in", verbose_name=_("component")
    )
    since = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("bundled component")
        verbose_name_plural = _("bundled components")
        db_table = "licensing_bundle_item"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "parent", "component"],
                condition=Q(ended_at__isnull=True),
                name="licensing_bundle_item_once",
            ),
            models.CheckConstraint(condition=~Q(parent=F("component")), name="licensing_bundle_item_not_itself"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("since")),
                name="licensing_bundle_item_in_order",
            ),
        ]

    def __str__(self) -> str:
        return str(self.component_id)


class UseRightKind(models.TextChoices):
    DOWNGRADE = "downgrade", _("Use of an earlier or smaller edition")
    UPGRADE = "upgrade", _("Use of a later or larger edition")
    SECOND_USE = "second_use", _("Second use by the same person")
    MAINTENANCE = "maintenance_version", _("New versions under maintenance")
    VIRTUALISATION = "virtualisation", _("Use in virtual machines")
    NON_PRODUCTION = "non_production", _("Use outside production")
    TERRITORY = "territory", _("Use in another territory")


WITH_TARGET = (UseRightKind.DOWNGRADE.value, UseRightKind.UPGRADE.value)


class UseRight(OrganizationOwned):
    """What else may be done with the units of an entitlement, until `ended_at`.

    A downgrade or upgrade names the product, and where needed the edition, that may be used instead; `ratio` is how
    many units of that one unit covers. The operation keeps downgrades free of cycles.
    """

    entitlement = models.ForeignKey(
        Entitlement, on_delete=models.PROTECT, related_name="use_rights", verbose_name=_("entitlement")
    )
    kind = models.TextField(_("kind"), choices=UseRightKind.choices)
    target_product = models.ForeignKey(
        Product,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="use_rights",
        verbose_name=_("product that may be used"),
    )
    target_edition = models.ForeignKey(
        Edition,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="use_rights",
        verbose_name=_("edition that may be used"),
    )
    ratio = models.DecimalField(_("units per unit"), max_digits=12, decimal_places=4, default=Decimal(1))
    since = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("use right")
        verbose_name_plural = _("use rights")
        db_table = "licensing_use_right"
        constraints = [
            # Without a product there is no edition: three cases of what is absent, not four.
            *unique_with_optional(
                fields=["organization", "entitlement", "kind", "target_product"],
                optional=["target_edition"],
                condition=Q(ended_at__isnull=True, target_product__isnull=False),
                name="licensing_use_right_once",
            ),
            models.UniqueConstraint(
                fields=["organization", "entitlement", "kind"],
                condition=Q(ended_at__isnull=True, target_product__isnull=True),
                name="licensing_use_right_once_no_target",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=WITH_TARGET, target_product__isnull=False)
                | (~Q(kind__in=WITH_TARGET) & Q(target_product__isnull=True)),
                name="licensing_use_right_target_of_a_change",
            ),
            models.CheckConstraint(
                condition=Q(target_edition__isnull=True) | Q(target_product__isnull=False),
                name="licensing_use_right_edition_of_a_product",
            ),
            models.CheckConstraint(condition=Q(ratio__gt=0), name="licensing_use_right_ratio_counts"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("since")), name="licensing_use_right_in_order"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
