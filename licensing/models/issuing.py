"""What a vendor issues: licence types and the licences made from them."""

from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned
from licensing.models.catalogue import Edition, Product
from licensing.models.conditions import not_before, stamped, together
from licensing.models.entitlements import Entitlement
from licensing.models.life import LICENSE_CONSTRAINTS, TYPE_CONSTRAINTS, LicenseLife, TypeLife
from licensing.models.parties import Party
from licensing.models.partners import LicenseeManager
from licensing.models.strategies import MACHINE_CONSTRAINTS, MachineStrategies
from licensing.rules.facts import ExpiryBasis, ExpiryStrategy, LicenseModel, LicenseStatus
from licensing.rules.offline import USUAL_OFFLINE_HOURS
from licensing.rules.terms import Term

MODEL_CHOICES = [
    (LicenseModel.PERPETUAL.value, _("Perpetual")),
    (LicenseModel.SUBSCRIPTION.value, _("Subscription")),
    (LicenseModel.TRIAL.value, _("Trial")),
    (LicenseModel.FLOATING.value, _("Floating")),
    (LicenseModel.NODE_LOCKED.value, _("Node-locked")),
    (LicenseModel.SITE.value, _("Site")),
]
STATUS_CHOICES = [
    (LicenseStatus.DRAFT.value, _("Draft")),
    (LicenseStatus.ACTIVE.value, _("Active")),
    (LicenseStatus.SUSPENDED.value, _("Suspended")),
    (LicenseStatus.REVOKED.value, _("Revoked")),
]
EXPIRY_STRATEGY_CHOICES = [
    (ExpiryStrategy.RESTRICT.value, _("Invalid; earlier releases stay available")),
    (ExpiryStrategy.REVOKE.value, _("Invalid; no release is available")),
    (ExpiryStrategy.MAINTAIN.value, _("Stays valid for earlier releases")),
    (ExpiryStrategy.ALLOW.value, _("Stays valid for every release")),
]
EXPIRY_BASIS_CHOICES = [
    (ExpiryBasis.CREATION.value, _("Creation of the licence")),
    (ExpiryBasis.FIRST_VALIDATION.value, _("First validation")),
    (ExpiryBasis.FIRST_ACTIVATION.value, _("First activation")),
]


class LicenseType(MachineStrategies, TypeLife, OrganizationOwned):
    """One version of a vendor's template. Never edited after use: a change is a new version, and a licence keeps the
    one that it was issued with. The version in force has no `superseded_at`.

    The term is `duration_months` calendar months plus `duration_days` days from the event `expiry_basis`; a perpetual
    type has none, a subscription and a trial have one, a floating, node-locked or site type has one or none.
    `converts_to` is the type that a trial becomes when it is bought. `features` is a list of {code, starts_at?,
    ends_at?}, `limits` a map of limit code → whole number. `territories` are ISO 3166-1 alpha-2 codes, `domains`
    and `departments` texts in lower case; null: everywhere. `version_range` as licensing.rules.versions reads it.
    `offline_hours` bounds how long a certificate that is checked out may hold; 0: none is checked out. What is
    demanded of machines stands in MachineStrategies.
    """

    code = models.TextField(_("code"))
    version = models.IntegerField(_("version"), default=1)
    name = models.TextField(_("name"))
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="license_types", verbose_name=_("product")
    )
    edition = models.ForeignKey(
        Edition,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="license_types",
        verbose_name=_("edition"),
    )
    model = models.TextField(_("model"), choices=MODEL_CHOICES)
    duration_months = models.IntegerField(_("duration in months"), default=0)
    duration_days = models.IntegerField(_("duration in days"), default=0)
    grace_days = models.IntegerField(_("grace period in days"), default=0)
    notice_days = models.IntegerField(_("notice period in days"), default=30)
    offline_hours = models.IntegerField(_("longest offline certificate in hours"), default=USUAL_OFFLINE_HOURS)
    expiry_strategy = models.TextField(
        _("expiry strategy"), choices=EXPIRY_STRATEGY_CHOICES, default=ExpiryStrategy.RESTRICT.value
    )
    expiry_basis = models.TextField(_("expiry basis"), choices=EXPIRY_BASIS_CHOICES, default=ExpiryBasis.CREATION.value)
    converts_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="trials", verbose_name=_("converts to")
    )
    features = models.JSONField(_("features"), default=list, blank=True)
    limits = models.JSONField(_("limits"), default=dict, blank=True)
    territories = models.JSONField(_("territories"), null=True, blank=True)
    domains = models.JSONField(_("domains"), null=True, blank=True)
    departments = models.JSONField(_("departments"), null=True, blank=True)
    version_range = models.TextField(_("version range"), blank=True)
    created_at = models.DateTimeField(_("created at"))
    superseded_at = models.DateTimeField(_("superseded at"), null=True, blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("licence type")
        verbose_name_plural = _("licence types")
        db_table = "licensing_license_type"
        constraints = [
            models.UniqueConstraint(fields=["organization", "code", "version"], name="licensing_license_type_version"),
            models.UniqueConstraint(
                fields=["organization", "code"],
                condition=Q(superseded_at__isnull=True),
                name="licensing_license_type_current",
            ),
            models.CheckConstraint(
                condition=Q(
                    version__gte=1,
                    duration_months__gte=0,
                    duration_days__gte=0,
                    grace_days__gte=0,
                    notice_days__gte=0,
                ),
                name="licensing_license_type_counts_upwards",
            ),
            models.CheckConstraint(condition=Q(offline_hours__gte=0), name="licensing_license_type_offline_hours"),
            models.CheckConstraint(
                condition=Q(model="perpetual", duration_months=0, duration_days=0)
                | (Q(model__in=["subscription", "trial"]) & (Q(duration_months__gte=1) | Q(duration_days__gte=1)))
                | Q(model__in=["floating", "node_locked", "site"]),
                name="licensing_license_type_term_of_model",
            ),
            models.CheckConstraint(
                condition=Q(converts_to__isnull=True) | (Q(model="trial") & ~Q(converts_to=F("id"))),
                name="licensing_license_type_trial_converts",
            ),
            *MACHINE_CONSTRAINTS,
            *TYPE_CONSTRAINTS,
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.version})"

    @property
    def duration(self) -> Term | None:
        """The term as licensing.rules counts it; None for a perpetual type."""
        if not self.duration_months and not self.duration_days:
            return None
        return Term(months=self.duration_months, days=self.duration_days)

    @property
    def notice(self) -> timedelta:
        """How long before the end validations warn."""
        return timedelta(days=self.notice_days)


