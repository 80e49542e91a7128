"""The chain itself, the keys that sign it, and the openings of personal values."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel.owned import OwnedRow, PlainlyOwned

HASH_BYTES = 32


class Chain(PlainlyOwned):
    """The head of one organisation's chain. `id` is the chain's uuid in the genesis hash.

    Locked last in every transaction that records; `size` and `chain_hash` are those of the newest entry.
    """

    genesis_nonce = models.BinaryField(max_length=HASH_BYTES)
    size = models.BigIntegerField(default=0)
    chain_hash = models.BinaryField(max_length=HASH_BYTES)
    last_at = models.DateTimeField(null=True)
    sealed_size = models.BigIntegerField(default=0)

    class Meta(PlainlyOwned.Meta):
        verbose_name = _("ledger")
        verbose_name_plural = _("ledgers")
        db_table = "audit_chain"
        constraints = [
            models.UniqueConstraint(fields=["organization_id"], name="audit_chain_one_per_organization"),
            models.CheckConstraint(condition=Q(size__gte=0), name="audit_chain_size_not_negative"),
            models.CheckConstraint(
                condition=Q(sealed_size__lte=models.F("size")), name="audit_chain_sealed_within_size"
            ),
        ]


class Event(OwnedRow):
    """One ledger entry; never changed, never deleted. (organization_id, sequence) is the only safe cursor.

    The columns repeat what `body` says, for searching; the verifier compares them. Times are UTC.
    """

    pk = models.CompositePrimaryKey("organization_id", "sequence")
    organization_id = models.UUIDField(editable=False)
    sequence = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    kind = models.TextField()
    actor = models.TextField()
    subject_type = models.TextField()
    subject_id = models.TextField()
    request_id = models.TextField(blank=True)
    body = models.TextField()
    leaf_hash = models.BinaryField(max_length=HASH_BYTES)
    chain_hash = models.BinaryField(max_length=HASH_BYTES)

    class Meta(OwnedRow.Meta):
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        db_table = "audit_event"
        constraints = [models.CheckConstraint(condition=Q(sequence__gte=1), name="audit_event_sequence_from_one")]
        indexes = [
            # The history of one row, newest first.
            models.Index(fields=["organization_id", "subject_id", "sequence"], name="audit_event_subject"),
            # "What happened of this kind" on the audit pages.
            models.Index(fields=["organization_id", "kind", "sequence"], name="audit_event_kind"),
        ]


class Opening(PlainlyOwned):
    """What opens one commitment: salt and value, encrypted with the person's data key. The only table with DELETE."""

    commitment = models.BinaryField(max_length=HASH_BYTES)
    person = models.UUIDField()
    salt = models.BinaryField(max_length=HASH_BYTES)
    sealed_value = models.BinaryField()

    class Meta(PlainlyOwned.Meta):
        verbose_name = _("opening of a commitment")
        verbose_name_plural = _("openings of commitments")
        db_table = "audit_opening"
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "commitment"], name="audit_opening_one_per_commitment")
        ]
        indexes = [models.Index(fields=["organization_id", "person"], name="audit_opening_person")]


class DataKey(PlainlyOwned):
    """A key of 32 bytes: of the organisation (person null, wrapped by the vault) or of one person (wrapped by it).

    Deleting a person's key makes every opening of that person unreadable, also in old backups of this table's readers.
    """

    person = models.UUIDField(null=True)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta(PlainlyOwned.Meta):
        verbose_name = _("data key")
        verbose_name_plural = _("data keys")
        db_table = "audit_data_key"
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "person"], name="audit_data_key_one_per_person"),
            models.UniqueConstraint(
                fields=["organization_id"], condition=Q(person__isnull=True), name="audit_data_key_one_of_organization"
            ),
        ]


class SigningKey(PlainlyOwned):
    """The organisation's Ed25519 audit key: signs checkpoints and manifests. The private half rests in the vault."""

    name = models.TextField()
    public = models.BinaryField(max_length=HASH_BYTES)
    sealed_private = models.BinaryField()
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta(PlainlyOwned.Meta):
        verbose_name = _("audit key")
        verbose_name_plural = _("audit keys")
        db_table = "audit_key"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id"], condition=Q(retired_at__isnull=True), name="audit_key_one_active"
            )
        ]
