"""Each question about a licence, as it was answered: telemetry, which tells of keys and people by digests alone."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned


class ValidationOrigin(models.TextChoices):
    """Which call asked: a validation, an activation (its end among them), or a heartbeat."""

    ONLINE = "online", _("Validation")
    ACTIVATION = "activation", _("Activation")
    HEARTBEAT = "heartbeat", _("Heartbeat")


class ValidationEvent(OrganizationOwned):
    """A licence was asked for at `at` (the server's clock, UTC) and answered with `code`.

    These columns are all that is kept of a question. `key_digest` is the keyed digest under which the key is found,
    `user` and `device` are keyed digests in hex, "" where none was named; `network` is the /24 (IPv4) or /48 (IPv6) of
    the address and `country` what was looked up before it was cut. `client_at` is what the client's clock said. `sdk`
    is the first product of its User-Agent (RFC 9110 §10.1.5). `refusal` says why an activation was refused although
    the licence may be valid. A key that nobody issued has no `license_id` and stands in the platform's book.

    Append-only, on PostgreSQL in monthly partitions by `at`; `license_id` is a plain id, and no key is looked up for
    each row.
    """

    at = models.DateTimeField(_("at"))
    license_id = models.UUIDField(_("licence"), null=True, blank=True)
    key_digest = models.BinaryField(max_length=32)
    code = models.TextField(_("answer"))
    refusal = models.TextField(_("refusal"), blank=True)
    features = models.JSONField(_("features"), default=list, blank=True)
    version = models.TextField(_("version"), blank=True)
    user = models.TextField(_("user"), blank=True)
    device = models.TextField(_("device"), blank=True)
    client_at = models.DateTimeField(_("client's clock"), null=True, blank=True)
    domain = models.TextField(_("domain"), blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    network = models.TextField(_("network"), blank=True)
    sdk = models.TextField(_("client software"), blank=True)
    origin = models.TextField(_("origin"), choices=ValidationOrigin.choices)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("validation")
        verbose_name_plural = _("validations")
        db_table = "licensing_validation_event"
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="licensing_validation_event_answered"),
            models.CheckConstraint(
                condition=Q(origin__in=ValidationOrigin.values), name="licensing_validation_event_from_somewhere"
            ),
        ]
        indexes = [
            # What was asked about one licence, newest first.
            models.Index(fields=["organization", "license_id", "at"], name="licensing_validation_event_of"),
            # Closing of batches, in the order of time.
            models.Index(fields=["organization", "at"], name="licensing_validation_event_at"),
        ]

    def __str__(self) -> str:
        return self.code
