"""The other side of a contract: who grants, receives, resells, or belongs to the same group."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned
from licensing.models.conditions import together
from licensing.models.partners import PartyManager


class PartyKind(models.TextChoices):
    LICENSOR = "licensor", _("Grants licences")
    LICENSEE = "licensee", _("Receives licences")
    RESELLER = "reseller", _("Resells licences")
    AFFILIATE = "affiliate", _("Belongs to the same group")


class Party(OrganizationOwned):
    """A company or person that this organisation deals with; never a tenant itself. `territory` is ISO 3166-1 alpha-2.

    `parent` makes a tree (a group and its companies). A barred party's licences validate no more.
    """

    kind = models.TextField(_("kind"), choices=PartyKind.choices)
    name = models.TextField(_("name"))
    # Stored twin: "=" on it uses an index under row-level security, lower() in a query would not.
    name_lower = models.TextField(editable=False)
    email = models.TextField(_("e-mail address"), blank=True)
    territory = models.CharField(_("territory"), max_length=2, blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children", verbose_name=_("parent")
    )
    barred_at = models.DateTimeField(_("barred at"), null=True, blank=True)
    barred_by = models.TextField(_("barred by"), blank=True)
    barred_reason = models.TextField(_("reason for barring"), blank=True)
    created_at = models.DateTimeField(_("created at"))

    objects: ClassVar[PartyManager[Self]] = PartyManager()

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind", "name_lower"], name="licensing_party_name"),
            models.CheckConstraint(condition=~Q(name_lower=""), name="licensing_party_has_name"),
            models.CheckConstraint(
                condition=~Q(parent=F("id")),
                name="licensing_party_not_own_parent",
                violation_error_message=_("A party does not belong to itself; choose another one above it, or none."),
            ),
            models.CheckConstraint(
                condition=together(at="barred_at", texts=["barred_by", "barred_reason"]),
                name="licensing_party_barred_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_barred(self) -> bool:
        return self.barred_at is not None
