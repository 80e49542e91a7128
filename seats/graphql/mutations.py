"""GraphQL of seats that are given and given back: each mutation is one operation in a trail of its own."""

from datetime import datetime
from uuid import UUID

import strawberry

from identity.graphql import DeviceNode, PersonNode
from kernel.graphql import GraphInfo, existing, loaded, root, row_key
from kernel.graphql.inputs import checked_moment, checked_number, checked_text
from kernel.trail import Trail
from seats.graphql.pools import AssignmentNode, PoolNode
from seats.models import Assignment, AssignmentSource
from seats.operations import assign, release
from seats.ownership import ASSIGN_OWN, require_reach

LONGEST_REASON = 500
LONGEST_HOLDER = 200
MOST_UNITS = 1_000_000


@strawberry.input(description="A seat: of which pool, for exactly one of person, device and external holder, and why.")
class AssignSeatInput:
    pool: strawberry.ID = strawberry.field(description="The pool.")
    person: strawberry.ID | None = strawberry.field(default=None, description="The person who gets it.")
    device: strawberry.ID | None = strawberry.field(default=None, description="The device that gets it.")
    external_holder: str = strawberry.field(default="", description="Who gets it, outside the directory.")
    quantity: int = strawberry.field(default=1, description="How many units of the pool's metric.")
    until: datetime | None = strawberry.field(default=None, description="The planned end.")
    reason: str = strawberry.field(default="", description="Why it is given without an approved request.")


@strawberry.input(description="Which seat is given back, and why.")
class ReleaseSeatInput:
    id: strawberry.ID = strawberry.field(description="The seat.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.type
class SeatsMutation:
    @root("Gives a seat; a holder who has one of the pool keeps it and takes no second.", needs=ASSIGN_OWN)
    def assign_seat(self, info: GraphInfo, input: AssignSeatInput) -> AssignmentNode | None:
        return loaded(AssignmentNode, info, key=info.context.write(info, lambda trail: _assigned(input, trail).id))

    @root("Gives a seat back; one that was released before stays as it was.", needs=ASSIGN_OWN)
    def release_seat(self, info: GraphInfo, input: ReleaseSeatInput) -> AssignmentNode | None:
        key, reason = (
            row_key(input.id, pointer="/input/id"),
            checked_text(input.reason, most=LONGEST_REASON, name="reason"),
        )

        def work(trail: Trail) -> UUID:
            row: Assignment = existing(AssignmentNode, key, pointer="/input/id")
            require_reach(trail.actor, [row.pool.product_id])
            release(assignment=row, reason=reason, trail=trail)
            return key

        return loaded(AssignmentNode, info, key=info.context.write(info, work))


def _assigned(given: AssignSeatInput, trail: Trail) -> Assignment:
    found = {
        name: existing(node, row_key(key, pointer=f"/input/{name}"), pointer=f"/input/{name}")
        for name, node, key in (
            ("pool", PoolNode, given.pool),
            ("person", PersonNode, given.person),
            ("device", DeviceNode, given.device),
        )
        if key is not None
    }
    require_reach(trail.actor, [found["pool"].product_id])
    return assign(
        pool=found["pool"],
        person=found.get("person"),
        device=found.get("device"),
        external_holder=checked_text(given.external_holder, most=LONGEST_HOLDER, name="external_holder"),
        quantity=checked_number(given.quantity, most=MOST_UNITS, name="quantity"),
        until=checked_moment(given.until, name="until"),
        reason=checked_text(given.reason, most=LONGEST_REASON, name="reason"),
        source=AssignmentSource.API,
        trail=trail,
    )
