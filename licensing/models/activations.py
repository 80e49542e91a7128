"""Machines on which a licence is activated."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned
from kernel.owned import OwnedManager
from licensing.models.issuing import License
from licensing.rules.machines import LiveActivation

FINGERPRINT_LENGTH = 64


class EndReason(models.TextChoices):
    DEACTIVATED = "deactivated", _("Deactivated by the client")
    RELEASED = "released", _("Released by the vendor")
    HEARTBEAT_LOST = "heartbeat_lost", _("Heartbeat lost")
    LICENSE_REVOKED = "license_revoked", _("Licence revoked")


class ActivationQuerySet(models.QuerySet["Activation"]):
    def live(self) -> "ActivationQuerySet":
        """Those that hold a place now."""
        return self.filter(released_at__isnull=True)

    def ended(self) -> "ActivationQuerySet":
        """Those whose place is free again."""
        return self.filter(released_at__isnull=False)


ActivationManager = OwnedManager.from_queryset(ActivationQuerySet)


class Activation(OrganizationOwned):
    """One machine on which a licence is activated, from `first_seen_at` until `released_at`; null: it holds a place.

    `scope_key` is the text of licensing.rules.activating.scope_key, within which a fingerprint is live once only.
    `fingerprint` and `components` (name → digest) are hex HMAC-SHA-256 under the pepper of `pepper_version`; the plain
    values are nowhere. `last_seen_at` is when the client was last heard of in any way, the pings are its heartbeats.
    `lost_at` is from when on it may be ended for its silence; null: never. `country` is an ISO 3166-1 alpha-2 code, ""
    when unknown; `platform` and `label` are words of the client; `virtual_machine` null: it did not say. `user` is the
    digest of who activated it last, "" where the client named nobody. `replaces` is the ended activation whose place
    it took; `is_transfer` says that it was another machine's.
    """

    license = models.ForeignKey(
        License, on_delete=models.PROTECT, related_name="activations", verbose_name=_("licence")
    )
    scope_key = models.TextField(_("unique within"))
    fingerprint = models.CharField(_("fingerprint"), max_length=FINGERPRINT_LENGTH)
    pepper_version = models.IntegerField(_("version of the pepper"))
    components = models.JSONField(_("components"), default=dict, blank=True)
    platform = models.TextField(_("platform"), blank=True)
    label = models.TextField(_("name of the machine"), blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    virtual_machine = models.BooleanField(_("virtual machine"), null=True, blank=True)
    user = models.CharField(_("user"), max_length=FINGERPRINT_LENGTH, blank=True, default="", db_default="")
    first_seen_at = models.DateTimeField(_("first seen at"))
    last_seen_at = models.DateTimeField(_("last seen at"))
    first_ping_at = models.DateTimeField(_("first heartbeat at"), null=True, blank=True)
    last_ping_at = models.DateTimeField(_("last heartbeat at"), null=True, blank=True)
    lost_at = models.DateTimeField(_("lost at"), null=True, blank=True)
    released_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end_reason = models.TextField(_("reason of the end"), choices=EndReason.choices, blank=True)
    replaces = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="successors", verbose_name=_("replaces")
    )
    is_transfer = models.BooleanField(_("transfer"), default=False)

    objects: ClassVar[ActivationManager[Self]] = ActivationManager()

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("activation")
        verbose_name_plural = _("activations")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "scope_key", "fingerprint"],
                condition=Q(released_at__isnull=True),
                name="licensing_activation_live_once",
            ),
            models.UniqueConstraint(
                fields=["organization", "replaces"],
                condition=Q(replaces__isnull=False),
                name="licensing_activation_place_taken_once",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, end_reason="")
                | Q(released_at__isnull=False, end_reason__in=EndReason.values),
                name="licensing_activation_ended_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(last_seen_at__gte=F("first_seen_at"))
                & (Q(released_at__isnull=True) | Q(released_at__gte=F("first_seen_at"))),
                name="licensing_activation_in_order",
            ),
            models.CheckConstraint(
                condition=Q(first_ping_at__isnull=True, last_ping_at__isnull=True)
                | Q(first_ping_at__isnull=False, last_ping_at__isnull=False, last_ping_at__gte=F("first_ping_at")),
                name="licensing_activation_pings_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(fingerprint="") & ~Q(scope_key="") & Q(pepper_version__gte=1),
                name="licensing_activation_of_a_machine",
            ),
            models.CheckConstraint(
                condition=Q(is_transfer=False) | Q(replaces__isnull=False), name="licensing_activation_transfer_of_one"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "license"],
                condition=Q(released_at__isnull=True),
                name="licensing_activation_live",
            ),
            models.Index(
                fields=["organization", "license", "released_at"],
                condition=Q(released_at__isnull=False),
                name="licensing_activation_ended",
            ),
            models.Index(
                fields=["organization", "lost_at"],
                condition=Q(released_at__isnull=True, lost_at__isnull=False),
                name="licensing_activation_silent",
            ),
            models.Index(fields=["organization", "fingerprint"], name="licensing_activation_machine"),
        ]

    def __str__(self) -> str:
        return self.label or self.fingerprint[:12]

    @property
    def is_live(self) -> bool:
        return self.released_at is None

    @property
    def as_fact(self) -> LiveActivation:
        """What the rules know of it."""
        return LiveActivation(
            fingerprint=self.fingerprint,
            created_at=self.first_seen_at,
            components=self.components,
            first_ping_at=self.first_ping_at,
            last_ping_at=self.last_ping_at,
            virtual_machine=self.virtual_machine,
        )
