"""What writes the ledger: the trail, signing keys and checkpoints."""

from audit.operations.access import note_read
from audit.operations.checkpoints import NoSigningKey, checkpoint_at, sign_checkpoint
from audit.operations.keys import create_signing_key
from audit.operations.trail import BrokenTrail, trail

__all__ = [
    "BrokenTrail",
    "NoSigningKey",
    "checkpoint_at",
    "create_signing_key",
    "note_read",
    "sign_checkpoint",
    "trail",
]
