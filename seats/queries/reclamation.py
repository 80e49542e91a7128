"""Reads of reclamation: what a rule would select, what is open, and what it saves."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from identity.models import GroupMember
from seats.models import Assignment, CandidateState, Exemption, ReclamationRule, RemovalCandidate, SeatPool
from seats.queries.activity import ProductActivity, activity_of
from seats.rules.candidates import OPEN
from seats.rules.reclamation import Activity, RuleKind, SeatFacts, Terms, Verdict, judge

COLUMNS = (
    "id",
    "pool_id",
    "pool__product_id",
    "person_id",
    "device_id",
    "device__person_id",
    "external_holder_lower",
    "quantity",
    "since",
    "person__legal_hold",
    "device__person__legal_hold",
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One held seat with what a rule says about it."""

    assignment_id: UUID
    pool_id: UUID
    quantity: int
    activity: Activity
    verdict: Verdict


@dataclass(frozen=True)
class RulePreview:
    """What a rule would do at `at`: seats by verdict, and what the selected ones would save by currency."""

    counts: Counter[Verdict]
    feed_alive: bool
    at: datetime

    @property
    def selected(self) -> int:
        return self.counts[Verdict.SELECTED]

    @property
    def seats(self) -> int:
        return self.counts.total()


@dataclass(frozen=True)
class Savings:
    """Sums of one currency: of open candidates, and of those completed since the start of the period and not undone."""

    currency: str
    potential: Decimal
    actual: Decimal


def terms_of(rule: ReclamationRule) -> Terms:
    """What the pure rule needs of the row."""
    return Terms(
        kind=RuleKind(rule.kind),
        window=timedelta(days=rule.window_days),
        amount=rule.use_limit,
        include_no_activity=rule.include_no_activity,
        minimum_age=timedelta(days=rule.minimum_age_days),
    )


def rules() -> QuerySet[ReclamationRule]:
    """Rules with what their names are made of, those at work first."""
    rows = ReclamationRule.objects.select_related("pool__product", "product__publisher")
    return rows.order_by("stopped_at", "name")


def exemptions() -> QuerySet[Exemption]:
    """Exemptions with what their names are made of; those that were ended too."""
    return Exemption.objects.select_related("person", "group", "pool")


def exemptions_in_force(at: datetime) -> QuerySet[Exemption]:
    """Those that protect at that moment, the newest first."""
    return Exemption.objects.in_force(at).select_related("person", "group", "pool").order_by("-created_at")


def removal_candidates() -> QuerySet[RemovalCandidate]:
    """Candidates with seat, holder, pool and rule, for lists."""
    return RemovalCandidate.objects.select_related(
        "rule", "assignment__pool__product", "assignment__person", "assignment__device__person"
    )


def pools_of(rule: ReclamationRule) -> QuerySet[SeatPool]:
    wanted = Q(product_id=rule.product_id) if rule.pool_id is None else Q(id=rule.pool_id)
    return SeatPool.objects.filter(wanted)


def activity_for(rule: ReclamationRule, *, at: datetime) -> ProductActivity:
    """What is known of the use of the rule's product; its feed lives when it told anything in the rule's window."""
    product_id = rule.product_id if rule.pool is None else rule.pool.product_id
    if product_id is None:
        raise AssertionError("the constraint seats_reclamation_rule_one_target leaves nothing else")
    return activity_of(product_id, since=at - timedelta(days=rule.window_days), at=at)


def judged_by(rule: ReclamationRule, activity: ProductActivity, *, at: datetime) -> Iterator[Judged]:
    """Every held seat that the rule is about and that no open candidate is about, with its verdict. The number of
    queries does not grow with the seats, which stream."""
    terms, exempt, cooling = terms_of(rule), _exempt(at), _cooling(rule, at)
    pools = list(pools_of(rule).values_list("id", flat=True))
    busy = RemovalCandidate.objects.pending().values("assignment_id")
    held = Assignment.objects.live().filter(pool__in=pools).exclude(id__in=busy).order_by("id")
    for key, pool, _product, person, device, owner, outside, quantity, since, hold, owners_hold in held.values_list(
        *COLUMNS
    ).iterator(chunk_size=5_000):
        known = activity.of(person, device, owner, outside)
        facts = SeatFacts(
            since=since,
            activity=known,
            is_exempt=not exempt.isdisjoint((pool, person, owner)),
            legal_hold=bool(hold or owners_hold),
            cooling_until=cooling.get(key),
        )
        yield Judged(key, pool, quantity, known, judge(terms, facts, feed_alive=activity.feed_alive, at=at))


def preview(rule: ReclamationRule, *, at: datetime) -> RulePreview:
    """What the rule would select now; nothing is written."""
    activity = activity_for(rule, at=at)
    counts = Counter(one.verdict for one in judged_by(rule, activity, at=at))
    return RulePreview(counts, activity.feed_alive, at)


def _exempt(at: datetime) -> set[UUID | None]:
    """Ids of pools and people whom an exemption protects, members of groups among them."""
    found: set[UUID | None] = set()
    groups: set[UUID] = set()
    for person, group, pool in Exemption.objects.in_force(at).values_list("person_id", "group_id", "pool_id"):
        found |= {person, pool}
        if group is not None:
            groups.add(group)
    found |= set(GroupMember.objects.filter(group__in=groups).values_list("person_id", flat=True)) if groups else set()
    return found - {None}


def exempt_ids(at: datetime) -> set[UUID | None]:
    """The same for operations that ask whether an open candidate is protected by now."""
    return _exempt(at)


def _cooling(rule: ReclamationRule, at: datetime) -> dict[UUID, datetime]:
    """Until when an answer, or that a seat was kept or given again, protects it from being asked about once more."""
    rest = timedelta(days=rule.cool_down_days)
    ended = RemovalCandidate.objects.filter(
        Q(answered_at__isnull=False) | Q(state=CandidateState.SKIPPED), ended_at__gt=at - rest
    )
    rows = ended.values("assignment_id").annotate(last=Max(Coalesce("decided_at", "answered_at", "ended_at")))
    undone = RemovalCandidate.objects.filter(restored__isnull=False, ended_at__gt=at - rest)
    found = {row["assignment_id"]: row["last"] + rest for row in rows}
    for seat, ended_at in undone.values_list("restored_id", "ended_at"):
        if ended_at is not None:
            found[seat] = ended_at + rest
    return found


def counts_by_state() -> dict[str, int]:
    """How many candidates stand in each state, for the board; states without any are 0."""
    found = dict(RemovalCandidate.objects.values_list("state").annotate(count=Count("id")))
    return {state: found.get(state, 0) for state in CandidateState.values}


def savings(*, since: datetime) -> list[Savings]:
    """One entry per currency, the largest first. Potential: what open candidates cost; actual: what was taken back from
    `since` on. Both in a year, or once for what was bought once."""
    potential, actual = Q(state__in=[state.value for state in OPEN]), Q(state="completed", ended_at__gte=since)
    rows = (
        RemovalCandidate.objects.filter(potential | actual, saving__isnull=False)
        .values("currency")
        .annotate(open=Sum("saving", filter=potential), done=Sum("saving", filter=actual))
    )
    found = [Savings(row["currency"], row["open"] or Decimal(), row["done"] or Decimal()) for row in rows]
    return sorted(found, key=lambda one: (-(one.potential + one.actual), one.currency))


def silent_feeds() -> Sequence[ReclamationRule]:
    """Rules at work whose product told nothing when they last looked."""
    return list(rules().filter(feed_silent_since__isnull=False, stopped_at__isnull=True))
