"""Single sign-on of an organisation: connections to identity providers, their keys, proved domains, and the policy."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models.accounts import Account
from identity.models.organizations import OrganizationOwned


class ConnectionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    DISABLED = "disabled", _("Disabled")


class Binding(models.TextChoices):
    REDIRECT = "redirect", _("HTTP-Redirect")
    POST = "post", _("HTTP-POST")


class SamlConnection(OrganizationOwned):
    """The organisation trusts this identity provider to say who somebody is.

    `public_id` stands in the addresses that the provider knows and never changes. `attribute_map` says under which
    attribute name the provider sends what we call email, user_name and so on; `slo_binding` how it takes messages about
    signing out.
    """

    public_id = models.TextField(_("public ID"), unique=True, editable=False)
    name = models.TextField(_("name"))
    state = models.TextField(_("state"), choices=ConnectionState.choices, default=ConnectionState.DRAFT)
    idp_entity_id = models.TextField(_("entity ID of the identity provider"), blank=True)
    sso_url = models.TextField(_("sign-in address of the identity provider"), blank=True)
    slo_url = models.TextField(_("sign-out address of the identity provider"), blank=True)
    slo_binding = models.TextField(
        _("signing out by"), choices=Binding.choices, default=Binding.REDIRECT, db_default=Binding.REDIRECT
    )
    attribute_map = models.JSONField(_("attributes"), default=dict)
    default_role = models.TextField(_("role without a matching group"), default="member")
    creates_people = models.BooleanField(_("adds unknown people to the directory"), default=False)
    allows_idp_initiated = models.BooleanField(_("may begin at the identity provider"), default=False)
    version = models.IntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("single sign-on connection")
        verbose_name_plural = _("single sign-on connections")
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="identity_saml_connection_name"),
            models.CheckConstraint(
                condition=~Q(state="active") | (~Q(idp_entity_id="") & ~Q(sso_url="")),
                name="identity_saml_active_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(slo_binding__in=["redirect", "post"]), name="identity_saml_slo_binding_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class IdpCertificate(OrganizationOwned):
    """A certificate with which the identity provider signs. Several may be trusted at once, for a change of keys."""

    connection = models.ForeignKey(
        SamlConnection, on_delete=models.CASCADE, related_name="certificates", verbose_name=_("connection")
    )
    pem = models.TextField(_("certificate"))
    fingerprint = models.TextField(_("fingerprint"))
    not_before = models.DateTimeField(_("valid from"))
    not_after = models.DateTimeField(_("valid until"))
    created_at = models.DateTimeField(_("created at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("certificate of an identity provider")
        verbose_name_plural = _("certificates of identity providers")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "connection", "fingerprint"], name="identity_idp_certificate_once"
            )
        ]

    def __str__(self) -> str:
        return self.fingerprint[:16]


class SpKey(OrganizationOwned):
    """A key pair of ours for one connection: the current one signs, both decrypt, the other waits or has been.

    `sealed_key` is the private key in PKCS #8, sealed by the vault for this row.
    """

    connection = models.ForeignKey(
        SamlConnection, on_delete=models.CASCADE, related_name="keys", verbose_name=_("connection")
    )
    is_current = models.BooleanField(_("current"), default=True)
    certificate = models.TextField(_("certificate"))
    sealed_key = models.BinaryField(editable=False)
    fingerprint = models.TextField(_("fingerprint"))
    not_after = models.DateTimeField(_("valid until"))
    created_at = models.DateTimeField(_("created at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("own key of a connection")
        verbose_name_plural = _("own keys of connections")
        constraints = [
            # Two at most: the current one and the other one.
            models.UniqueConstraint(fields=["organization", "connection", "is_current"], name="identity_sp_key_two")
        ]

    def __str__(self) -> str:
        return self.fingerprint[:16]


class GroupRole(OrganizationOwned):
    """Whoever the identity provider counts among this group gets this role for as long as it does."""

    connection = models.ForeignKey(
        SamlConnection, on_delete=models.CASCADE, related_name="group_roles", verbose_name=_("connection")
    )
    group = models.TextField(_("group"))
    role = models.TextField(_("role"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("role by group")
        verbose_name_plural = _("roles by group")
        constraints = [
            models.UniqueConstraint(fields=["organization", "connection", "group", "role"], name="identity_group_role"),
            models.CheckConstraint(condition=~Q(group="") & ~Q(role=""), name="identity_group_role_named"),
        ]

    def __str__(self) -> str:
        return f"{self.group} → {self.role}"


class ProvedDomain(OrganizationOwned):
    """An e-mail domain that the organisation says is its own; proved since `proved_at` by `token` in the DNS.

    The DNS is asked again from `check_at` on; `checked_at` is when it answered last. While its answers lack the record,
    `missing_since` is the first of them and `missed_answers` their number.
    """

    domain = models.TextField(_("domain"))
    token = models.TextField(_("proof"))
    proved_at = models.DateTimeField(_("proved at"), null=True, blank=True)
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    check_at = models.DateTimeField(_("checked again at"), null=True, blank=True)
    missing_since = models.DateTimeField(_("record missing since"), null=True, blank=True)
    missed_answers = models.IntegerField(_("answers without the record"), default=0, db_default=0)
    created_at = models.DateTimeField(_("created at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("e-mail domain")
        verbose_name_plural = _("e-mail domains")
        constraints = [
            models.UniqueConstraint(fields=["organization", "domain"], name="identity_proved_domain_once"),
            models.CheckConstraint(condition=~Q(domain=""), name="identity_proved_domain_named"),
            models.CheckConstraint(
                condition=Q(missing_since__isnull=True, missed_answers=0)
                | Q(missing_since__isnull=False, missed_answers__gte=1, proved_at__isnull=False),
                name="identity_proved_domain_misses_counted",
            ),
        ]

    def __str__(self) -> str:
        return self.domain


class SsoPolicy(OrganizationOwned):
    """Whether members may sign in by the company alone, and which two accounts may still break the glass."""

    sso_only = models.BooleanField(_("company sign-in only"), default=False)
    first_account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("first account")
    )
    second_account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("second account")
    )
    updated_at = models.DateTimeField(_("updated at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("single sign-on policy")
        verbose_name_plural = _("single sign-on policies")
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="identity_sso_policy_one"),
            models.CheckConstraint(
                condition=Q(sso_only=False) | Q(first_account__isnull=False, second_account__isnull=False),
                name="identity_sso_only_has_break_glass",
            ),
            models.CheckConstraint(
                condition=Q(first_account__isnull=True)
                | Q(second_account__isnull=True)
                | ~Q(first_account=F("second_account")),
                name="identity_break_glass_two_accounts",
            ),
        ]

    def __str__(self) -> str:
        return str(_("Company sign-in only") if self.sso_only else _("Password or company sign-in"))
