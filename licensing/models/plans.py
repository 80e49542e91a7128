"""What an organisation's plan of this installation includes: a certificate that the vendor of Seatledger signed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned


class PlanCertificate(OrganizationOwned):
    """The plan of an organisation, as its vendor signed it; the one in force has no `superseded_at`.

    `certificate` is the token as it came: it is verified each time it is asked, so that nobody who writes this row
    gives a plan away. `license_id` is the vendor's licence in it, and names no row of this organisation.
    """

    certificate = models.TextField(_("certificate"))
    license_id = models.TextField(_("licence of the vendor"))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    stored_at = models.DateTimeField(_("stored at"))
    superseded_at = models.DateTimeField(_("superseded at"), null=True, blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        db_table = "licensing_plan_certificate"
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=Q(superseded_at__isnull=True), name="licensing_plan_one_in_force"
            ),
            models.CheckConstraint(condition=~Q(certificate="") & ~Q(license_id=""), name="licensing_plan_is_signed"),
        ]

    def __str__(self) -> str:
        return self.license_id
