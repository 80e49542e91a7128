"""What stands round the chain: checkpoints and where they go, segments, holds, telemetry, reads of personal data."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.models.ledger import HASH_BYTES
from kernel.owned import PlainlyOwned


class Checkpoint(PlainlyOwned):
    """A signed statement "at this size, the chain had this head and this Merkle root"; never changed.

    `frontier` holds the right-edge hashes, so that the next checkpoint reads only newer leaves.
    `note` is a C2SP signed note; `time_stamp` an RFC 3161 response, when one was asked for.
    """

    size = models.BigIntegerField()
    root = models.BinaryField(max_length=HASH_BYTES)
    frontier = models.BinaryField()
    chain_hash = models.BinaryField(max_length=HASH_BYTES)
    note = models.TextField()
    time_stamp = models.BinaryField(null=True)
    signed_at = models.DateTimeField()

    class Meta(PlainlyOwned.Meta):
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        db_table = "audit_checkpoint"
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "size"], name="audit_checkpoint_one_per_size"),
            models.CheckConstraint(condition=Q(size__gte=1), name="audit_checkpoint_not_empty"),
        ]


class DestinationKind(models.TextChoices):
    FILE = "file", _("Folder on this server")


class Destination(PlainlyOwned):
    """Where an organisation's checkpoints are published; `address` is a folder for the kind "file"."""

    kind = models.TextField(choices=DestinationKind.choices)
    address = models.TextField()
    region = models.TextField(blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(PlainlyOwned.Meta):
        verbose_name = _("destination of checkpoints")
        verbose_name_plural = _("destinations of checkpoints")
        db_table = "audit_destination"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "kind", "address"],
                condition=Q(ended_at__isnull=True),
                name="audit_destination_once",
            )
        ]


class Segment(PlainlyOwned):
    """A sealed month of one chain: its header stays when retention deletes the bodies."""

    first_sequence = models.BigIntegerField()
    last_sequence = models.BigIntegerField()
    first_chain_hash = models.BinaryField(max_length=HASH_BYTES)
    last_chain_hash = models.BinaryField(max_length=HASH_BYTES)
    root = models.BinaryField(max_length=HASH_BYTES)
    signature = models.TextField()
    sealed_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True)

    class Meta(PlainlyOwned.Meta):
        verbose_name = _("sealed month")
        verbose_name_plural = _("sealed months")
        db_table = "audit_segment"
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "first_sequence"], name="audit_segment_once"),
            models.CheckConstraint(condition=Q(last_sequence__gte=F("first_sequence")), name="audit_segment_in_order"),
        ]


class Hold(PlainlyOwned):
    """A legal hold: while it lasts, neither purge nor erasure touches what it names. `person` null holds everything."""

    person = models.UUIDField(null=True)
    placed_at = models.DateTimeField()
    placed_by = models.TextField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.TextField(blank=True)

    class Meta(PlainlyOwned.Meta):
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        db_table = "audit_hold"
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by="") | (Q(lifted_at__isnull=False) & ~Q(lifted_by="")),
                name="audit_hold_lifted_by_somebody",
            )
        ]


class TelemetryBatch(PlainlyOwned):
    """A closed batch of high-volume rows, whose SHA-256 stands in the ledger entry `sequence`."""

    source = models.TextField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.BigIntegerField()
    digest = models.BinaryField(max_length=HASH_BYTES)
    sequence = models.BigIntegerField(null=True)

    class Meta(PlainlyOwned.Meta):
        verbose_name = _("telemetry batch")
        verbose_name_plural = _("telemetry batches")
        db_table = "audit_telemetry_batch"
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "source", "first_at"], name="audit_telemetry_batch_once")
        ]


class AccessEvent(PlainlyOwned):
    """Somebody read personal data: who, what, when. Telemetry in closed batches, never chained one by one."""

    at = models.DateTimeField()
    actor = models.TextField()
    subject_type = models.TextField()
    subject_id = models.TextField(blank=True)
    purpose = models.TextField()
    count = models.IntegerField(default=1)

    class Meta(PlainlyOwned.Meta):
        verbose_name = _("read of personal data")
        verbose_name_plural = _("reads of personal data")
        db_table = "audit_access_event"
        indexes = [models.Index(fields=["organization_id", "at"], name="audit_access_event_at")]


class ConsumedRequest(PlainlyOwned):
    """An approved change request that an operation has used up: the same approval never works twice."""

    request_id = models.UUIDField()
    consumed_at = models.DateTimeField()

    class Meta(PlainlyOwned.Meta):
        verbose_name = _("used approval")
        verbose_name_plural = _("used approvals")
        db_table = "audit_consumed_request"
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "request_id"], name="audit_consumed_request_once")
        ]
