"""Whom customers of a vendor turn to."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned


class VendorContact(OrganizationOwned):
    """What the portal tells customers about how to reach the organisation; one row at most."""

    name = models.TextField(_("name"))
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True)
    phone = models.TextField(_("telephone"), blank=True)
    hours = models.TextField(_("when somebody answers"), blank=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("contact for customers")
        verbose_name_plural = _("contact for customers")
        db_table = "licensing_vendor_contact"
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                name="licensing_vendor_contact_one",
                violation_error_message=_("There is a contact already; change that one."),
            ),
            models.CheckConstraint(
                condition=~Q(name="") & (~Q(email="") | ~Q(phone="")),
                name="licensing_vendor_contact_reachable",
                violation_error_message=_("Give a name, and an e-mail address or a telephone number."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
