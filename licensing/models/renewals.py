"""Rows that a licence's life leaves: renewals, machines and domains that have tried a product, approvals used up."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned
from licensing.models.catalogue import Product
from licensing.models.conditions import together
from licensing.models.issuing import License
from licensing.rules.trials import TrialOnce

CLAIM_CHOICES = [
    (TrialOnce.FINGERPRINT.value, _("Machine")),
    (TrialOnce.EMAIL_DOMAIN.value, _("E-mail domain")),
]


class LicenseRenewal(OrganizationOwned):
    """One further term of a licence, from `starts_at` up to, not at, `ends_at`; `grace_until` is the grace after it.

    Recorded first, it changes nothing: the licence keeps its rights until its grace ends. Confirmed, it is the
    licence's term. A term is renewed once, whoever comes first: a person, or the task that renews by itself.
    """

    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="renewals", verbose_name=_("licence"))
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    grace_until = models.DateTimeField(_("grace until"), null=True, blank=True)
    is_automatic = models.BooleanField(_("by itself"), default=False)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.TextField(_("recorded by"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    confirmed_by = models.TextField(_("confirmed by"), blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawn_by = models.TextField(_("withdrawn by"), blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("renewal")
        verbose_name_plural = _("renewals")
        db_table = "licensing_license_renewal"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "license", "starts_at"],
                condition=Q(withdrawn_at__isnull=True),
                name="licensing_license_renewal_once",
            ),
            models.UniqueConstraint(
                fields=["organization", "license"],
                condition=Q(withdrawn_at__isnull=True, confirmed_at__isnull=True),
                name="licensing_license_renewal_one_open",
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="licensing_license_renewal_in_order"),
            models.CheckConstraint(
                condition=Q(grace_until__isnull=True) | Q(grace_until__gte=F("ends_at")),
                name="licensing_license_renewal_grace_follows_end",
            ),
            models.CheckConstraint(
                condition=together(at="confirmed_at", texts=["confirmed_by"]),
                name="licensing_license_renewal_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=together(at="withdrawn_at", texts=["withdrawn_by"]),
                name="licensing_license_renewal_withdrawn_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="licensing_license_renewal_decided_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d} – {self.ends_at:%Y-%m-%d}"


class TrialClaim(OrganizationOwned):
    """A machine or an e-mail domain has tried a product, and tries it no second time while the type says once.

    `value` is the hex digest of a fingerprint, or a domain in lower case. The row stays when the trial is bought.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", verbose_name=_("product"))
    license = models.ForeignKey(
        License, on_delete=models.PROTECT, related_name="trial_claims", verbose_name=_("licence")
    )
    kind = models.TextField(_("kind"), choices=CLAIM_CHOICES)
    value = models.TextField(_("value"))
    claimed_at = models.DateTimeField(_("claimed at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("trial use")
        verbose_name_plural = _("trial uses")
        db_table = "licensing_trial_claim"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "product", "kind", "value"], name="licensing_trial_claim_once"
            ),
            models.CheckConstraint(condition=~Q(value=""), name="licensing_trial_claim_of_something"),
        ]


class UsedApproval(OrganizationOwned):
    """An approved change request that was carried out: the same approval allows nothing a second time."""

    request_id = models.UUIDField(_("request"))
    kind = models.TextField(_("kind"))
    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="approvals", verbose_name=_("licence"))
    used_at = models.DateTimeField(_("used at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("used approval")
        verbose_name_plural = _("used approvals")
        db_table = "licensing_used_approval"
        constraints = [
            models.UniqueConstraint(fields=["organization", "request_id"], name="licensing_used_approval_once"),
            models.CheckConstraint(condition=~Q(kind=""), name="licensing_used_approval_of_a_kind"),
        ]
