"""Programs that ask for access tokens, and the keys that sign these."""

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from identity.models.organizations import OrganizationOwned
from identity.rules.redirects import redirect_allowed
from kernel.ids import new_id

CLIENT_CREDENTIALS = AbstractApplication.GRANT_CLIENT_CREDENTIALS
AUTHORIZATION_CODE = AbstractApplication.GRANT_AUTHORIZATION_CODE
CONFIDENTIAL = AbstractApplication.CLIENT_CONFIDENTIAL
PUBLIC = AbstractApplication.CLIENT_PUBLIC


class GrantKind(models.TextChoices):
    """In whose name a client acts; the values are those of the toolkit."""

    OWN_NAME = CLIENT_CREDENTIALS, _("In its own name, with roles of its own")
    FOR_ACCOUNTS = AUTHORIZATION_CODE, _("For accounts that sign in and agree")


class ClientKind(models.TextChoices):
    CONFIDENTIAL = CONFIDENTIAL, _("Keeps a secret (a server)")
    PUBLIC = PUBLIC, _("Cannot keep a secret (an app or a page)")


class ApiClient(OrganizationOwned, AbstractApplication):  # type: ignore[misc]  # the toolkit publishes no types
    """A program of one organisation that may ask for access tokens with these scopes.

    A client that acts in its own name has `roles`; one that acts for accounts has `redirect_uris` and nothing that the
    account could not do itself. `pseudonym` is what the ledger writes. Of secrets only digests are kept: there are two
    columns for them, so that never more than two are live, and the former one works until a stated moment.
    """

    # What the toolkit's base has and this product does not.
    user = None
    post_logout_redirect_uris = None
    allowed_origins = ""
    algorithm = ""
    hash_client_secret = True
    skip_authorization = False
    registration_source = AbstractApplication.RegistrationSource.MANUAL
    cimd_expires_at = None
    created = None
    updated = None

    name = models.TextField(_("name"))
    pseudonym = models.UUIDField(_("pseudonym"), default=uuid.uuid4, editable=False)
    client_id = models.TextField(_("client ID"), editable=False)
    client_secret = models.TextField(_("digest of the secret"), blank=True, editable=False)
    client_type = models.TextField(_("kind of program"), choices=ClientKind.choices)
    authorization_grant_type = models.TextField(_("acts"), choices=GrantKind.choices)
    redirect_uris = models.TextField(_("redirect addresses"), blank=True)
    scopes = models.JSONField(_("scopes"), default=list)
    roles = models.JSONField(_("roles"), default=list)
    created_at = models.DateTimeField(_("created at"))
    secret_drawn_at = models.DateTimeField(_("secret drawn at"))
    former_secret = models.TextField(
        _("digest of the former secret"), blank=True, default="", db_default="", editable=False
    )
    former_secret_until = models.DateTimeField(_("former secret works until"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        constraints = [
            models.UniqueConstraint(fields=["organization", "client_id"], name="identity_api_client_id_once"),
            models.UniqueConstraint(
                fields=["organization", "name"],
                condition=Q(revoked_at__isnull=True),
                name="identity_api_client_name_once",
            ),
            models.CheckConstraint(
                condition=Q(authorization_grant_type=CLIENT_CREDENTIALS, client_type=CONFIDENTIAL, redirect_uris="")
                | Q(authorization_grant_type=AUTHORIZATION_CODE) & ~Q(redirect_uris=""),
                name="identity_api_client_fits_its_grant",
            ),
            models.CheckConstraint(
                condition=Q(client_type=CONFIDENTIAL) & ~Q(client_secret="") | Q(client_type=PUBLIC, client_secret=""),
                name="identity_api_client_has_secret",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="identity_api_client_expires_later",
            ),
            models.CheckConstraint(
                condition=Q(former_secret="", former_secret_until__isnull=True)
                | ~Q(former_secret="")
                & Q(
                    client_type=CONFIDENTIAL,
                    former_secret_until__isnull=False,
                    former_secret_until__gt=F("secret_drawn_at"),
                ),
                name="identity_api_client_former_secret_ends",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)

    def usable_at(self, at: datetime) -> bool:
        """Neither revoked nor expired. Half-open: at `expires_at` it is over."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > at)

    def former_secret_works_at(self, at: datetime) -> bool:
        """Whether the secret before the present one still opens something. Half-open, as above."""
        return self.former_secret_until is not None and self.former_secret_until > at

    def redirect_uri_allowed(self, uri: str) -> bool:
        """One of the registered addresses, whose port a native application chooses when it starts."""
        return redirect_allowed(uri, self.redirect_uris.split())

    def origin_allowed(self, origin: Any) -> bool:
        """No page of another origin reads answers of the token endpoint."""
        return False


class TokenSigningKey(models.Model):
    """A key of the platform that signs access tokens until `retired_at`; `id` is the `kid` of the header.

    Global: a token names its organisation, the key does not. The private half is sealed by the vault.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    algorithm = models.TextField(_("algorithm"))
    public = models.JSONField(_("public key"))
    sealed_private = models.BinaryField()
    created_at = models.DateTimeField(_("created at"))
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)

    class Meta:
        verbose_name = _("key that signs access tokens")
        verbose_name_plural = _("keys that sign access tokens")
        constraints = [
            models.UniqueConstraint(
                fields=["algorithm"], condition=Q(retired_at__isnull=True), name="identity_token_key_one_active"
            ),
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True) | Q(retired_at__gte=F("created_at")),
                name="identity_token_key_in_order",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
