"""The second factor of an account: one authenticator app, and recovery codes for the day it is lost.

Of django-otp only the algorithm is used (identity.one_time_codes). Its tables would hold the secret in plain text,
readable in every copy of the database, and would need an administration of their own; here it rests in the vault.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models.accounts import Account
from kernel.ids import new_id


class SecondFactor(models.Model):
    """The secret that an account shares with its authenticator app; it counts from `confirmed_at` on.

    `last_counter` is the time step of the last accepted code: none is taken twice. `failures` in a row lead to
    `locked_until`; only a right code puts them back to nought.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, related_name="second_factor", verbose_name=_("account")
    )
    sealed_secret = models.BinaryField(_("sealed secret"))
    last_counter = models.BigIntegerField(_("last time step"), default=0)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    locked_until = models.DateTimeField(_("locked until"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
        constraints = [
            models.CheckConstraint(condition=Q(last_counter__gte=0), name="identity_second_factor_counts_up"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class RecoveryCode(models.Model):
    """One code that stands in for the app once. Eighty random bits, of which only the digest is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    factor = models.ForeignKey(
        SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes", verbose_name=_("second factor")
    )
    digest = models.BinaryField(_("digest"), max_length=32)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [models.UniqueConstraint(fields=["factor", "digest"], name="identity_recovery_code_once")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
