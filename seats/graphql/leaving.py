"""GraphQL of leavers, of groups that bring seats, and of who waits for one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from django.db.models import QuerySet

from identity.graphql import PersonNode
from identity.graphql.directory import GroupNode
from kernel.graphql import (
    After,
    Connection,
    First,
    GraphInfo,
    Node,
    column,
    computed,
    connection,
    existing,
    loaded,
    narrowed,
    root,
    row_key,
    single,
    tenant_type,
    to_one,
)
from kernel.graphql.inputs import checked_number, checked_text
from kernel.graphql.limits import USUAL_ROWS
from kernel.trail import Trail
from seats.graphql.pools import AssignmentNode, PoolNode
from seats.models import Departure, GroupRule, SeatClaim
from seats.models.group_rules import MOST_PRIORITY, USUAL_PRIORITY
from seats.operations import (
    confirm_departures,
    create_group_rule,
    end_group_rule,
    keep_departures,
    withdraw_claim,
)
from seats.ownership import ASSIGN_OWN, require_reach

POOLS = "seats.pool.view"
SEATS = "seats.assignment.view"
VIEW = "seats.departure.view"
DECIDE = "seats.departure.decide"
MANAGE = "seats.group_rule.manage"
LONGEST_REASON = 500
MOST = 1000


@tenant_type(GroupRule, name="GroupRule", permission=POOLS)
class GroupRuleNode(Node):
    """A group of the directory that brings seats of a pool."""

    id: strawberry.ID = column("The key of the rule.")
    group_name: str = column("The name of the group, which the rule outlives.")
    priority: int = column("Where seats are scarce, lower ones come first.")
    grace_days: int = column("How long a seat stays when its holder leaves the group.")
    created_at: datetime = column("When it was made.")
    ended_at: datetime | None = column("When it ended; null while it is in force.")
    group: GroupNode | None = to_one(lambda: GroupNode, "group_id", "The group; null when it was removed.")
    pool: PoolNode | None = to_one(lambda: PoolNode, "pool_id", "The pool of which it brings seats.")


@tenant_type(SeatClaim, name="SeatClaim", permission=SEATS)
class SeatClaimNode(Node):
    """Somebody ought to have a seat: by a group's rule, or because it was theirs before they left and came back."""

    id: strawberry.ID = column("The key of the claim.")
    kind: str = column("rule or return.")
    quantity: int = column("How many units it is for.")
    priority: int = column("Lower ones come first, then older ones.")
    code: str = column("The code of the refusal of the last try; empty when there was none.")
    created_at: datetime = column("Since when.")
    tried_at: datetime | None = column("When a seat was last tried for.")
    leaves_at: datetime | None = column("When the seat is released because its holder left the group.")
    ended_at: datetime | None = column("When it was over.")
    end_reason: str = column("Why it was over.")
    rule: GroupRuleNode | None = to_one(lambda: GroupRuleNode, "rule_id", "The rule that says so.")
    pool: PoolNode | None = to_one(lambda: PoolNode, "pool_id", "The pool.")
    person: PersonNode | None = to_one(lambda: PersonNode, "person_id", "The person.")
    assignment: AssignmentNode | None = to_one(lambda: AssignmentNode, "assignment_id", "The seat that it brought.")

    @computed("Whether it waits for a seat.")
    def waiting(root: Any) -> bool:  # noqa: N805  # the library gives the row
        return bool(root.ended_at is None and root.assignment_id is None)


@tenant_type(Departure, name="Departure", permission=VIEW)
class DepartureNode(Node):
    """Somebody who left while holding seats, and what became of these."""

    id: strawberry.ID = column("The key of the departure.")
    state: str = column("released, grace, held, stopped, kept or returned.")
    left_at: datetime = column("When the person left.")
    due_at: datetime | None = column("When the grace is over.")
    return_until: datetime = column("Until when a person who is back gets the seats again, where they are free.")
    decided_at: datetime | None = column("When somebody decided about it.")
    decision_reason: str = column("Why, in the words of whoever decided.")
    person: PersonNode | None = to_one(lambda: PersonNode, "person_id", "The person.")

    @computed("How many seats were held.")
    def seats(root: Any) -> int:  # noqa: N805  # the library gives the row
        return len(root.seats)


@strawberry.input(description="Which claims; what is null asks for nothing.")
class SeatClaimFilter:
    waiting: bool | None = strawberry.field(default=None, description="Those that wait, or those that do not.")
    pool: strawberry.ID | None = strawberry.field(default=None, description="Of this pool.")
    person: strawberry.ID | None = strawberry.field(default=None, description="Of this person.")


@strawberry.input(description="Which departures; what is null asks for nothing.")
class DepartureFilter:
    state: str | None = strawberry.field(default=None, description="In this state.")
    person: strawberry.ID | None = strawberry.field(default=None, description="Of this person.")


@strawberry.input(description="Which group brings seats of which pool.")
class CreateGroupRuleInput:
    group: strawberry.ID = strawberry.field(description="The group of the directory.")
    pool: strawberry.ID = strawberry.field(description="The pool.")
    priority: int = strawberry.field(default=USUAL_PRIORITY, description="From 1; lower ones come first.")
    grace_days: int = strawberry.field(default=0, description="How long a seat stays after leaving the group.")


@strawberry.input(description="Which rule ends, and what becomes of its seats.")
class EndGroupRuleInput:
    id: strawberry.ID = strawberry.field(description="The rule.")
    release_seats: bool = strawberry.field(description="Whether the seats that it gave are released.")


