"""What can be switched on in a product, and what is added to a licence after it was issued."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned
from licensing.models.catalogue import Product
from licensing.models.conditions import together
from licensing.models.issuing import License
from licensing.rules.feature_values import FeatureKind

FEATURE_KIND_CHOICES = [
    (FeatureKind.BOOLEAN.value, _("On or off")),
    (FeatureKind.QUANTITY.value, _("Quantity in a period")),
    (FeatureKind.CHOICE.value, _("One of several values")),
]


class Feature(OrganizationOwned):
    """Something that licences of a product switch on, under the code that clients ask for.

    `kind` never changes, and `choices` (of the kind choice: texts that begin with a letter, in rising order) only grow:
    what was granted stays readable.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="features", verbose_name=_("product"))
    code = models.TextField(_("code"))
    name = models.TextField(_("name"))
    description = models.TextField(_("description"), blank=True)
    kind = models.TextField(_("kind of value"), choices=FEATURE_KIND_CHOICES, default=FeatureKind.BOOLEAN.value)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("feature")
        verbose_name_plural = _("features")
        constraints = [
            models.UniqueConstraint(fields=["organization", "product", "code"], name="licensing_feature_code"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(name=""), name="licensing_feature_has_name"),
            models.CheckConstraint(
                condition=(Q(kind="choice") & ~Q(choices=[])) | (~Q(kind="choice") & Q(choices=[])),
                name="licensing_feature_choices_of_a_choice",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AddOn(OrganizationOwned):
    """A module that is added to a licence: more features, from `starts_at` on (null: since it was added).

    Without `ends_at` it ends with its licence, whatever moves that end; with one it ends there, at the latest with the
    licence. Removing keeps the row and says why; a revoked licence has none that is not removed.
    """

    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="add_ons", verbose_name=_("licence"))
    name = models.TextField(_("name"))
    features = models.JSONField(_("features"), default=list, blank=True)
    starts_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)
    removed_by = models.TextField(_("removed by"), blank=True)
    removed_reason = models.TextField(_("reason for removal"), blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("add-on")
        verbose_name_plural = _("add-ons")
        db_table = "licensing_add_on"
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="licensing_add_on_has_name"),
            models.CheckConstraint(condition=~Q(features=[]), name="licensing_add_on_adds_something"),
            # Written out: with an unknown start a comparison is NULL, which a CHECK would let pass.
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True)
                | Q(starts_at__isnull=True, ends_at__gt=models.F("created_at"))
                | Q(starts_at__isnull=False, ends_at__gt=models.F("starts_at")),
                name="licensing_add_on_in_order",
            ),
            models.CheckConstraint(
                condition=together(at="removed_at", texts=["removed_by", "removed_reason"]),
                name="licensing_add_on_removed_by_somebody",
            ),
        ]
        indexes = [
            # Read with each validation of the licence.
            models.Index(
                fields=["organization", "license"], condition=Q(removed_at__isnull=True), name="licensing_add_on_live"
            ),
        ]

    def __str__(self) -> str:
        return self.name
