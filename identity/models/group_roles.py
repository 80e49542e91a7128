"""What groups of an identity provider may not give, and what they said that cannot hold."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models.accounts import Membership
from identity.models.organizations import OrganizationOwned
from identity.models.single_sign_on import SamlConnection


class WithheldRole(OrganizationOwned):
    """Somebody took this role away: no group gives it to the membership until it is granted by hand or released.

    `withheld_by` is a pseudonym; the reason stands in the ledger beside the change of roles.
    """

    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="withheld_roles", verbose_name=_("membership")
    )
    role = models.TextField(_("role"))
    withheld_at = models.DateTimeField(_("withheld at"))
    withheld_by = models.TextField(_("withheld by"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("withheld role")
        verbose_name_plural = _("withheld roles")
        db_table = "identity_withheld_role"
        # That a group does not give it all the same is a trigger: identity/protection.py.
        constraints = [
            models.UniqueConstraint(fields=["organization", "membership", "role"], name="identity_withheld_role_once"),
            models.CheckConstraint(
                condition=~Q(role="") & ~Q(withheld_by=""), name="identity_withheld_role_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return self.role


class GroupConflict(OrganizationOwned):
    """At the last sign-in the groups asked for what cannot be: `kept` are roles that they no longer give and that stay
    all the same, `refused` such as they give and that the membership does not get. Gone with the first sign-in at
    which they ask for nothing of the kind."""

    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="group_conflicts", verbose_name=_("membership")
    )
    connection = models.ForeignKey(
        SamlConnection, on_delete=models.CASCADE, related_name="conflicts", verbose_name=_("connection")
    )
    kept = models.JSONField(_("roles kept"), default=list)
    refused = models.JSONField(_("roles refused"), default=list)
    noticed_at = models.DateTimeField(_("noticed at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("conflict of roles by group")
        verbose_name_plural = _("conflicts of roles by group")
        db_table = "identity_group_conflict"
        constraints = [
            models.UniqueConstraint(fields=["organization", "membership"], name="identity_group_conflict_one"),
            models.CheckConstraint(
                condition=~Q(kept=[]) | ~Q(refused=[]), name="identity_group_conflict_about_something"
            ),
        ]

    def __str__(self) -> str:
        return ", ".join([*self.kept, *self.refused])
