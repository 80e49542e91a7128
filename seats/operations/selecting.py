"""The nightly look of a reclamation rule: what it asks back, what it no longer does, and whether it hears anything."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from identity.queries import addresses_of_roles
from jobs.operations import enqueue
from kernel.errors import JsonValue
from kernel.trail import Trail
from seats.models import ReclamationRule, RemovalCandidate, SeatPool
from seats.operations.reclaiming import cancel
from seats.queries import Judged, SeatPrice, activity_for, exempt_ids, judged_by, seat_prices, terms_of
from seats.queries.activity import ProductActivity
from seats.rules.candidates import Happening
from seats.rules.reclamation import Verdict, measured_by, used_again

TO_BE_TOLD = ("it_admin",)
OPEN_COLUMNS = (
    "id",
    "selected_at",
    "assignment__released_at",
    "assignment__pool_id",
    "assignment__person_id",
    "assignment__device_id",
    "assignment__device__person_id",
    "assignment__external_holder_lower",
    "assignment__person__legal_hold",
)
ROWS = 2_000


@dataclass(frozen=True)
class Look:
    """What one look of one rule found."""

    selected: int
    cancelled: int
    feed_alive: bool


def look(*, rule_id: UUID, trail: Trail) -> Look:
    """Cancels open candidates of the rule whose cause is gone, then selects seats, none when the feed is silent or the
    rule was stopped. A second look at the same moment changes nothing."""
    rule = ReclamationRule.objects.select_related("pool").select_for_update(no_key=True, of=("self",)).get(id=rule_id)
    if not rule.is_active:
        return Look(0, 0, True)
    now = trail.clock.now()
    activity = activity_for(rule, at=now)
    cancelled = _cancel_what_is_over(rule, activity, now, trail)
    _note_feed(rule, activity.feed_alive, now, trail)
    selected = _select(rule, activity, now, trail) if activity.feed_alive else 0
    return Look(selected, cancelled, activity.feed_alive)


def _cancel_what_is_over(rule: ReclamationRule, activity: ProductActivity, now: datetime, trail: Trail) -> int:
    terms, exempt = terms_of(rule), exempt_ids(now)
    over: dict[Happening, list[UUID]] = defaultdict(list)
    rows = RemovalCandidate.objects.pending().filter(rule=rule).values_list(*OPEN_COLUMNS)
    for key, selected_at, released_at, pool, person, device, owner, outside, hold in rows.iterator(chunk_size=ROWS):
        if released_at is not None:
            over[Happening.SEAT_RELEASED].append(key)
        elif used_again(terms, activity.of(person, device, owner, outside), selected_at=selected_at, at=now):
            over[Happening.USED_AGAIN].append(key)
        elif hold or not exempt.isdisjoint((pool, person, owner)):
            over[Happening.PROTECTED].append(key)
    return sum(cancel(candidate_ids=keys, event=event, trail=trail) for event, keys in sorted(over.items()))


def _note_feed(rule: ReclamationRule, is_alive: bool, now: datetime, trail: Trail) -> None:
    """Opens the alert of a silent feed once, and closes it when the feed is heard again."""
    was_silent = rule.feed_silent_since is not None
    rule.looked_at = now
    if is_alive == was_silent:
        rule.feed_silent_since = None if is_alive else now
        kind = "reclamation_rule.feed_heard" if is_alive else "reclamation_rule.feed_silent"
        trail.record(kind, subject=rule, details={"window_days": rule.window_days})
        if not is_alive:
            _tell_of_silence(rule, now, trail)
    rule.save(update_fields=["looked_at", "feed_silent_since"])


def _tell_of_silence(rule: ReclamationRule, now: datetime, trail: Trail) -> None:
    to = addresses_of_roles(TO_BE_TOLD, at=now)
    if not to:
        return
    text = _(
        "No use of %(target)s was reported in the last %(days)d days. The rule “%(rule)s” asks nobody for a seat until "
        "its usage feed is heard again.\n\n%(page)s\n"
    ) % {
        "target": rule.target,
        "days": rule.window_days,
        "rule": rule.name,
        "page": settings.BASE_URL.rstrip("/") + reverse("seats:reclamation"),
    }
    key = f"feed_silent:{rule.id}:{now.isoformat()}"
    enqueue(
        organization_id=trail.organization_id,
        channel="email",
        payload={
            "to": to,
            "subject": _("Seatledger: no usage data for %(target)s") % {"target": rule.target},
            "text": text,
        },
        dedupe_key=key,
        order_key=key,
        now=now,
    )


def _select(rule: ReclamationRule, activity: ProductActivity, now: datetime, trail: Trail) -> int:
    found = (one for one in judged_by(rule, activity, at=now) if one.verdict == Verdict.SELECTED)
    prices: dict[UUID, SeatPrice] | None = None
    count = 0
    while batch := list(islice(found, ROWS)):
        if prices is None:
            pools = {one.pool_id for one in batch}
            prices = seat_prices(
                SeatPool.objects.filter(product__in=SeatPool.objects.filter(id__in=pools).values("product"))
            )
        _write(rule, batch, prices, now, trail)
        count += len(batch)
    return count


def _write(
    rule: ReclamationRule, batch: Sequence[Judged], prices: dict[UUID, SeatPrice], now: datetime, trail: Trail
) -> None:
    rows = RemovalCandidate.objects.bulk_create(_candidates(rule, batch, prices, now))
    for row in rows:
        details: dict[str, JsonValue] = {
            "assignment": str(row.assignment_id),
            "rule": str(rule.id),
            "kind": rule.kind,
            "last_used_at": row.last_used_at.isoformat() if row.last_used_at else None,
            "source": row.use_source,
            "used": str(row.measured_use) if row.measured_use is not None else None,
        }
        trail.record("removal.selected", subject=row, details=details)


def _candidates(
    rule: ReclamationRule, batch: Iterable[Judged], prices: dict[UUID, SeatPrice], now: datetime
) -> Iterable[RemovalCandidate]:
    terms = terms_of(rule)
    for one in batch:
        price = prices.get(one.pool_id)
        yield RemovalCandidate(
            organization_id=rule.organization_id,
            rule=rule,
            assignment_id=one.assignment_id,
            selected_at=now,
            last_used_at=one.activity.last_used_at,
            use_source=one.activity.source,
            measured_use=measured_by(terms, one.activity),
            saving=price.of(one.quantity) if price else None,
            currency=price.currency if price else "",
        )
