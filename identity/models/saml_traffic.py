"""What passes between an identity provider and us: open requests, assertions already used, links and sessions."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models.accounts import Account
from identity.models.organizations import OrganizationOwned
from identity.models.single_sign_on import SamlConnection


class Purpose(models.TextChoices):
    SIGN_IN = "sign_in", _("Sign in")
    TEST = "test", _("Test of the connection")
    SIGN_OUT = "sign_out", _("Sign out")


class SamlPendingRequest(OrganizationOwned):
    """A message that we sent and whose answer is awaited until `expires_at`; an answer uses it up (`answered_at`).

    `nonce_digest` binds the answer to the browser that asked, `relay` is the opaque RelayState, `target` the address
    on this site to go to afterwards. `answer` is what a test shows and what a link needs, sealed by the vault.
    """

    connection = models.ForeignKey(
        SamlConnection, on_delete=models.CASCADE, related_name="requests", verbose_name=_("connection")
    )
    purpose = models.TextField(_("purpose"), choices=Purpose.choices)
    request_id = models.TextField(_("request ID"))
    relay = models.TextField(_("relay state"))
    nonce_digest = models.BinaryField(max_length=32)
    target = models.TextField(_("target"))
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answer = models.BinaryField(null=True, editable=False)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("open request to an identity provider")
        verbose_name_plural = _("open requests to identity providers")
        constraints = [
            models.UniqueConstraint(fields=["organization", "request_id"], name="identity_saml_request_once"),
            models.UniqueConstraint(fields=["organization", "relay"], name="identity_saml_relay_once"),
        ]
        # For forgetting what is over.
        indexes = [models.Index(fields=["organization", "expires_at"], name="identity_saml_request_end")]

    def __str__(self) -> str:
        return self.request_id


class SamlConsumedAssertion(OrganizationOwned):
    """A message that has been used; the same ID is refused until `expires_at`, when it would be too old anyway."""

    connection = models.ForeignKey(
        SamlConnection, on_delete=models.CASCADE, related_name="consumed", verbose_name=_("connection")
    )
    message_digest = models.BinaryField(max_length=32)
    expires_at = models.DateTimeField(_("expires at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("used assertion")
        verbose_name_plural = _("used assertions")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "connection", "message_digest"], name="identity_saml_consumed_once"
            )
        ]
        indexes = [models.Index(fields=["organization", "expires_at"], name="identity_saml_consumed_end")]

    def __str__(self) -> str:
        return str(self.id)


class SamlLink(OrganizationOwned):
    """The identity provider's name for somebody (`name_id`) means this account of ours.

    `domain` is the proved e-mail domain on whose strength alone the link was made, empty where the account said so
    itself; a link by a domain ends with the proof.
    """

    connection = models.ForeignKey(
        SamlConnection, on_delete=models.CASCADE, related_name="links", verbose_name=_("connection")
    )
    name_id = models.TextField(_("name at the identity provider"))
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name=_("account"))
    domain = models.TextField(_("made by the domain"), blank=True, default="", db_default="", editable=False)
    created_at = models.DateTimeField(_("created at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("linked account")
        verbose_name_plural = _("linked accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "connection", "name_id"], name="identity_saml_link_name_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "connection", "account"], name="identity_saml_link_account_once"
            ),
            models.CheckConstraint(condition=~Q(name_id=""), name="identity_saml_link_named"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class RefusedMessages(OrganizationOwned):
    """The window in which refused messages of a connection are being counted, since `opened_at`: those beyond the first
    few hundred of a minute, which stand in the ledger one by one. They follow as one entry when the window closes."""

    connection = models.ForeignKey(
        SamlConnection, on_delete=models.CASCADE, related_name="refused_messages", verbose_name=_("connection")
    )
    opened_at = models.DateTimeField(_("opened at"))
    further = models.PositiveIntegerField(_("further refusals"), default=1)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("refused messages")
        verbose_name_plural = _("refused messages")
        constraints = [
            models.UniqueConstraint(fields=["organization", "connection"], name="identity_refused_messages_one"),
            models.CheckConstraint(condition=Q(further__gte=1), name="identity_refused_messages_some"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class SamlSession(OrganizationOwned):
    """A browser session that an assertion opened, and which names this row: it is over with `ended_at`."""

    link = models.ForeignKey(SamlLink, on_delete=models.CASCADE, related_name="sessions", verbose_name=_("link"))
    session_index = models.TextField(_("session index"), blank=True)
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("session by single sign-on")
        verbose_name_plural = _("sessions by single sign-on")

    def __str__(self) -> str:
        return str(self.id)
