"""Which columns nobody reads who reads the database itself: sealed values, password hashes, digests of credentials.

Withheld by their kind and by their name, so that a column of tomorrow is withheld until somebody decides otherwise.
"""

import re
from typing import Any

from django.apps import apps
from django.db import models

from kernel.owned import OwnedRow

SECRET = re.compile(
    r"password|secret|token|digest|sealed|wrapped|private|cipher|pepper|salt|nonce|payload|answer|relay"
)
"""Part of a column's name: of what it holds, not of what it says about it (see HARMLESS)."""

HARMLESS = (models.BooleanField, models.DateTimeField, models.IntegerField, models.ForeignKey)
"""Fields that tell when, whether, how often or whose, and never hold the secret itself."""

SHOWN: dict[str, str] = {
    "audit.Chain.genesis_nonce": "evidence: what a chain starts from is needed to verify it",
    "audit.Chain.chain_hash": "evidence",
    "audit.Event.leaf_hash": "evidence",
    "audit.Event.chain_hash": "evidence",
    "audit.Opening.commitment": "evidence; without the salt no value can be guessed from it",
    "audit.SigningKey.public": "the public half of a key",
    "audit.Checkpoint.root": "evidence",
    "audit.Checkpoint.frontier": "evidence",
    "audit.Checkpoint.chain_hash": "evidence",
    "audit.Checkpoint.time_stamp": "evidence",
    "audit.Segment.first_chain_hash": "evidence",
    "audit.Segment.last_chain_hash": "evidence",
    "audit.Segment.root": "evidence",
    "audit.TelemetryBatch.digest": "evidence: of a batch of rows, no credential",
    "licensing.SigningKey.public": "the public half of a key",
    "compliance.ScanRun.input_digest": "evidence: of what a scan looked at, no credential",
}
"""Column → why it is shown although its kind or name looks like a secret."""


def is_withheld(field: "models.Field[Any, Any]") -> bool:
    label = f"{field.model._meta.label}.{field.name}"
    if label in SHOWN or isinstance(field, HARMLESS):
        return False
    return isinstance(field, models.BinaryField) or bool(SECRET.search(field.name))


def readable() -> dict[str, list[str]]:
    """Table of organisations → the columns that may be shown to whoever reads the database itself."""
    return {
        model._meta.db_table: [
            str(field.column) for field in model._meta.local_concrete_fields if not is_withheld(field)
        ]
        for model in apps.get_models()
        if issubclass(model, OwnedRow)
    }
