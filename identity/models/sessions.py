"""Where an account is signed in, and the links by which it may set a new password."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models.accounts import Account
from identity.models.organizations import Organization
from kernel.ids import new_id


class AccountSession(models.Model):
    """A browser in which an account is signed in; it lives as long as Django's own row with the same `digest`.

    Global, because it begins before an organisation is chosen and is found by the cookie. Of the browser it keeps its
    family, of the address the network.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    digest = models.CharField(_("digest of the key"), max_length=40, unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sessions", verbose_name=_("account"))
    organization = models.ForeignKey(
        Organization,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("organisation"),
    )
    method = models.TextField(_("signed in by"))
    browser = models.TextField(_("browser"), blank=True)
    network = models.TextField(_("network"), blank=True)
    started_at = models.DateTimeField(_("started at"))
    last_seen_at = models.DateTimeField(_("last seen at"))
    second_factor_at = models.DateTimeField(_("second factor at"), null=True, blank=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        # The own sessions page; ending all sessions of a member.
        indexes = [models.Index(fields=["account", "organization"], name="identity_session_whose")]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_seen_at__gte=F("started_at")), name="identity_session_seen_after_start"
            )
        ]

    def __str__(self) -> str:
        return self.browser


class PasswordReset(models.Model):
    """A link that lets one account set a new password once, until `expires_at`.

    Global, because whoever opens the link is signed in nowhere. The token rests in the vault until it was sent, and
    as a digest afterwards.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", verbose_name=_("account"))
    digest = models.BinaryField(_("digest"), max_length=32, unique=True)
    sealed_token = models.BinaryField(_("sealed token"), blank=True, default=b"")
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("password reset")
        verbose_name_plural = _("password resets")
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="identity_password_reset_in_order")
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
