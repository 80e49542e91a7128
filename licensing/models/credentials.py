"""What proves a licence: keys that people type, the keys that sign, and the certificates that were signed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned
from licensing.models.activations import Activation
from licensing.models.conditions import exactly_one, stamped, together
from licensing.models.entitlements import Entitlement
from licensing.models.issuing import License
from licensing.rules.digests import PREFIX_LENGTH

DIGEST_BYTES = 32


class LicenseKey(OrganizationOwned):
    """A key of a licence that we issued, or one that was bought elsewhere and belongs to an entitlement.

    Of an issued key only digest and prefix exist, and its digest also stands in identity.CredentialRoute, where it is
    unique over all organisations. A bought key rests in `ciphertext` (kernel.vault). `pepper_version` says which
    pepper made the digest. `revoked_reason` is empty for keys that were revoked before reasons were asked for.
    """

    license = models.ForeignKey(
        License, null=True, blank=True, on_delete=models.PROTECT, related_name="keys", verbose_name=_("licence")
    )
    entitlement = models.ForeignKey(
        Entitlement, null=True, blank=True, on_delete=models.PROTECT, related_name="keys", verbose_name=_("entitlement")
    )
    digest = models.BinaryField(max_length=DIGEST_BYTES)
    prefix = models.CharField(_("beginning of the key"), max_length=PREFIX_LENGTH)
    pepper_version = models.IntegerField(_("version of the pepper"))
    ciphertext = models.BinaryField(null=True)
    issued_at = models.DateTimeField(_("issued at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.TextField(_("revoked by"), blank=True)
    revoked_reason = models.TextField(_("reason for revocation"), blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("licence key")
        verbose_name_plural = _("licence keys")
        db_table = "licensing_license_key"
        constraints = [
            models.UniqueConstraint(fields=["organization", "digest"], name="licensing_license_key_digest"),
            models.CheckConstraint(
                condition=exactly_one([Q(license__isnull=False), Q(entitlement__isnull=False)]),
                name="licensing_license_key_one_right",
            ),
            models.CheckConstraint(
                condition=Q(license__isnull=False, ciphertext__isnull=True)
                | Q(license__isnull=True, ciphertext__isnull=False),
                name="licensing_license_key_issued_is_not_stored",
            ),
            models.CheckConstraint(condition=Q(pepper_version__gte=1), name="licensing_license_key_has_pepper"),
            models.CheckConstraint(
                condition=together(at="revoked_at", texts=["revoked_by"]),
                name="licensing_license_key_revoked_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(revoked_reason="") | Q(revoked_at__isnull=False),
                name="licensing_license_key_reason_of_revocation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}…"


class SigningKeyStatus(models.TextChoices):
    ACTIVE = "active", _("Signs and verifies")
    RETIRING = "retiring", _("Verifies what it signed")
    RETIRED = "retired", _("Verifies nothing; all that it signed has ended")
    REVOKED = "revoked", _("Verifies nothing; it was withdrawn")


class SigningKey(OrganizationOwned):
    """An Ed25519 key of the organisation for certificates and answers. `kid` is the RFC 7638 thumbprint of `public`;
    `sealed_private` is the 32-byte seed in the vault.

    `retired_at` is when it stopped signing. A key that is retiring is published until the last certificate that it
    signed has ended; one that was revoked verifies nothing from `revoked_at` on, and somebody said why.
    """

    kid = models.TextField(_("key ID"))
    public = models.BinaryField(max_length=32)
    sealed_private = models.BinaryField()
    status = models.TextField(_("status"), choices=SigningKeyStatus.choices, default=SigningKeyStatus.ACTIVE)
    created_at = models.DateTimeField(_("created at"))
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.TextField(_("revoked by"), blank=True)
    revoked_reason = models.TextField(_("reason for revocation"), blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        db_table = "licensing_signing_key"
        constraints = [
            models.UniqueConstraint(fields=["organization", "kid"], name="licensing_signing_key_kid"),
            models.UniqueConstraint(
                fields=["organization"], condition=Q(status="active"), name="licensing_signing_key_one_active"
            ),
            models.CheckConstraint(
                condition=Q(status="active", retired_at__isnull=True)
                | (~Q(status="active") & Q(retired_at__isnull=False)),
                name="licensing_signing_key_retired_has_time",
            ),
            models.CheckConstraint(
                condition=stamped(Q(status="revoked"), at="revoked_at")
                & together(at="revoked_at", texts=["revoked_by", "revoked_reason"]),
                name="licensing_signing_key_revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.kid


class CertificateKind(models.TextChoices):
    LICENSE = "license", _("Licence")
    ACTIVATION = "activation", _("Activation")
    LEASE = "lease", _("Borrowed seat")


class Certificate(OrganizationOwned):
    """A signed certificate that left the house, by its `jti`; the token itself is not kept, only its SHA-256.

    It holds until `expires_at` (null: as long as the licence, which never expires) or until it is returned.
    `sequence` is the licence's at the time of signing.

    A certificate that was checked out has a `holder` and always ends: it takes a seat of the licence until then, or
    until its holder returns it or an administrator recalls it (`return_reason` says why). `holder` is the SHA-256 of
    the machine's fingerprint (`is_bound`) or, when none was named, the digest of the key that asked; one holder takes
    one seat. A certificate
    without a holder states the licence as a whole and takes nothing. One of an `activation` is for the machine of that
    activation, which keeps its place as long as the certificate is out. One of a borrowed seat (`lease`) takes the
    floating seat that its lease holds, and none beside it.
    """

    jti = models.UUIDField(_("certificate ID"))
    kind = models.TextField(_("kind"), choices=CertificateKind.choices, default=CertificateKind.LICENSE)
    license = models.ForeignKey(
        License, on_delete=models.PROTECT, related_name="certificates", verbose_name=_("licence")
    )
    activation = models.ForeignKey(
        Activation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="certificates",
        verbose_name=_("activation"),
    )
    signing_key = models.ForeignKey(
        SigningKey, on_delete=models.PROTECT, related_name="certificates", verbose_name=_("signing key")
    )
    sequence = models.IntegerField(_("sequence"))
    token_digest = models.BinaryField(max_length=DIGEST_BYTES)
    holder = models.BinaryField(_("holder"), max_length=DIGEST_BYTES, null=True)
    is_bound = models.BooleanField(_("bound to a machine"), default=False)
    issued_at = models.DateTimeField(_("issued at"))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    returned_at = models.DateTimeField(_("returned at"), null=True, blank=True)
    returned_by = models.TextField(_("returned by"), blank=True)
    return_reason = models.TextField(_("reason for the recall"), blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("licence certificate")
        verbose_name_plural = _("licence certificates")
        constraints = [
            models.UniqueConstraint(fields=["organization", "jti"], name="licensing_certificate_jti"),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=models.F("issued_at")),
                name="licensing_certificate_in_order",
            ),
            models.CheckConstraint(
                condition=Q(holder__isnull=True, is_bound=False) | Q(holder__isnull=False, expires_at__isnull=False),
                name="licensing_certificate_checked_out_ends",
            ),
            models.CheckConstraint(
                condition=Q(kind="activation", activation__isnull=False, holder__isnull=False)
                | (~Q(kind="activation") & Q(activation__isnull=True)),
                name="licensing_certificate_of_an_activation",
            ),
            models.CheckConstraint(
                condition=together(at="returned_at", texts=["returned_by"])
                & (Q(return_reason="") | Q(returned_at__isnull=False)),
                name="licensing_certificate_returned_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "license", "issued_at"], name="licensing_certificate_issued"),
            models.Index(
                fields=["organization", "license", "expires_at"],
                condition=Q(holder__isnull=False, returned_at__isnull=True),
                name="licensing_certificate_out",
            ),
        ]

    def __str__(self) -> str:
        return str(self.jti)
