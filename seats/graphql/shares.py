"""GraphQL of what an administrator decides about pools: limits, cuts that wait, reservations, eligibility; and of seats
that pass on."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from identity.graphql import DeviceNode, GroupNode, OrgUnitNode, PersonNode
from kernel.graphql import (
    After,
    Connection,
    First,
    GraphInfo,
    Node,
    column,
    connection,
    existing,
    loaded,
    root,
    row_key,
    tenant_type,
    to_one,
)
from kernel.graphql.inputs import checked_number, checked_text
from kernel.graphql.limits import USUAL_ROWS
from kernel.trail import Trail
from seats.graphql.pools import POOLS, SEATS, AssignmentNode, PoolNode
from seats.models import AssignmentSource, Eligibility, Reservation
from seats.operations import (
    cancel_cut,
    confirm_cut,
    end_eligibility,
    end_reservation,
    make_eligible,
    plan_cut,
    restrict_pool,
    set_limits,
    set_reservation,
    transfer,
)
from seats.ownership import ASSIGN_OWN, require_reach

MANAGE = "seats.pool.manage"
LONGEST_REASON = 500
LONGEST_HOLDER = 200
MOST_SEATS = 10_000_000


@tenant_type(Reservation, name="Reservation", permission=POOLS)
class ReservationNode(Node):
    """Seats of a pool are kept for the people of a unit, with the units below it, or of a group."""

    id: strawberry.ID = column("The key of the reservation.")
    quantity: int = column("How many seats are kept.")
    reason: str = column("Why, in the words of whoever set it.")
    set_at: datetime = column("When it was set.")
    pool: PoolNode | None = to_one(lambda: PoolNode, "pool_id", "The pool.")
    unit: OrgUnitNode | None = to_one(lambda: OrgUnitNode, "unit_id", "The unit that it is for.")
    group: GroupNode | None = to_one(lambda: GroupNode, "group_id", "The group that it is for.")


@tenant_type(Eligibility, name="Eligibility", permission=SEATS)
class EligibilityNode(Node):
    """A person, or everybody in a group, may have seats of a restricted pool."""

    id: strawberry.ID = column("The key of the eligibility.")
    reason: str = column("Why, in the words of whoever added it.")
    added_at: datetime = column("When it was added.")
    pool: PoolNode | None = to_one(lambda: PoolNode, "pool_id", "The pool.")
    person: PersonNode | None = to_one(lambda: PersonNode, "person_id", "The person.")
    group: GroupNode | None = to_one(lambda: GroupNode, "group_id", "The group.")


@strawberry.input(description="Limits of a pool; what is null stays as it is.")
class SetPoolLimitsInput:
    id: strawberry.ID = strawberry.field(description="The pool.")
    capacity: int | None = strawberry.field(default=None, description="How many seats may be given out.")
    overdraft: int | None = strawberry.field(default=None, description="How many more are admitted.")
    hard_limit: bool | None = strawberry.field(default=None, description="Whether nothing beyond is admitted.")


@strawberry.input(description="A capacity that is to fall below what is held.")
class PlanCutInput:
    id: strawberry.ID = strawberry.field(description="The pool.")
    capacity: int = strawberry.field(description="The new capacity.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="The cut that waits, and the seats that it takes as they were shown.")
class ConfirmCutInput:
    id: strawberry.ID = strawberry.field(description="The pool.")
    losers: list[strawberry.ID] = strawberry.field(description="Exactly the seats that would be taken now.")


@strawberry.input(description="Which pool's cut is called off.")
class CancelCutInput:
    id: strawberry.ID = strawberry.field(description="The pool.")


@strawberry.input(description="Whether a pool is for those alone who are eligible, and why.")
class RestrictPoolInput:
    id: strawberry.ID = strawberry.field(description="The pool.")
    restricted: bool = strawberry.field(description="Whether it is.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="Seats that are kept for exactly one unit or group.")
class SetReservationInput:
    pool: strawberry.ID = strawberry.field(description="The pool.")
    unit: strawberry.ID | None = strawberry.field(default=None, description="The unit, with the units below it.")
    group: strawberry.ID | None = strawberry.field(default=None, description="The group.")
    quantity: int = strawberry.field(description="How many seats.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="Exactly one person or group that may use a pool.")
class MakeEligibleInput:
    pool: strawberry.ID = strawberry.field(description="The pool.")
    person: strawberry.ID | None = strawberry.field(default=None, description="The person.")
    group: strawberry.ID | None = strawberry.field(default=None, description="The group.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="Which reservation ends, and why.")
class EndReservationInput:
    id: strawberry.ID = strawberry.field(description="The reservation.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="Which eligibility ends, and why.")
class EndEligibilityInput:
    id: strawberry.ID = strawberry.field(description="The eligibility.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="A seat, exactly one of person, device and external holder who gets it, and why.")
class TransferSeatInput:
    id: strawberry.ID = strawberry.field(description="The seat.")
    person: strawberry.ID | None = strawberry.field(default=None, description="The person who gets it.")
    device: strawberry.ID | None = strawberry.field(default=None, description="The device that gets it.")
    external_holder: str = strawberry.field(default="", description="Who gets it, outside the directory.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.type
class SharesQuery:
    @root("Seats that are kept for units and groups, newest first.", needs=POOLS)
    def reservations(
        self, info: GraphInfo, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[ReservationNode] | None:
        return connection(ReservationNode, info, first=first, after=after, rows=ReservationNode.rows())

    @root("Who may use restricted pools, newest first.", needs=SEATS)
    def eligibilities(
        self, info: GraphInfo, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[EligibilityNode] | None:
        return connection(EligibilityNode, info, first=first, after=after, rows=EligibilityNode.rows())


@strawberry.type
class SharesMutation:
    @root("Sets how many seats of a pool may be given out.", needs=MANAGE)
    def set_pool_limits(self, info: GraphInfo, input: SetPoolLimitsInput) -> PoolNode | None:
        capacity, overdraft = _number(input.capacity, "capacity"), _number(input.overdraft, "overdraft")
        hard = input.hard_limit
        return _on_pool(
            info,
            input.id,
            lambda pool, trail: set_limits(
                pool=pool, capacity=capacity, overdraft=overdraft, hard_limit=hard, trail=trail
            ),
        )

    @root("Lets a lower capacity wait until the use has fallen, or the list is confirmed.", needs=MANAGE)
    def plan_cut(self, info: GraphInfo, input: PlanCutInput) -> PoolNode | None:
        capacity, reason = checked_number(input.capacity, most=MOST_SEATS, name="capacity"), _reason(input.reason)
        return _on_pool(
            info, input.id, lambda pool, trail: plan_cut(pool=pool, capacity=capacity, reason=reason, trail=trail)
        )

    @root("Takes the seats that were shown, and makes the pending capacity the capacity.", needs=MANAGE)
    def confirm_cut(self, info: GraphInfo, input: ConfirmCutInput) -> PoolNode | None:
        losers = [row_key(one, pointer=f"/input/losers/{place}") for place, one in enumerate(input.losers)]
        return _on_pool(info, input.id, lambda pool, trail: confirm_cut(pool=pool, losers=losers, trail=trail))

    @root("Calls a cut off that waits.", needs=MANAGE)
    def cancel_cut(self, info: GraphInfo, input: CancelCutInput) -> PoolNode | None:
        return _on_pool(info, input.id, lambda pool, trail: cancel_cut(pool=pool, trail=trail))

    @root("Closes a pool to all but those who are eligible, or opens it again.", needs=MANAGE)
    def restrict_pool(self, info: GraphInfo, input: RestrictPoolInput) -> PoolNode | None:
        restricted, reason = input.restricted, _reason(input.reason)
        return _on_pool(
            info,
            input.id,
            lambda pool, trail: restrict_pool(pool=pool, restricted=restricted, reason=reason, trail=trail),
        )

    @root("Keeps seats for a unit or a group; a reservation that exists gets the new quantity.", needs=MANAGE)
    def set_reservation(self, info: GraphInfo, input: SetReservationInput) -> ReservationNode | None:
        quantity, reason = checked_number(input.quantity, most=MOST_SEATS, name="quantity"), _reason(input.reason)

        def work(trail: Trail) -> UUID:
            found = _found(pool=(PoolNode, input.pool), unit=(OrgUnitNode, input.unit), group=(GroupNode, input.group))
            return set_reservation(quantity=quantity, reason=reason, trail=trail, **found).id

        return loaded(ReservationNode, info, key=info.context.write(info, work))

    @root("Ends a reservation; the answer is its pool.", needs=MANAGE)
    def end_reservation(self, info: GraphInfo, input: EndReservationInput) -> PoolNode | None:
        key, reason = row_key(input.id, pointer="/input/id"), _reason(input.reason)

        def work(trail: Trail) -> UUID:
            row: Reservation = existing(ReservationNode, key, pointer="/input/id")
            end_reservation(reservation=row, reason=reason, trail=trail)
            return row.pool_id

        return loaded(PoolNode, info, key=info.context.write(info, work))

    @root("Lets a person, or everybody in a group, use a pool when it is restricted.", needs=MANAGE)
    def make_eligible(self, info: GraphInfo, input: MakeEligibleInput) -> EligibilityNode | None:
        reason = _reason(input.reason)

        def work(trail: Trail) -> UUID:
            found = _found(
                pool=(PoolNode, input.pool), person=(PersonNode, input.person), group=(GroupNode, input.group)
            )
            return make_eligible(reason=reason, trail=trail, **found).id

        return loaded(EligibilityNode, info, key=info.context.write(info, work))

    @root("Ends an eligibility; the answer is its pool.", needs=MANAGE)
    def end_eligibility(self, info: GraphInfo, input: EndEligibilityInput) -> PoolNode | None:
        key, reason = row_key(input.id, pointer="/input/id"), _reason(input.reason)

        def work(trail: Trail) -> UUID:
            row: Eligibility = existing(EligibilityNode, key, pointer="/input/id")
            end_eligibility(eligibility=row, reason=reason, trail=trail)
            return row.pool_id

        return loaded(PoolNode, info, key=info.context.write(info, work))

    @root("Passes a seat on to another holder; the answer is the new seat.", needs=ASSIGN_OWN)
    def transfer_seat(self, info: GraphInfo, input: TransferSeatInput) -> AssignmentNode | None:
        reason = _reason(input.reason)
        external = checked_text(input.external_holder, most=LONGEST_HOLDER, name="external_holder")

        def work(trail: Trail) -> UUID:
            found = _found(
                id=(AssignmentNode, input.id), person=(PersonNode, input.person), device=(DeviceNode, input.device)
            )
            seat = found.pop("id")
            require_reach(trail.actor, [seat.pool.product_id])
            made = transfer(
                assignment=seat,
                external_holder=external,
                reason=reason,
                source=AssignmentSource.API,
                trail=trail,
                **found,
            )
            return made.id

        return loaded(AssignmentNode, info, key=info.context.write(info, work))


def _reason(text: str) -> str:
    return checked_text(text, most=LONGEST_REASON, name="reason")


def _number(number: int | None, name: str) -> int | None:
    return None if number is None else checked_number(number, most=MOST_SEATS, name=name)


def _found(**named: tuple[type[Node], strawberry.ID | None]) -> dict[str, Any]:
    """The rows that the input names; what it leaves out is left out."""
    return {
        name: existing(node, row_key(key, pointer=f"/input/{name}"), pointer=f"/input/{name}")
        for name, (node, key) in named.items()
        if key is not None
    }


def _on_pool(info: GraphInfo, text: strawberry.ID, operation: Callable[[Any, Trail], object]) -> PoolNode:
    key = row_key(text, pointer="/input/id")

    def work(trail: Trail) -> UUID:
        operation(existing(PoolNode, key, pointer="/input/id"), trail)
        return key

    return loaded(PoolNode, info, key=info.context.write(info, work))