class License(OrganizationOwned, LicenseLife):
    """A licence granted to a party, under one version of a licence type.

    Valid from `valid_from` (null: since it was created) up to, not at, `expires_at`; null means never, or, while
    nothing has happened from which the type's term counts, not yet known. `sequence` rises with every certificate
    after the first (anti-rollback). `features` and `limits` add to those of the type; `territories`, `domains`,
    `departments` and `version_range` replace them where set. Revoking is a status, never a delete; who suspends or
    revokes says why.
    """

    number = models.TextField(_("number"))
    license_type = models.ForeignKey(
        LicenseType, on_delete=models.PROTECT, related_name="licenses", verbose_name=_("licence type")
    )
    entitlement = models.ForeignKey(
        Entitlement,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="licenses",
        verbose_name=_("entitlement"),
    )
    licensee = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="licenses", verbose_name=_("licensee"))
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="licenses", verbose_name=_("product"))
    edition = models.ForeignKey(
        Edition, null=True, blank=True, on_delete=models.PROTECT, related_name="licenses", verbose_name=_("edition")
    )
    model = models.TextField(_("model"), choices=MODEL_CHOICES)
    quantity = models.IntegerField(_("quantity"), default=1)
    status = models.TextField(_("status"), choices=STATUS_CHOICES, default=LicenseStatus.DRAFT.value)
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    grace_until = models.DateTimeField(_("grace until"), null=True, blank=True)
    maintenance_until = models.DateTimeField(_("maintenance until"), null=True, blank=True)
    version_range = models.TextField(_("version range"), blank=True)
    territories = models.JSONField(_("territories"), null=True, blank=True)
    domains = models.JSONField(_("domains"), null=True, blank=True)
    departments = models.JSONField(_("departments"), null=True, blank=True)
    features = models.JSONField(_("features"), default=list, blank=True)
    limits = models.JSONField(_("limits"), default=dict, blank=True)
    sequence = models.IntegerField(_("sequence"), default=1)
    created_at = models.DateTimeField(_("created at"))
    first_validated_at = models.DateTimeField(_("first validated at"), null=True, blank=True)
    first_activated_at = models.DateTimeField(_("first activated at"), null=True, blank=True)
    suspended_at = models.DateTimeField(_("suspended at"), null=True, blank=True)
    suspended_by = models.TextField(_("suspended by"), blank=True)
    suspended_reason = models.TextField(_("reason for suspension"), blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.TextField(_("revoked by"), blank=True)
    revoked_reason = models.TextField(_("reason for revocation"), blank=True)

    objects: ClassVar[LicenseeManager[Self]] = LicenseeManager()

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("licence")
        verbose_name_plural = _("licences")
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="licensing_license_number"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="licensing_license_for_somebody"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="licensing_license_sequence_from_one"),
            models.CheckConstraint(
                condition=Q(model="perpetual", expires_at__isnull=True) | ~Q(model="perpetual"),
                name="licensing_license_perpetual_has_no_end",
            ),
            models.CheckConstraint(
                condition=not_before(end="expires_at", start="valid_from"), name="licensing_license_in_order"
            ),
            # Written out: with an unknown expires_at a comparison is NULL, which a CHECK would let pass.
            models.CheckConstraint(
                condition=Q(grace_until__isnull=True) | Q(expires_at__isnull=False, grace_until__gte=F("expires_at")),
                name="licensing_license_grace_follows_end",
            ),
            models.CheckConstraint(
                condition=stamped(Q(status="revoked"), at="revoked_at")
                & together(at="revoked_at", texts=["revoked_by", "revoked_reason"]),
                name="licensing_license_revoked_by_somebody",
            ),
            models.CheckConstraint(
                condition=(Q(suspended_at__isnull=False) | ~Q(status="suspended"))
                & together(at="suspended_at", texts=["suspended_by", "suspended_reason"]),
                name="licensing_license_suspended_by_somebody",
            ),
            *LICENSE_CONSTRAINTS,
        ]
        indexes = [
            models.Index(fields=["organization", "licensee", "product"], name="licensing_license_licensee"),
            models.Index(fields=["organization", "expires_at"], name="licensing_license_expires"),
            # The task that moves dunning on looks each minute, and few licences are past due.
            models.Index(
                fields=["organization", "past_due_since"],
                condition=Q(past_due_since__isnull=False),
                name="licensing_license_past_due",
            ),
        ]

    def __str__(self) -> str:
        return self.number
