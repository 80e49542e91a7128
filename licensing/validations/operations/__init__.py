"""Writes of validations: as they happen, and the closing of their batches."""

from licensing.validations.operations.closing import sweep
from licensing.validations.operations.recording import keep

__all__ = ["keep", "sweep"]
