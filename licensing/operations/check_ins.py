"""A client that asks about its licence has reached the server: for its connectivity grace that is a check-in."""

from datetime import datetime, timedelta
from uuid import UUID

from kernel.trail import Trail
from licensing.models import Activation

CHECK_IN_EVERY = timedelta(minutes=1)
"""A client that asks more often is not noted each time: validation stays a matter of reading."""


def check_in_is_due(*, last_check_in_at: datetime | None, at: datetime) -> bool:
    """Whether a check-in at `at` would be noted; without a row that could note it (None), never."""
    return last_check_in_at is not None and at - last_check_in_at >= CHECK_IN_EVERY


def check_in(*, activation_id: UUID, at: datetime, trail: Trail) -> bool:
    """Notes that the machine of a live activation was heard of at `at`, and says whether it did: at most once a minute.

    One statement, no lock taken before it, no entry in the ledger. It is no heartbeat: who must send these still has
    to. Whoever was away for the whole connectivity grace is told so once, by the question that ends the absence.
    """
    live = Activation.objects.live().filter(id=activation_id, last_seen_at__lte=at - CHECK_IN_EVERY)
    return live.update(last_seen_at=at) == 1
