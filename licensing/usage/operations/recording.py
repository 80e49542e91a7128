"""Usage comes in: a batch, each event once, whatever is sent twice."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from identity.models import Organization
from kernel.errors import Busy, InvalidInput
from kernel.trail import Trail
from licensing.keyring import peppers
from licensing.models import License, UsageDay, UsageEvent, UsageReceipt
from licensing.operations.conditions import CODE
from licensing.rules.digests import subject_digest

MOST_EVENTS = 1_000
LONGEST_TEXT = 200
TOLERANCE = timedelta(minutes=5)
OLDEST = timedelta(days=366)
LARGEST = Decimal(10) ** 13
SMALLEST = Decimal("0.000001")
TRIES = 3


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


@dataclass(frozen=True, kw_only=True)
class NewUsage:
    """One event as a client tells it: `value` units at `at` (aware). `subject` names who, and is stored as a digest."""

    key: str
    license_id: UUID
    feature: str
    value: Decimal
    at: datetime
    subject: str = field(default="", repr=False)

    @property
    def digest(self) -> bytes:
        """SHA-256 over what it says; equal numbers and instants are equal however they are written."""
        at = self.at.astimezone(UTC).isoformat()
        said = [str(self.license_id), self.feature, str(self.value.normalize()), at, self.subject]
        return hashlib.sha256("\n".join(said).encode()).digest()

    @property
    def day(self) -> tuple[UUID, datetime]:
        """Licence and UTC day that it counts for."""
        return self.license_id, self.at.astimezone(UTC)


@dataclass(frozen=True)
class RowResult:
    """What became of one event, in the order of the batch."""

    key: str
    status: RowStatus
    code: str = ""


def record_usage(*, source: str, events: Sequence[NewUsage], trail: Trail) -> list[RowResult]:
    """Takes a batch in: every event is stored, was stored before, or is refused by itself; one ledger entry says how
    many of each. Raises UsageBatchInvalid, and Busy when the same keys keep coming from elsewhere at the same time."""
    if not 1 <= len(source) <= LONGEST_TEXT:
        raise UsageBatchInvalid(
            _("A source of 1 to %(most)d characters is needed.") % {"most": LONGEST_TEXT}, pointer="/source"
        )
    if not 1 <= len(events) <= MOST_EVENTS:
        raise UsageBatchInvalid(_("A batch has 1 to %(most)d events.") % {"most": MOST_EVENTS}, pointer="/events")
    now = trail.clock.now()
    known = set(License.objects.filter(id__in={one.license_id for one in events}).values_list("id", flat=True))
    refused = {place: code for place, one in enumerate(events) if (code := _refusal(one, known, now)) is not None}
    for _try in range(TRIES):
        results, new = _sorted(source, events, refused)
        try:
            with transaction.atomic():
                _store(source, new, now, trail)
        except IntegrityError:
            # Somebody else was faster with one of the keys; what they stored is seen by the next statement.
            continue
        _record(source, results, trail)
        return results
    raise Busy(_("The same events are being sent from elsewhere at the same time."))


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


def _store(source: str, new: Sequence[NewUsage], now: datetime, trail: Trail) -> None:
    house, pepper = trail.organization_id, peppers()[0]
    # In one order for everybody: who sends the same keys or days waits, and nobody for each other.
    UsageReceipt.objects.bulk_create(
        UsageReceipt(organization_id=house, source=source, key=one.key, digest=one.digest, received_at=now)
        for one in sorted(new, key=lambda one: one.key)
    )
    days = sorted({(license_id, at.date()) for license_id, at in (one.day for one in new)})
    UsageDay.objects.bulk_create(
        (UsageDay(organization_id=house, license_id=license_id, day=day, touched_at=now) for license_id, day in days),
        update_conflicts=True,
        unique_fields=["organization", "license", "day"],
        update_fields=["touched_at"],
    )
    UsageEvent.objects.bulk_create(
        UsageEvent(
            organization_id=house,
            license_id=one.license_id,
            source=source,
            key=one.key,
            feature=one.feature,
            subject=subject_digest(kind="user", value=one.subject, pepper=pepper) if one.subject else "",
            value=one.value,
            at=one.at,
            received_at=now,
        )
        for one in new
    )


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
