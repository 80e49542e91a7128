"""What is consumed of licences: single events, the keys by which none counts twice, and sums of days."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned
from licensing.models.issuing import License


class UsageEvent(OrganizationOwned):
    """Somebody consumed `value` units of a feature at `at`, by the client's word; we heard of it at `received_at`.

    `subject` is the HMAC digest of whoever did, in hex, empty where nobody was named. Append-only; on PostgreSQL in
    monthly partitions by `at`. `license_id` is a plain id: ingest checks it, and no key is looked up for each row.
    """

    license_id = models.UUIDField(_("licence"))
    source = models.TextField(_("source"))
    key = models.TextField(_("idempotency key"))
    feature = models.TextField(_("feature"))
    subject = models.TextField(_("subject"), blank=True)
    value = models.DecimalField(_("quantity"), max_digits=20, decimal_places=6)
    at = models.DateTimeField(_("at"))
    received_at = models.DateTimeField(_("received at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("usage event")
        verbose_name_plural = _("usage events")
        db_table = "licensing_usage_event"
        constraints = [
            models.CheckConstraint(condition=Q(value__gt=0), name="licensing_usage_event_counts"),
            models.CheckConstraint(condition=~Q(feature=""), name="licensing_usage_event_of_a_feature"),
        ]
        indexes = [
            # The days of one licence are summed by it.
            models.Index(fields=["organization", "license_id", "at"], name="licensing_usage_event_at"),
            # Batches are closed in the order in which events were heard of: their own moments may lie far back.
            models.Index(fields=["organization", "received_at"], name="licensing_usage_event_received"),
        ]

    def __str__(self) -> str:
        return self.feature


class UsageReceipt(OrganizationOwned):
    """An event was taken in under this key of its source; the same key again counts nothing. Kept for a year and a
    day, which is how late an event may come. `digest` is SHA-256 over the event as it came."""

    source = models.TextField(_("source"))
    key = models.TextField(_("idempotency key"))
    digest = models.BinaryField(max_length=32)
    received_at = models.DateTimeField(_("received at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("usage receipt")
        verbose_name_plural = _("usage receipts")
        db_table = "licensing_usage_receipt"
        constraints = [
            models.UniqueConstraint(fields=["organization", "source", "key"], name="licensing_usage_receipt_once"),
            models.CheckConstraint(condition=~Q(source="") & ~Q(key=""), name="licensing_usage_receipt_has_key"),
        ]
        indexes = [
            models.Index(fields=["organization", "received_at"], name="licensing_usage_receipt_age"),
        ]

    def __str__(self) -> str:
        return self.key


class UsageDay(OrganizationOwned):
    """A UTC day of a licence whose sums are not those of its events: the next roll-up makes them anew. Whoever adds
    events touches the row, so that a roll-up that runs at the same time leaves it to the next one."""

    license = models.ForeignKey(
        License, on_delete=models.PROTECT, related_name="unsummed_days", verbose_name=_("licence")
    )
    day = models.DateField(_("day"))
    touched_at = models.DateTimeField(_("touched at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("day to be summed")
        verbose_name_plural = _("days to be summed")
        db_table = "licensing_usage_day"
        constraints = [
            models.UniqueConstraint(fields=["organization", "license", "day"], name="licensing_usage_day_once"),
        ]

    def __str__(self) -> str:
        return str(self.day)


class UsageDaily(OrganizationOwned):
    """What was consumed of one feature of a licence on one UTC day. Made from the events of that day alone, never
    added to."""

    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="usage", verbose_name=_("licence"))
    feature = models.TextField(_("feature"))
    day = models.DateField(_("day"))
    value = models.DecimalField(_("quantity"), max_digits=26, decimal_places=6)
    events = models.IntegerField(_("events"))
    summed_at = models.DateTimeField(_("summed at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("usage of a day")
        verbose_name_plural = _("usage by day")
        db_table = "licensing_usage_daily"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "license", "feature", "day"], name="licensing_usage_daily_once"
            ),
            models.CheckConstraint(condition=Q(value__gt=0, events__gte=1), name="licensing_usage_daily_counts"),
        ]

    def __str__(self) -> str:
        return f"{self.feature} {self.day}"
