"""Rules by which a group of the directory brings seats of a pool; implements identity.ports.GroupChange."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from identity.models import DirectoryGroup, GroupMember, Person
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.trail import Trail
from seats.leaving_mail import tell_of_grace
from seats.models import ClaimEnd, ClaimKind, GroupRule, SeatClaim, SeatPool
from seats.models.group_rules import MOST_GRACE_DAYS, MOST_PRIORITY, USUAL_PRIORITY
from seats.operations.claims import HELD_ALREADY, end_claims, settle
from seats.operations.releasing import release_many

LEFT_GROUP = "left the group {}"
RULE_ENDED = "the rule of the group {} ended"
"""Why a seat is released, as the ledger and the history of a seat have it."""


class GroupRuleNotFound(NotFound):
    """There is no such group rule in this organisation, or it has ended."""

    code = "GROUP_RULE_NOT_FOUND"


class GroupRuleExists(Conflict):
    """The group brings seats of this pool already."""

    code = "GROUP_RULE_EXISTS"


class GroupRuleInvalid(InvalidInput):
    """A priority is a number from 1 to 1000, a grace 0 to 90 days."""

    code = "GROUP_RULE_INVALID"


def create_group_rule(
    *, group: DirectoryGroup, pool: SeatPool, trail: Trail, priority: int = USUAL_PRIORITY, grace_days: int = 0
) -> GroupRule:
    """From now on whoever is in the group gets a seat of the pool, those who are in it today first.

    Where the pool is full, they wait. Raises GroupRuleExists and GroupRuleInvalid.
    """
    _check(priority, grace_days)
    row = GroupRule(
        organization_id=trail.organization_id,
        group=group,
        group_name=group.display_name,
        pool=pool,
        priority=priority,
        grace_days=grace_days,
        created_at=trail.clock.now(),
        created_by=str(trail.actor.pseudonym),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise GroupRuleExists(_("This group brings seats of this pool already."), pointer="/pool") from error
    trail.record(
        "group_rule.created",
        subject=row,
        details={"group": str(group.id), "pool": str(pool.id), "priority": priority, "grace_days": grace_days},
    )
    members = GroupMember.objects.filter(group=group).values_list("person_id", flat=True)
    _join([row], list(members), trail)
    return row


def change_group_rule(*, rule_id: UUID, priority: int, grace_days: int, trail: Trail) -> GroupRule:
    """Another priority or grace; the same again changes nothing. Raises GroupRuleNotFound and GroupRuleInvalid."""
    _check(priority, grace_days)
    row = _live_rule(rule_id)
    if (row.priority, row.grace_days) == (priority, grace_days):
        return row
    row.priority, row.grace_days = priority, grace_days
    row.save(update_fields=["priority", "grace_days"])
    SeatClaim.objects.filter(rule=row, ended_at__isnull=True).update(priority=priority)
    trail.record("group_rule.changed", subject=row, details={"priority": priority, "grace_days": grace_days})
    return row


def end_group_rule(*, rule_id: UUID, release_seats: bool, trail: Trail) -> GroupRule:
    """The group brings no seats any more. Those that it brought are released, or stay as they are; what waits for one
    waits no longer. Raises GroupRuleNotFound."""
    row = _live_rule(rule_id)
    claims = _live_claims(Q(rule=row))
    _write_end(row, trail)
    if release_seats:
        _give_up(claims, ClaimEnd.RULE_ENDED, RULE_ENDED.format(row.group_name), trail)
    else:
        end_claims(claims=claims, reason=ClaimEnd.RULE_ENDED, trail=trail)
    return row


def group_changed(*, group: DirectoryGroup, joined: Sequence[UUID], left: Sequence[UUID], trail: Trail) -> None:
    """Who joined gets a seat of each pool that the group brings, or waits; who left loses what its rules gave, and
    nothing else. One query where no rule concerns the group."""
    rules = list(GroupRule.objects.filter(group=group, ended_at__isnull=True).select_related("pool").order_by("id"))
    if not rules:
        return
    _leave(rules, left, trail)
    _join(rules, joined, trail)


def group_deleted(*, group: DirectoryGroup, trail: Trail) -> None:
    """The rules of a group that is removed end; its members have left it before."""
    for row in GroupRule.objects.select_for_update(no_key=True).filter(group=group, ended_at__isnull=True):
        _write_end(row, trail)


def mend_memberships(*, trail: Trail) -> int:
    """Brings claims in line with who is in the groups now, whatever way it changed; says how many differed."""
    now, changed = trail.clock.now(), 0
    for rule in GroupRule.objects.filter(ended_at__isnull=True).select_related("pool").order_by("priority", "id"):
        missing = list(missing_members(rule))
        gone = list(strangers(rule).filter(leaves_at__isnull=True).values_list("person_id", flat=True))
        due = list(_live_claims(Q(rule=rule, leaves_at__lte=now, person__legal_hold=False)))
        _leave([rule], gone, trail)
        _give_up(due, ClaimEnd.LEFT_GROUP, LEFT_GROUP.format(rule.group_name), trail)
        _join([rule], missing, trail)
        changed += len(missing) + len(gone) + len(due)
    return changed


def missing_members(rule: GroupRule) -> list[UUID]:
    """People in the group whom the rule gave nothing and owes nothing; who gave the seat back since joining stays
    without."""
    claimed = SeatClaim.objects.filter(rule=rule, person=OuterRef("person"))
    refused = Q(end_reason__in=[ClaimEnd.GIVEN_BACK, ClaimEnd.WITHDRAWN], ended_at__gte=OuterRef("since"))
    members = GroupMember.objects.filter(group=rule.group_id, person__deleted_at__isnull=True)
    rows = members.filter(~Exists(claimed.filter(Q(ended_at__isnull=True) | refused)))
    return list(rows.values_list("person_id", flat=True))


def strangers(rule: GroupRule) -> QuerySet[SeatClaim]:
    """Live claims of people who are not in the group."""
    inside = GroupMember.objects.filter(group=rule.group_id, person=OuterRef("person"))
    return SeatClaim.objects.filter(~Exists(inside), rule=rule, ended_at__isnull=True)


def _join(rules: Sequence[GroupRule], people: Sequence[UUID], trail: Trail) -> None:
    if not people:
        return
    now = trail.clock.now()
    # Who is back in the group before the grace is over keeps the seat.
    SeatClaim.objects.filter(rule__in=rules, person__in=people, leaves_at__isnull=False, ended_at__isnull=True).update(
        leaves_at=None
    )
    live = SeatClaim.objects.filter(rule__in=rules, person__in=people, ended_at__isnull=True)
    present = set(live.values_list("rule_id", "person_id"))
    found = Person.objects.in_bulk(list(people))
    made = [
        SeatClaim(
            organization_id=trail.organization_id,
            kind=ClaimKind.RULE,
            rule=rule,
            pool=rule.pool,
            person=found[person_id],
            priority=rule.priority,
            created_at=now,
            code="",
        )
        for rule in rules
        for person_id in people
        if (rule.id, person_id) not in present and person_id in found
    ]
    SeatClaim.objects.bulk_create(made)
    settle(claims=made, trail=trail)


def _leave(rules: Sequence[GroupRule], people: Sequence[UUID], trail: Trail) -> None:
    if not people:
        return
    now = trail.clock.now()
    claims = _live_claims(Q(rule__in=rules, person__in=people))
    staying = [claim for claim in claims if _stays(claim)]
    for claim in staying:
        claim.leaves_at = now + timedelta(days=claim.rule.grace_days if claim.rule else 0)
    SeatClaim.objects.bulk_update(staying, ["leaves_at"])
    for claim in staying:
        trail.record("seat.leaving", subject=claim, details={
            "pool": str(claim.pool_id), "person": str(claim.person.pseudonym),
            "until": claim.leaves_at.isoformat() if claim.leaves_at else None,
        })  # fmt: skip
    tell_of_grace(claims=[claim for claim in staying if not claim.person.legal_hold], trail=trail)
    for rule in rules:
        going = [claim for claim in claims if claim.rule_id == rule.id and claim not in staying]
        _give_up(going, ClaimEnd.LEFT_GROUP, LEFT_GROUP.format(rule.group_name), trail)


def _stays(claim: SeatClaim) -> bool:
    """A seat in grace or under legal hold stays for now; whoever left the house has it settled by the departure."""
    has_grace = claim.rule is not None and claim.rule.grace_days > 0
    return claim.assignment_id is not None and claim.person.active and (has_grace or claim.person.legal_hold)


def _give_up(claims: Sequence[SeatClaim], why: ClaimEnd, reason: str, trail: Trail) -> None:
    """Ends the claims and releases their seats, but for seats that another claim of the same person takes over and for
    those of leavers, which are settled by the departure."""
    end_claims(claims=claims, reason=why, trail=trail)
    giving = [claim for claim in claims if claim.assignment is not None and claim.person.active]
    heirs = _heirs(giving)
    for claim in giving:
        heir = heirs.get((claim.pool_id, claim.person_id))
        if heir is not None:
            heir.assignment, heir.code = claim.assignment, ""
    SeatClaim.objects.bulk_update(heirs.values(), ["assignment", "code"])
    going = [claim.assignment for claim in giving if (claim.pool_id, claim.person_id) not in heirs]
    live = [seat for seat in going if seat is not None and seat.is_live]
    if live:
        release_many(assignments=live, reason=reason, trail=trail)


def _heirs(claims: Sequence[SeatClaim]) -> dict[tuple[UUID, UUID], SeatClaim]:
    waiting = SeatClaim.objects.filter(
        pool__in={claim.pool_id for claim in claims}, person__in={claim.person_id for claim in claims},
        code=HELD_ALREADY, ended_at__isnull=True, assignment__isnull=True,
    ).order_by("-priority", "-created_at")  # fmt: skip
    wanted = {(claim.pool_id, claim.person_id) for claim in claims}
    return {(row.pool_id, row.person_id): row for row in waiting if (row.pool_id, row.person_id) in wanted}


def _live_claims(which: Q) -> list[SeatClaim]:
    rows = SeatClaim.objects.filter(which, ended_at__isnull=True).select_related("person", "pool", "assignment", "rule")
    return list(rows.order_by("id"))


def _live_rule(rule_id: UUID) -> GroupRule:
    rows = GroupRule.objects.select_for_update(no_key=True, of=("self",)).select_related("pool")
    row = rows.filter(id=rule_id, ended_at__isnull=True).first()
    if row is None:
        raise GroupRuleNotFound(_("There is no such rule in force."))
    return row


def _write_end(row: GroupRule, trail: Trail) -> None:
    row.ended_at, row.ended_by = trail.clock.now(), str(trail.actor.pseudonym)
    row.save(update_fields=["ended_at", "ended_by"])
    trail.record("group_rule.ended", subject=row, details={"pool": str(row.pool_id)})


def _check(priority: int, grace_days: int) -> None:
    if not 1 <= priority <= MOST_PRIORITY:
        raise GroupRuleInvalid(
            _("A priority is a number from 1 to %(most)d.") % {"most": MOST_PRIORITY}, pointer="/priority"
        )
    if not 0 <= grace_days <= MOST_GRACE_DAYS:
        raise GroupRuleInvalid(_("A grace is 0 to %(most)d days.") % {"most": MOST_GRACE_DAYS}, pointer="/grace_days")
