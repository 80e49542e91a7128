"""What is known of people's and devices' use of a product, from every feed that licensing keeps.

When people last used it, licensing.queries.last_used says from every feed; this module adds devices and outside
holders, and the sums of usage events, whose user is a digest that is compared with those of all names of all holders.
Everything is read for all holders of a product at once, in a few queries for each five thousand of them.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Max, Q, Sum, Value
from django.db.models.functions import TruncDate

from identity.models import Device, Person, PersonEmail
from licensing.keyring import peppers
from licensing.models import LastUse, License, ObservedUse, UsageEvent
from licensing.queries.last_used import last_used, products_with_use
from licensing.rules.digests import subject_digest
from seats.models import Assignment
from seats.rules.reclamation import NOTHING_KNOWN, Activity

EVENTS = "usage"
"""The source of what usage events tell."""
EVER = datetime(2000, 1, 1, tzinfo=UTC)
PEOPLE = 5_000


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
    """Use of the product up to `at`; sums and the life of the feed count from `since` on."""
    is_told = products_with_use(products=[product_id], start=since, end=at + timedelta(microseconds=1))
    events = _events(product_id, since, at)
    found: dict[UUID | str, Activity] = {**_of_others(product_id, at), **_of_people(product_id, at)}
    for holder, activity in _named(product_id, events).items():
        found[holder] = _joined(found.get(holder, NOTHING_KNOWN), activity)
    return ProductActivity(bool(is_told), found)


def _joined(one: Activity, other: Activity) -> Activity:
    """What two feeds tell about one holder: the later last use, the sums of both."""
    later = max(one, other, key=_recency)
    total = [part for part in (one.total, other.total) if part is not None]
    peak = [part for part in (one.peak, other.peak) if part is not None]
    return replace(later, total=sum(total, Decimal()) if total else None, peak=max(peak) if peak else None)


def _of_people(product_id: UUID, at: datetime) -> dict[UUID | str, Activity]:
    """Of those who hold a seat of the product or have a device that does."""
    held = Assignment.objects.live().filter(pool__product_id=product_id)
    rows = Person.objects.filter(Q(id__in=held.values("person")) | Q(devices__in=held.values("device")))
    people = sorted(set(rows.values_list("id", flat=True)))
    found: dict[UUID | str, Activity] = {}
    for first in range(0, len(people), PEOPLE):
        pairs = [(person, product_id) for person in people[first : first + PEOPLE]]
        for (person, _product), use in last_used(pairs=pairs, since=EVER).items():
            if use.at <= at:
                found[person] = Activity(last_used_at=use.at, source=use.source)
    return found


def _of_others(product_id: UUID, at: datetime) -> dict[UUID | str, Activity]:
    """Of devices, and of those whom a feed names in its own words."""
    named = LastUse.objects.filter(product_id=product_id, device__isnull=False, last_used_at__lte=at)
    observed = ObservedUse.objects.filter(product_id=product_id, person__isnull=True, last_used_at__lte=at)
    rows = [
        *named.values_list("device_id", Value(""), "last_used_at", "source"),
        *observed.values_list("device_id", "external_subject_lower", "last_used_at", "source"),
    ]
    # In order of time: the latest of each stays.
    return {
        outside if device is None else device: Activity(last_used_at=last, source=source)
        for device, outside, last, source in sorted(rows, key=lambda row: row[2])
    }


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
