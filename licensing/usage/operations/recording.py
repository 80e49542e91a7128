"""Usage comes in: a batch, each event once, whatever is sent twice."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.utils.translation import gettext as _

from identity.models import Organization
from kernel.errors import InvalidInput
from kernel.trail import Trail
from licensing.models import License, UsageReceipt
from licensing.operations.conditions import CODE
from licensing.usage.operations.storing import NewUsage, store

MOST_EVENTS = 1_000
LONGEST_TEXT = 200
TOLERANCE = timedelta(minutes=5)
OLDEST = timedelta(days=366)
LARGEST = Decimal(10) ** 13
SMALLEST = Decimal("0.000001")


class UsageBatchInvalid(InvalidInput):
    """The batch has no source, no events or too many."""

    code = "USAGE_BATCH_INVALID"


class RowStatus(StrEnum):
    """stored: counted · repeated: counted before, nothing happens · conflict: the key was used for another event ·
    refused: it cannot be counted, `code` says why."""

    STORED = "stored"
    REPEATED = "repeated"
    CONFLICT = "conflict"
    REFUSED = "refused"


class RowCode(StrEnum):
    """Why one event is refused; a contract (docs/features.md)."""

    LICENSE_UNKNOWN = "LICENSE_UNKNOWN"
    FEATURE_CODE_INVALID = "FEATURE_CODE_INVALID"
    KEY_INVALID = "KEY_INVALID"
    VALUE_OUT_OF_BOUNDS = "VALUE_OUT_OF_BOUNDS"
    TIME_IN_FUTURE = "TIME_IN_FUTURE"
    TIME_TOO_OLD = "TIME_TOO_OLD"


@dataclass(frozen=True)
class RowResult:
    """What became of one event, in the order of the batch."""

    key: str
    status: RowStatus
    code: str = ""


def record_usage(*, source: str, events: Sequence[NewUsage], trail: Trail) -> list[RowResult]:
    """Takes a batch in: every event is stored, was stored before, or is refused by itself; one ledger entry says how
    many of each. Raises UsageBatchInvalid."""
    if not 1 <= len(source) <= LONGEST_TEXT:
        raise UsageBatchInvalid(
            _("A source of 1 to %(most)d characters is needed.") % {"most": LONGEST_TEXT}, pointer="/source"
        )
    if not 1 <= len(events) <= MOST_EVENTS:
        raise UsageBatchInvalid(_("A batch has 1 to %(most)d events.") % {"most": MOST_EVENTS}, pointer="/events")
    now = trail.clock.now()
    known = set(License.objects.filter(id__in={one.license_id for one in events}).values_list("id", flat=True))
    refused = {place: code for place, one in enumerate(events) if (code := _refusal(one, known, now)) is not None}
    results, new = _sorted(source, events, refused)
    stored = store(source=source, events=new, now=now, trail=trail)
    if len(stored) < len(new):
        # Somebody else was faster with some of the keys; what they stored is seen by now, and the same or not.
        again, _none = _sorted(source, events, refused)
        results = [one if one.key in stored else late for one, late in zip(results, again, strict=True)]
    _record(source, results, trail)
    return results


def _sorted(
    source: str, events: Sequence[NewUsage], refused: Mapping[int, RowCode]
) -> tuple[list[RowResult], list[NewUsage]]:
    """The results, and those events that nobody has sent before."""
    good = {one.key for place, one in enumerate(events) if place not in refused}
    receipts = UsageReceipt.objects.filter(source=source, key__in=good).values_list("key", "digest")
    seen = {key: bytes(digest) for key, digest in receipts}
    results, new = [], []
    for place, one in enumerate(events):
        if place in refused:
            results.append(RowResult(one.key, RowStatus.REFUSED, refused[place].value))
        elif one.key in seen:
            same = seen[one.key] == one.digest
            results.append(RowResult(one.key, RowStatus.REPEATED if same else RowStatus.CONFLICT))
        else:
            seen[one.key] = one.digest
            new.append(one)
            results.append(RowResult(one.key, RowStatus.STORED))
    return results, new


def _refusal(one: NewUsage, known: set[UUID], now: datetime) -> RowCode | None:
    if not 1 <= len(one.key) <= LONGEST_TEXT or len(one.subject) > LONGEST_TEXT:
        return RowCode.KEY_INVALID
    if one.license_id not in known:
        return RowCode.LICENSE_UNKNOWN
    if not CODE.fullmatch(one.feature):
        return RowCode.FEATURE_CODE_INVALID
    if not SMALLEST <= one.value <= LARGEST or one.value != one.value.quantize(SMALLEST):
        return RowCode.VALUE_OUT_OF_BOUNDS
    if one.at > now + TOLERANCE:
        return RowCode.TIME_IN_FUTURE
    return RowCode.TIME_TOO_OLD if one.at < now - OLDEST else None


def _record(source: str, results: Sequence[RowResult], trail: Trail) -> None:
    counts = Counter(one.status for one in results)
    trail.record(
        "usage.recorded",
        subject=Organization.objects.get(id=trail.organization_id),
        details={"source": source, **{status.value: counts[status] for status in RowStatus}},
    )
