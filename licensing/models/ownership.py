"""Who answers for which product."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models import Membership, OrganizationOwned
from licensing.models.catalogue import Product


class ProductOwner(OrganizationOwned):
    """A member answers for a product: with the role licence_owner alone, seats of such products are the ones that the
    member gives and takes back. Until `ended_at`, and no longer than the membership."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="owners", verbose_name=_("product"))
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="products", verbose_name=_("member")
    )
    since = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("product owner")
        verbose_name_plural = _("product owners")
        db_table = "licensing_product_owner"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "product", "membership"],
                condition=Q(ended_at__isnull=True),
                name="licensing_product_owner_once",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("since")),
                name="licensing_product_owner_in_order",
            ),
        ]
        indexes = [
            # What a member answers for: asked before each of the member's writes.
            models.Index(
                fields=["organization", "membership"],
                condition=Q(ended_at__isnull=True),
                name="licensing_product_owner_live",
            )
        ]

    def __str__(self) -> str:
        return str(self.product_id)
