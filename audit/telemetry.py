"""Verifying telemetry: are the rows still those that the ledger vouched for when their batch was closed?"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from audit.models import Event
from audit.operations.telemetry import INSTANT, TelemetrySource
from audit.witnesses import Problem

ALTERED = "telemetry_altered"


def altered_batches(sources: Sequence[TelemetrySource], *, at: datetime) -> Iterator[Problem]:
    """Each batch of the open organisation whose rows give another digest than its ledger entry states. Of a batch that
    began before the time for which rows are kept, rows may be gone, and what is left is not judged."""
    known = {source.name: source for source in sources}
    for sequence, body in (
        Event.objects.filter(kind="telemetry.batch_closed").order_by("sequence").values_list("sequence", "body")
    ):
        stated: dict[str, Any] = json.loads(body)["details"]
        source = known.get(stated["source"])
        if source is not None and not _holds(source, stated, at):
            message = (
                f"{stated['count']:,} rows of {source.name} up to {stated['last_at']} are not those of their batch"
            )
            yield Problem(ALTERED, message, sequence)


def _holds(source: TelemetrySource, stated: dict[str, Any], at: datetime) -> bool:
    first, last = (datetime.fromisoformat(stated[name]) for name in ("first_at", "last_at"))
    digest, count = hashlib.sha256(), 0
    for _moment, line in source.lines(first, last + INSTANT):
        digest.update(line)
        count += 1
    if source.kept is not None and first < at - source.kept and count < stated["count"]:
        return True
    return (count, digest.hexdigest()) == (stated["count"], stated["sha256"])
