"""Contracts: who granted what to whom, until when, and until when one must say no."""

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned
from licensing.models.conditions import not_before, stamped, together
from licensing.models.parties import Party
from licensing.models.partners import LicenseeManager


class AgreementType(models.TextChoices):
    ENTERPRISE = "enterprise", _("Enterprise agreement")
    SUBSCRIPTION = "subscription", _("Subscription")
    PERPETUAL = "perpetual", _("Perpetual licences")
    MAINTENANCE = "maintenance", _("Maintenance")
    OTHER = "other", _("Other")


class AgreementState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    TERMINATED = "terminated", _("Terminated")


class AffiliateScope(models.TextChoices):
    ORGANIZATION = "organization", _("This organisation only")
    AFFILIATES = "affiliates", _("This organisation and its affiliates")


class Agreement(OrganizationOwned):
    """One contract from `starts_at` up to, not at, `ends_at` (null: until terminated).

    `number` is the contract's own number. Notice must be given `notice_days` before the end. `true_up_on` and
    `co_terminates_on` are calendar days of the organisation. After activation dates and money change by amendment only;
    `amended` is the number of the last one.
    """

    number = models.TextField(_("number"))
    title = models.TextField(_("title"), blank=True)
    type = models.TextField(_("type"), choices=AgreementType.choices, default=AgreementType.OTHER)
    state = models.TextField(_("state"), choices=AgreementState.choices, default=AgreementState.ACTIVE)
    licensor = models.ForeignKey(
        Party,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="granted_agreements",
        verbose_name=_("licensor"),
    )
    licensee = models.ForeignKey(
        Party,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="received_agreements",
        verbose_name=_("licensee"),
    )
    reseller = models.ForeignKey(
        Party,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="resold_agreements",
        verbose_name=_("reseller"),
    )
    affiliate_scope = models.TextField(
        _("affiliates covered"), choices=AffiliateScope.choices, default=AffiliateScope.ORGANIZATION
    )
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    notice_days = models.IntegerField(_("notice period in days"), default=0)
    auto_renew = models.BooleanField(_("renews automatically"), default=False)
    true_up_on = models.DateField(_("true-up on"), null=True, blank=True)
    co_terminates_on = models.DateField(_("co-terminates on"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    document = models.TextField(_("document"), blank=True)
    document_sha256 = models.CharField(_("SHA-256 of the document"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("created at"))
    amended = models.IntegerField(_("amendments"), default=0, editable=False)
    terminated_at = models.DateTimeField(_("terminated at"), null=True, blank=True, editable=False)
    terminated_by = models.TextField(_("terminated by"), blank=True, editable=False)
    terminated_reason = models.TextField(_("reason for termination"), blank=True, editable=False)

    objects: ClassVar[LicenseeManager[Self]] = LicenseeManager()

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="licensing_agreement_number"),
            models.CheckConstraint(condition=~Q(number=""), name="licensing_agreement_has_number"),
            models.CheckConstraint(
                condition=not_before(end="ends_at", start="starts_at"), name="licensing_agreement_in_order"
            ),
            models.CheckConstraint(condition=Q(notice_days__gte=0), name="licensing_agreement_notice_not_negative"),
            models.CheckConstraint(condition=Q(amended__gte=0), name="licensing_agreement_amended_upwards"),
            # That terms in force change by amendment alone is a trigger: licensing/protection.py.
            models.CheckConstraint(
                condition=stamped(Q(state="terminated"), at="terminated_at")
                & together(at="terminated_at", texts=["terminated_by", "terminated_reason"]),
                name="licensing_agreement_terminated_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["organization", "ends_at"], name="licensing_agreement_ends")]

    def __str__(self) -> str:
        return self.title or self.number

    @property
    def notice_deadline(self) -> datetime | None:
        """The last moment for a notice; None for a contract without an end."""
        return None if self.ends_at is None else self.ends_at - timedelta(days=self.notice_days)
