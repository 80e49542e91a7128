"""Invitations: how somebody who has no membership yet comes to one."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models.accounts import Account
from identity.models.directory import Person
from identity.models.organizations import OrganizationOwned


class Invitation(OrganizationOwned):
    """An address may join with these roles until `expires_at`, once. The link is known by its digest alone.

    Open until `accepted_at` or `withdrawn_at`; an address has at most one open invitation here.
    """

    email = models.EmailField(_("e-mail address"), max_length=254)
    # Stored twin, see Account.email_lower.
    email_lower = models.CharField(max_length=254, editable=False)
    roles = models.JSONField(_("roles"), default=list)
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("person")
    )
    party_id = models.UUIDField(_("business partner"), null=True, blank=True)
    digest = models.BinaryField(max_length=32, editable=False)
    invited_at = models.DateTimeField(_("invited at"))
    invited_by = models.TextField(_("invited by"))
    expires_at = models.DateTimeField(_("expires at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("account")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(fields=["organization", "digest"], name="identity_invitation_digest"),
            models.UniqueConstraint(
                fields=["organization", "email_lower"],
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="identity_invitation_one_open",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("invited_at")), name="identity_invitation_in_order"),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, account__isnull=True)
                | Q(accepted_at__isnull=False, account__isnull=False, withdrawn_at__isnull=True),
                name="identity_invitation_accepted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.email
