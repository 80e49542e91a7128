"""Answers kept for 24 hours, so that a client that lost one may ask again."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.owned import PlainlyOwned


class IdempotencyKey(PlainlyOwned):
    """The answer to one POST with an Idempotency-Key; secrets are never stored: `had_secret` tells."""

    actor = models.TextField()
    key = models.TextField()
    request_digest = models.BinaryField(max_length=32)
    status = models.IntegerField()
    answer = models.JSONField()
    had_secret = models.BooleanField(default=False)
    ledger_sequence = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta(PlainlyOwned.Meta):
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        db_table = "jobs_idempotency_key"
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "actor", "key"], name="jobs_idempotency_key_once")
        ]
        indexes = [models.Index(fields=["organization_id", "created_at"], name="jobs_idempotency_key_age")]
