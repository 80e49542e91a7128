"""What writes the ledger: the trail, signing keys and checkpoints."""

from audit.operations.checkpoints import sign_checkpoint
from audit.operations.keys import create_signing_key
from audit.operations.trail import BrokenTrail, trail

__all__ = ["BrokenTrail", "create_signing_key", "sign_checkpoint", "trail"]
