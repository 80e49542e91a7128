"""A licence's life after it was issued, as columns of the licence and its type, and the rows that it leaves behind."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from licensing.models.conditions import together
from licensing.rules.dunning import DunningStage
from licensing.rules.proration import ChargePeriod
from licensing.rules.renewal import RenewalBasis
from licensing.rules.trials import TrialOnce

RENEWAL_BASIS_CHOICES = [
    (RenewalBasis.FROM_EXPIRY.value, _("The end of the term before")),
    (RenewalBasis.FROM_NOW.value, _("The moment of the renewal")),
    (RenewalBasis.FROM_NOW_IF_EXPIRED.value, _("The moment of the renewal, if the term is over")),
]
TRIAL_ONCE_CHOICES = [
    (TrialOnce.NONE.value, _("As often as somebody likes")),
    (TrialOnce.FINGERPRINT.value, _("Once for each machine")),
    (TrialOnce.EMAIL_DOMAIN.value, _("Once for each e-mail domain")),
]
CHARGE_PERIOD_CHOICES = [
    (ChargePeriod.MONTH.value, _("Per month")),
    (ChargePeriod.YEAR.value, _("Per year")),
]
DUNNING_STAGE_CHOICES = [
    (DunningStage.WARNED.value, _("Warned")),
    (DunningStage.RESTRICTED.value, _("Without features")),
    (DunningStage.SUSPENDED.value, _("Suspended")),
]


class TypeLife(models.Model):
    """Columns of a licence type: how its licences are renewed, tried, dunned and priced.

    Past due, a licence is warned at once, loses its features after `dunning_restrict_days` and is suspended after
    `dunning_suspend_days`, counted from the day on which payment was due. `unit_price` is what one unit costs for one
    `charge_period`, in `currency` (ISO 4217); the three are there together or not at all.
    """

    renewal_basis = models.TextField(
        _("a renewal counts from"),
        choices=RENEWAL_BASIS_CHOICES,
        default=RenewalBasis.FROM_EXPIRY.value,
        db_default=RenewalBasis.FROM_EXPIRY.value,
    )
    auto_renews = models.BooleanField(_("renews by itself"), default=False, db_default=False)
    trial_once = models.TextField(
        _("how often to try"), choices=TRIAL_ONCE_CHOICES, default=TrialOnce.NONE.value, db_default=TrialOnce.NONE.value
    )
    dunning_restrict_days = models.IntegerField(_("days past due until features end"), default=7, db_default=7)
    dunning_suspend_days = models.IntegerField(_("days past due until suspension"), default=14, db_default=14)
    unit_price = models.DecimalField(_("unit price"), max_digits=18, decimal_places=4, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="", db_default="")
    charge_period = models.TextField(
        _("billing period"), choices=CHARGE_PERIOD_CHOICES, blank=True, default="", db_default=""
    )

    class Meta:
        abstract = True


class LicenseLife(models.Model):
    """Columns of a licence: pause, end at the end of the term, and payment past due, each with who and why.

    A paused licence does not age: resuming moves its ends by the length of the pause. `cancel_at` is the end of the
    term at which the licence ends without grace; taken back before, nothing has happened. `term_anchor` is the start
    from which consecutive terms are counted, so that months keep their day. `converted_at`: when a trial was bought.
    """

    term_anchor = models.DateTimeField(_("terms count from"), null=True, blank=True)
    paused_at = models.DateTimeField(_("paused at"), null=True, blank=True)
    paused_by = models.TextField(_("paused by"), blank=True, default="", db_default="")
    paused_reason = models.TextField(_("reason for the pause"), blank=True, default="", db_default="")
    cancel_at = models.DateTimeField(_("cancelled as of"), null=True, blank=True)
    cancelled_by = models.TextField(_("cancelled by"), blank=True, default="", db_default="")
    cancelled_reason = models.TextField(_("reason for cancellation"), blank=True, default="", db_default="")
    past_due_since = models.DateTimeField(_("past due since"), null=True, blank=True)
    past_due_by = models.TextField(_("marked past due by"), blank=True, default="", db_default="")
    past_due_reason = models.TextField(_("what is past due"), blank=True, default="", db_default="")
    dunning_stage = models.TextField(
        _("stage of dunning"), choices=DUNNING_STAGE_CHOICES, blank=True, default="", db_default=""
    )
    converted_at = models.DateTimeField(_("bought at"), null=True, blank=True)

    class Meta:
        abstract = True


TYPE_CONSTRAINTS: list[models.BaseConstraint] = [
    models.CheckConstraint(
        condition=Q(auto_renews=False)
        | (~Q(model__in=["perpetual", "trial"]) & (Q(duration_months__gte=1) | Q(duration_days__gte=1))),
        name="licensing_license_type_renews_a_term",
    ),
    models.CheckConstraint(
        condition=Q(trial_once="none") | Q(model="trial"), name="licensing_license_type_tries_a_trial"
    ),
    models.CheckConstraint(
        condition=Q(dunning_restrict_days__gte=0, dunning_suspend_days__gte=F("dunning_restrict_days")),
        name="licensing_license_type_dunning_in_order",
    ),
    models.CheckConstraint(
        condition=Q(unit_price__isnull=True, currency="", charge_period="")
        | (Q(unit_price__isnull=False, unit_price__gte=0) & ~Q(currency="") & ~Q(charge_period="")),
        name="licensing_license_type_price_is_whole",
    ),
]
LICENSE_CONSTRAINTS: list[models.BaseConstraint] = [
    models.CheckConstraint(
        condition=together(at="paused_at", texts=["paused_by", "paused_reason"]),
        name="licensing_license_paused_by_somebody",
    ),
    models.CheckConstraint(
        condition=Q(paused_at__isnull=True) | ~Q(status="draft"), name="licensing_license_paused_after_draft"
    ),
    models.CheckConstraint(
        condition=together(at="cancel_at", texts=["cancelled_by", "cancelled_reason"]),
        name="licensing_license_cancelled_by_somebody",
    ),
    models.CheckConstraint(
        condition=Q(cancel_at__isnull=True) | Q(expires_at__isnull=False, cancel_at=F("expires_at")),
        name="licensing_license_cancelled_at_its_end",
    ),
    models.CheckConstraint(
        condition=together(at="past_due_since", texts=["past_due_by", "past_due_reason", "dunning_stage"]),
        name="licensing_license_past_due_by_somebody",
    ),
]
