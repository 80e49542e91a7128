"""What writes the ledger: the trail, signing keys and checkpoints."""

from audit.operations.checkpoints import NoSigningKey, checkpoint_at, sign_checkpoint
from audit.operations.keys import create_signing_key
from audit.operations.trail import BrokenTrail, trail

__all__ = ["BrokenTrail", "NoSigningKey", "checkpoint_at", "create_signing_key", "sign_checkpoint", "trail"]