@strawberry.input(description="Which leavers are real, and why.")
class ConfirmDeparturesInput:
    ids: list[strawberry.ID] = strawberry.field(description="The departures, at most a thousand.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="Whose seats are held back, and why.")
class KeepDeparturesInput:
    ids: list[strawberry.ID] = strawberry.field(description="The departures, at most a thousand.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="Which claim waits no longer.")
class WithdrawSeatClaimInput:
    id: strawberry.ID = strawberry.field(description="The claim.")


@strawberry.type
class LeavingQuery:
    @root("The groups that bring seats, newest first.", needs=POOLS)
    def group_rules(
        self, info: GraphInfo, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[GroupRuleNode] | None:
        return connection(GroupRuleNode, info, first=first, after=after, rows=GroupRuleNode.rows())

    @root("One group rule.", needs=POOLS)
    def group_rule(self, info: GraphInfo, id: strawberry.ID) -> GroupRuleNode | None:
        return single(GroupRuleNode, info, id=id)

    @root("Who waits for a seat or has one from a rule, newest first.", needs=SEATS)
    def seat_claims(
        self, info: GraphInfo, filter: SeatClaimFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[SeatClaimNode] | None:
        return connection(SeatClaimNode, info, first=first, after=after, rows=_claims(filter))

    @root("One claim.", needs=SEATS)
    def seat_claim(self, info: GraphInfo, id: strawberry.ID) -> SeatClaimNode | None:
        return single(SeatClaimNode, info, id=id)

    @root("People who left while holding seats, newest first.", needs=VIEW)
    def departures(
        self, info: GraphInfo, filter: DepartureFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[DepartureNode] | None:
        rows = narrowed(DepartureNode.rows(), filter, state="state", person="person_id")
        return connection(DepartureNode, info, first=first, after=after, rows=rows)

    @root("One departure.", needs=VIEW)
    def departure(self, info: GraphInfo, id: strawberry.ID) -> DepartureNode | None:
        return single(DepartureNode, info, id=id)


@strawberry.type
class LeavingMutation:
    @root("Lets a group bring seats of a pool, to those who are in it today as well.", needs=MANAGE)
    def create_group_rule(self, info: GraphInfo, input: CreateGroupRuleInput) -> GroupRuleNode | None:
        group, pool = row_key(input.group, pointer="/input/group"), row_key(input.pool, pointer="/input/pool")
        priority = checked_number(input.priority, most=MOST_PRIORITY, name="priority")

        def work(trail: Trail) -> UUID:
            return create_group_rule(
                group=existing(GroupNode, group, pointer="/input/group"),
                pool=existing(PoolNode, pool, pointer="/input/pool"),
                priority=priority,
                grace_days=input.grace_days,
                trail=trail,
            ).id

        return loaded(GroupRuleNode, info, key=info.context.write(info, work))

    @root("Ends a group rule; its seats are released or stay.", needs=MANAGE)
    def end_group_rule(self, info: GraphInfo, input: EndGroupRuleInput) -> GroupRuleNode | None:
        key = row_key(input.id, pointer="/input/id")

        def work(trail: Trail) -> UUID:
            existing(GroupRuleNode, key, pointer="/input/id")
            return end_group_rule(rule_id=key, release_seats=input.release_seats, trail=trail).id

        return loaded(GroupRuleNode, info, key=info.context.write(info, work))

    @root("Lets the seats of these leavers go, as the policy says. All of them, or none.", needs=DECIDE)
    def confirm_departures(self, info: GraphInfo, input: ConfirmDeparturesInput) -> list[DepartureNode] | None:
        return _decided(info, input, confirm_departures)

    @root("Holds the seats of these leavers back until they return. All of them, or none.", needs=DECIDE)
    def keep_departures(self, info: GraphInfo, input: KeepDeparturesInput) -> list[DepartureNode] | None:
        return _decided(info, input, keep_departures)

    @root("Takes a claim back that waits for a seat.", needs=ASSIGN_OWN)
    def withdraw_seat_claim(self, info: GraphInfo, input: WithdrawSeatClaimInput) -> SeatClaimNode | None:
        key = row_key(input.id, pointer="/input/id")

        def work(trail: Trail) -> UUID:
            found: SeatClaim = existing(SeatClaimNode, key, pointer="/input/id")
            require_reach(trail.actor, [found.pool.product_id])
            return withdraw_claim(claim_id=key, trail=trail).id

        return loaded(SeatClaimNode, info, key=info.context.write(info, work))


def _decided(
    info: GraphInfo, given: ConfirmDeparturesInput | KeepDeparturesInput, decide: Callable[..., list[Departure]]
) -> list[DepartureNode]:
    checked_number(len(given.ids), most=MOST, name="ids")
    keys = [row_key(one, pointer="/input/ids") for one in given.ids]
    reason = checked_text(given.reason, most=LONGEST_REASON, name="reason")

    def work(trail: Trail) -> UUID:
        for key in keys:
            existing(DepartureNode, key, pointer="/input/ids")
        return decide(departure_ids=keys, reason=reason, trail=trail)[0].id

    info.context.write(info, work)
    return [loaded(DepartureNode, info, key=key) for key in keys]


def _claims(given: SeatClaimFilter | None) -> QuerySet[Any]:
    rows = narrowed(SeatClaimNode.rows(), given, pool="pool_id", person="person_id")
    if given is None or given.waiting is None:
        return rows
    waiting = {"ended_at__isnull": True, "assignment__isnull": True}
    return rows.filter(**waiting) if given.waiting else rows.exclude(**waiting)
