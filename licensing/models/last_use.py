"""When somebody last used a product, as other systems say."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import Device, OrganizationOwned, Person
from licensing.models.catalogue import Product
from licensing.models.conditions import exactly_one
from licensing.models.imports import ImportBatch


class LastUse(OrganizationOwned):
    """The latest moment at which a person or a device used a product, by the word of one source.

    It says nothing of a right: whoever holds a seat and whoever holds none has such a row. `last_used_at` only moves
    forward; midnight of the organisation's time zone where the source knows the day alone. `uses` is how often the
    source counted, in a period that it alone knows; null: it did not count. `batch` is the import that said so last.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="last_uses", verbose_name=_("product"))
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="last_uses", verbose_name=_("person")
    )
    device = models.ForeignKey(
        Device, null=True, blank=True, on_delete=models.PROTECT, related_name="last_uses", verbose_name=_("device")
    )
    source = models.TextField(_("source"))
    last_used_at = models.DateTimeField(_("last used at"))
    uses = models.IntegerField(_("uses"), null=True, blank=True)
    batch = models.ForeignKey(
        ImportBatch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="last_uses",
        verbose_name=_("import"),
    )
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("last use")
        verbose_name_plural = _("last uses")
        db_table = "licensing_last_use"
        constraints = [
            models.CheckConstraint(
                condition=exactly_one([Q(person__isnull=False), Q(device__isnull=False)]),
                name="licensing_last_use_one_subject",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="licensing_last_use_by_a_source"),
            models.CheckConstraint(condition=Q(uses__isnull=True) | Q(uses__gte=1), name="licensing_last_use_counts"),
            models.UniqueConstraint(
                fields=["organization", "product", "source", "person"],
                condition=Q(person__isnull=False),
                name="licensing_last_use_person",
            ),
            models.UniqueConstraint(
                fields=["organization", "product", "source", "device"],
                condition=Q(device__isnull=False),
                name="licensing_last_use_device",
            ),
        ]
        indexes = [
            # Whether a product was used at all since some day.
            models.Index(fields=["organization", "product", "last_used_at"], name="licensing_last_use_at"),
        ]

    def __str__(self) -> str:
        return self.source
