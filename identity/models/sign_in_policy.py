"""What an organisation demands of a sign-in, and how many the platform refused."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models.organizations import OrganizationOwned

IDLE_MINUTES = 30
ABSOLUTE_HOURS = 12


class SignInPolicy(OrganizationOwned):
    """One row per organisation: who needs a second factor, and limits of sessions, which can only be tightened.

    Owners and platform operators need a second factor whatever stands here. With `provider_vouches` a sign-in through
    the identity provider counts as one for everybody else.
    """

    second_factor_roles = models.JSONField(_("roles that need a second factor"), default=list, blank=True)
    provider_vouches = models.BooleanField(_("the identity provider vouches for the second factor"), default=False)
    idle_minutes = models.PositiveSmallIntegerField(_("minutes without use"), default=IDLE_MINUTES)
    absolute_hours = models.PositiveSmallIntegerField(_("hours after the sign-in"), default=ABSOLUTE_HOURS)
    updated_at = models.DateTimeField(_("updated at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("sign-in policy")
        verbose_name_plural = _("sign-in policies")
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="identity_sign_in_policy_one"),
            models.CheckConstraint(
                condition=Q(idle_minutes__gte=1, idle_minutes__lte=IDLE_MINUTES)
                & Q(absolute_hours__gte=1, absolute_hours__lte=ABSOLUTE_HOURS),
                name="identity_sign_in_policy_tightens",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class RefusedSignIns(OrganizationOwned):
    """The window in which refused sign-ins are being counted; the first stands in the ledger, the rest follow as one
    entry when the window closes. One row, of the platform organisation."""

    opened_at = models.DateTimeField(_("opened at"))
    further = models.PositiveIntegerField(_("further refusals"), default=0)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("refused sign-ins")
        verbose_name_plural = _("refused sign-ins")
        constraints = [models.UniqueConstraint(fields=["organization"], name="identity_refused_sign_ins_one")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
