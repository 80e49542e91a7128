"""What is known of people's and devices' use of a product, from every feed that licensing keeps.

Two feeds tell it: observed use (imported lists of last use, sign-in logs) names people and devices; usage events name
their user by a digest, which is compared with those of user names, e-mail addresses and host names. Everything is read
for all holders of a product at once, in a number of queries that does not grow with them.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Max, Q, Sum
from django.db.models.functions import TruncDate

from identity.models import Device, Person, PersonEmail
from licensing.keyring import peppers
from licensing.models import License, ObservedUse, UsageEvent
from licensing.rules.digests import subject_digest
from seats.models import Assignment
from seats.rules.reclamation import NOTHING_KNOWN, Activity

EVENTS = "usage"
"""The source of what usage events tell."""


@dataclass(frozen=True)
class ProductActivity:
    """Use of one product: by holder (id of a person or device, lower-case name of others), and whether any feed told
    anything at all within the window."""

    feed_alive: bool
    by_holder: Mapping[UUID | str, Activity] = field(default_factory=dict)

    def of(self, *holders: UUID | str | None) -> Activity:
        """The most recent of what is known about these, who are one holder: a device and the person whose it is."""
        known = [self.by_holder[one] for one in holders if one and one in self.by_holder]
        return max(known, key=_recency) if known else NOTHING_KNOWN


def _recency(activity: Activity) -> tuple[bool, float, Decimal]:
    at = activity.last_used_at
    return at is not None, at.timestamp() if at else 0.0, activity.total or Decimal()


def activity_of(product_id: UUID, *, since: datetime, at: datetime) -> ProductActivity:
    """Use of the product up to `at`; sums and the life of the feed count from `since` on. At most seven queries."""
    observed = _observed(product_id, at)
    events = _events(product_id, since, at)
    alive = any(one.last_used_at and one.last_used_at >= since for one in observed.values()) or any(
        one.total is not None for one in events.values()
    )
    found: dict[UUID | str, Activity] = dict(observed)
    for holder, activity in _named(product_id, events).items():
        found[holder] = _joined(found.get(holder, NOTHING_KNOWN), activity)
    return ProductActivity(alive, found)


def _joined(one: Activity, other: Activity) -> Activity:
    """What two feeds tell about one holder: the later last use, the sums of both."""
    later = max(one, other, key=_recency)
    total = [part for part in (one.total, other.total) if part is not None]
    peak = [part for part in (one.peak, other.peak) if part is not None]
    return replace(later, total=sum(total, Decimal()) if total else None, peak=max(peak) if peak else None)


def _observed(product_id: UUID, at: datetime) -> dict[UUID | str, Activity]:
    rows = (
        ObservedUse.objects.filter(product_id=product_id, last_used_at__lte=at)
        .order_by("last_used_at")
        .values_list("person_id", "device_id", "external_subject_lower", "last_used_at", "source")
    )
    # In order of time: the latest of each holder stays.
    return {
        _first(person, device) or outside: Activity(last_used_at=last, source=source)
        for person, device, outside, last, source in rows.iterator()
    }


def _first(person: UUID | None, device: UUID | None) -> UUID | None:
    return device if person is None else person


def _events(product_id: UUID, since: datetime, at: datetime) -> dict[str, Activity]:
    """By the digest of whoever used it: the latest event ever, and sum and busiest day (UTC) of the window."""
    licenses = list(License.objects.filter(product_id=product_id).values_list("id", flat=True))
    if not licenses:
        return {}
    rows = UsageEvent.objects.filter(license_id__in=licenses, at__lte=at).exclude(subject="")
    last = dict(rows.values("subject").annotate(last=Max("at")).values_list("subject", "last"))
    days = (
        rows.filter(at__gte=since)
        .annotate(day=TruncDate("at"))
        .values("subject", "day")
        .annotate(used=Sum("value"))
        .values_list("subject", "used")
    )
    used: dict[str, list[Decimal]] = defaultdict(list)
    for subject, amount in days:
        used[subject].append(amount)
    return {
        subject: Activity(
            last_used_at=moment,
            source=EVENTS,
            total=sum(used[subject], Decimal()) if subject in used else None,
            peak=max(used[subject]) if subject in used else None,
        )
        for subject, moment in last.items()
    }


def _named(product_id: UUID, events: Mapping[str, Activity]) -> dict[UUID | str, Activity]:
    """The same by holder. Events keep a digest of a name, so the digests of all names of all holders are made."""
    found: dict[UUID | str, Activity] = {}
    for holder, name in _names(product_id) if events else ():
        for pepper in peppers():
            activity = events.get(subject_digest(kind="user", value=name, pepper=pepper))
            if activity is not None:
                found[holder] = _joined(found.get(holder, NOTHING_KNOWN), activity)
    return found


def _names(product_id: UUID) -> set[tuple[UUID | str, str]]:
    """Whoever holds a seat of the product, with each name that a client may have sent: user name, e-mail addresses,
    host name, outside name, as they are written and in lower case."""
    held = Assignment.objects.live().filter(pool__product_id=product_id)
    people = Person.objects.filter(Q(id__in=held.values("person")) | Q(devices__in=held.values("device")))
    names: list[tuple[UUID | str, str]] = [
        *people.values_list("id", "user_name"),
        *PersonEmail.objects.filter(person__in=people).values_list("person_id", "value"),
        *Device.objects.filter(id__in=held.values("device")).values_list("id", "hostname"),
        *held.exclude(external_holder_lower="").values_list("external_holder_lower", "external_holder"),
    ]
    return {(holder, spelling) for holder, name in names for spelling in (name, name.lower())}
