"""Tenants, the base of everything that belongs to one, and the route from a credential to its tenant."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel.ids import new_id
from kernel.owned import OwnedModel


class OrganizationKind(models.TextChoices):
    BUYER = "buyer", _("Buys software")
    VENDOR = "vendor", _("Sells software")
    BOTH = "both", _("Buys and sells software")
    PLATFORM = "platform", _("Runs this installation")


class Organization(models.Model):
    """A tenant; global, because signing in must find it. There is one platform organisation.

    `region` is where its data may rest, `time_zone` (IANA) decides what a day is in its reports.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(_("short name"), unique=True)
    name = models.TextField(_("name"))
    kind = models.TextField(_("kind"), choices=OrganizationKind.choices)
    territory = models.CharField(_("territory"), max_length=2, blank=True)
    region = models.TextField(_("region"), blank=True)
    time_zone = models.TextField(_("time zone"), default="UTC")
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children", verbose_name=_("parent")
    )
    plan = models.TextField(_("plan"), blank=True)
    created_at = models.DateTimeField(_("created at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=Q(kind="platform"), name="identity_one_platform"),
            models.CheckConstraint(condition=~Q(slug=""), name="identity_organization_has_slug"),
        ]

    def __str__(self) -> str:
        return self.name


class OrganizationOwned(OwnedModel):
    """Base of every tenant row from identity/ upwards."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta(OwnedModel.Meta):
        abstract = True


class CredentialRoute(models.Model):
    """Which organisation a credential belongs to, before any organisation is known: a digest and nothing else.

    Written by the operation that issues the credential, read by identity.queries alone.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.TextField()
    digest = models.BinaryField(max_length=32)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("credential route")
        verbose_name_plural = _("credential routes")
        constraints = [models.UniqueConstraint(fields=["kind", "digest"], name="identity_credential_route_once")]

    def __str__(self) -> str:
        return self.kind
