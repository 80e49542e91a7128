"""What was ordered and invoiced, line by line."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned, OrgUnit
from licensing.models.agreements import Agreement
from licensing.models.catalogue import Edition, Product
from licensing.models.conditions import unique_with_optional
from licensing.models.parties import Party


class Purchase(OrganizationOwned):
    """One order or invoice in one currency; the two numbers together, per supplier, name it once."""

    supplier = models.ForeignKey(
        Party, null=True, blank=True, on_delete=models.PROTECT, related_name="purchases", verbose_name=_("supplier")
    )
    agreement = models.ForeignKey(
        Agreement,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="purchases",
        verbose_name=_("agreement"),
    )
    order_number = models.TextField(_("order number"), blank=True)
    invoice_number = models.TextField(_("invoice number"), blank=True)
    ordered_on = models.DateField(_("ordered on"), null=True, blank=True)
    invoiced_on = models.DateField(_("invoiced on"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    created_at = models.DateTimeField(_("created at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("purchase")
        verbose_name_plural = _("purchases")
        constraints = [
            *unique_with_optional(
                fields=["organization", "order_number", "invoice_number"],
                optional=["supplier"],
                name="licensing_purchase_once",
            ),
            models.CheckConstraint(
                condition=~Q(order_number="") | ~Q(invoice_number=""), name="licensing_purchase_has_number"
            ),
        ]

    def __str__(self) -> str:
        return self.order_number or self.invoice_number


class BillingPeriod(models.TextChoices):
    ONCE = "once", _("Once")
    MONTHLY = "monthly", _("Each month")
    QUARTERLY = "quarterly", _("Each quarter")
    YEARLY = "yearly", _("Each year")


class PurchaseLine(OrganizationOwned):
    """One line: `quantity` units of `rights_per_unit` rights each, at `unit_price`, charged per `billing_period`.

    `line_total` is what the invoice says for one period, in the purchase's currency, rounded once, half up; the annual
    figure is derived and never stored.
    """

    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="lines", verbose_name=_("purchase"))
    position = models.IntegerField(_("position"))
    sku = models.TextField(_("SKU"), blank=True)
    description = models.TextField(_("description"), blank=True)
    product = models.ForeignKey(
        Product,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="purchase_lines",
        verbose_name=_("product"),
    )
    edition = models.ForeignKey(
        Edition,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="purchase_lines",
        verbose_name=_("edition"),
    )
    quantity = models.IntegerField(_("quantity"))
    rights_per_unit = models.IntegerField(_("rights per unit"), default=1)
    unit_price = models.DecimalField(_("unit price"), max_digits=18, decimal_places=4)
    line_total = models.DecimalField(_("line total"), max_digits=18, decimal_places=2)
    billing_period = models.TextField(_("billing period"), choices=BillingPeriod.choices, default=BillingPeriod.ONCE)
    cost_centre = models.ForeignKey(
        OrgUnit,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="purchase_lines",
        verbose_name=_("cost centre"),
    )
    created_at = models.DateTimeField(_("created at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("purchase line")
        verbose_name_plural = _("purchase lines")
        db_table = "licensing_purchase_line"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "purchase", "position"], name="licensing_purchase_line_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, rights_per_unit__gte=1), name="licensing_purchase_line_buys_something"
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0, line_total__gte=0), name="licensing_purchase_line_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.description or self.sku}"

    @property
    def rights(self) -> int:
        """The rights that the line buys."""
        return self.quantity * self.rights_per_unit
