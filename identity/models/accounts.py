"""Who signs in, and with which roles where."""

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Contains
from django.utils.translation import gettext_lazy as _

from identity.models.organizations import OrganizationOwned
from kernel.ids import new_id


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(email_lower=(username or "").lower())


class Account(AbstractBaseUser):
    """A sign-in. Global; no staff flag and no superuser bypass: what an account may do comes from its memberships.

    `pseudonym` is what ledgers write; it is never a key and dies with an erasure.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pseudonym = models.UUIDField(_("pseudonym"), default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), max_length=254)
    # The stored twin: lower() in a query would use no index under row-level security, and "=" on this does.
    email_lower = models.CharField(max_length=254, unique=True, editable=False)
    display_name = models.CharField(_("display name"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"))

    USERNAME_FIELD = "email_lower"
    objects = AccountManager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [models.CheckConstraint(condition=~Q(email_lower=""), name="identity_account_has_email")]

    def __str__(self) -> str:
        return self.display_name or self.email

    @property
    def is_staff(self) -> bool:
        """Django's admin asks; our own site asks the principal instead."""
        return False

    def has_perm(self, permission: str, row: Any = None) -> bool:
        """Django's permission table is not used; roles decide, through the principal of the request."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class Membership(OrganizationOwned):
    """An account works in an organisation with these roles, until `ended_at`. Half-open: at `ended_at` it is over.

    `party_id` is the business partner whose matters a customer sees; the partners' table stands above.
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("account")
    )
    person = models.ForeignKey(
        "identity.Person",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="memberships",
        verbose_name=_("person"),
    )
    party_id = models.UUIDField(_("business partner"), null=True, blank=True)
    roles = models.JSONField(_("roles"), default=list)
    # Those of the roles that groups of an identity provider alone give: they go when the group does.
    group_roles = models.JSONField(_("roles by group"), default=list, editable=False)
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "account"],
                condition=Q(ended_at__isnull=True),
                name="identity_membership_one_live",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="identity_membership_in_order",
            ),
            # That platform_operator stands in the platform organisation alone is a trigger: identity/protection.py.
            models.CheckConstraint(
                condition=Q(party_id__isnull=False)
                | ~Q(Contains(Cast("roles", models.TextField()), Value('"customer"'))),
                name="identity_membership_customer_has_party",
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(self.roles)
