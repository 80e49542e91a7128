"""The outbox: every effect outside the database is a row, written in the transaction of the change."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel.owned import PlainlyOwned


class OutboxState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    DEAD = "dead", _("Given up")


class OutboxMessage(PlainlyOwned):
    """One effect, delivered at least once. `dedupe_key` makes enqueueing idempotent; messages with the same
    `order_key` leave in the order of their sequence. `leased_until` is the claim of one relay."""

    channel = models.TextField(_("channel"))
    order_key = models.TextField(_("sent in order under"))
    dedupe_key = models.TextField(_("sent once under"))
    payload = models.JSONField(_("payload"))
    state = models.TextField(_("state"), choices=OutboxState.choices, default=OutboxState.WAITING)
    attempts = models.IntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("created at"))
    next_at = models.DateTimeField(_("next at"))
    leased_until = models.DateTimeField(_("being sent until"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    last_error = models.TextField(_("last error"), blank=True)

    class Meta(PlainlyOwned.Meta):
        verbose_name = _("outgoing message")
        verbose_name_plural = _("outgoing messages")
        db_table = "jobs_outbox_message"
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "dedupe_key"], name="jobs_outbox_once"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="jobs_outbox_sent_has_time",
            ),
        ]
        indexes = [
            # What the relay asks for, again and again.
            models.Index(fields=["organization_id", "next_at"], condition=Q(state="waiting"), name="jobs_outbox_due")
        ]
