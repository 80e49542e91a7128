"""GraphQL of floating seats: who holds and who waits, and taking a seat away."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from django.db.models import QuerySet

from identity.graphql import PersonNode
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
    narrowed,
    root,
    row_key,
    single,
    tenant_type,
    to_one,
)
from kernel.graphql.inputs import checked_text
from kernel.graphql.limits import USUAL_ROWS
from kernel.trail import Trail
from licensing.graphql import LicenseNode
from seats.graphql.pools import SEATS, PoolNode
from seats.models import Lease
from seats.models.leases import LIVE_STATES
from seats.operations.lease_ends import force_release
from seats.ownership import ASSIGN_OWN, require_reach

LONGEST_REASON = 500


@tenant_type(Lease, name="Lease", permission=SEATS)
class LeaseNode(Node):
    """A session of a licence's software that holds floating seats or waits for them, or did."""

    id: strawberry.ID = column("The key of the lease.")
    user: str = column("The user, in the client's words.")
    department: str = column("The department, in the client's words or the directory's.")
    label: str = column("The machine or session, in the client's words.")
    quantity: int = column("How many seats it takes.")
    state: str = column("waiting, offered, active, released, expired, revoked or reclaimed.")
    priority: int = column("Its priority in the queue: 1 goes first.")
    asked_at: datetime = column("When it was asked for.")
    offered_at: datetime | None = column("When a seat was offered to it from the queue.")
    acquired_at: datetime | None = column("Since when it holds a seat.")
    seen_at: datetime = column("When its client was last heard of.")
    expires_at: datetime = column("When it ends unless its client is heard of before.")
    borrowed_until: datetime | None = column("Until when a certificate without a connection holds the seat.")
    over_limit: bool = column("Whether a soft pool admitted it beyond its limit.")
    released_at: datetime | None = column("When it ended; null while it is live.")
    end_reason: str = column("Why it was ended, in the words of whoever did; else empty.")
    pool: PoolNode | None = to_one(lambda: PoolNode, "pool_id", "The pool.")
    license: LicenseNode | None = to_one(lambda: LicenseNode, "license_id", "The licence whose key was shown.")
    person: PersonNode | None = to_one(lambda: PersonNode, "person_id", "The user, where it is one of the directory.")


@strawberry.input(description="Which leases; what is null asks for nothing.")
class LeaseFilter:
    live: bool | None = strawberry.field(default=None, description="Those that hold or wait, or those that ended.")
    pool: strawberry.ID | None = strawberry.field(default=None, description="Of this pool.")
    license: strawberry.ID | None = strawberry.field(default=None, description="Of this licence.")
    person: strawberry.ID | None = strawberry.field(default=None, description="Of this person.")
    state: str | None = strawberry.field(default=None, description="In this state.")


@strawberry.input(description="Which lease is taken away, and why.")
class ReleaseLeaseInput:
    id: strawberry.ID = strawberry.field(description="The lease.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.type
class LeasesQuery:
    @root("Floating seats that are or were held, and the queue, newest first.", needs=SEATS)
    def leases(
        self, info: GraphInfo, filter: LeaseFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[LeaseNode] | None:
        return connection(LeaseNode, info, first=first, after=after, rows=_leases(filter))

    @root("One lease.", needs=SEATS)
    def lease(self, info: GraphInfo, id: strawberry.ID) -> LeaseNode | None:
        return single(LeaseNode, info, id=id)


@strawberry.type
class LeasesMutation:
    @root("Takes a floating seat, or a place in the queue, away; the next in the queue is offered.", needs=ASSIGN_OWN)
    def release_lease(self, info: GraphInfo, input: ReleaseLeaseInput) -> LeaseNode | None:
        key = row_key(input.id, pointer="/input/id")
        reason = checked_text(input.reason, most=LONGEST_REASON, name="reason")

        def work(trail: Trail) -> UUID:
            row: Lease = existing(LeaseNode, key, pointer="/input/id")
            require_reach(trail.actor, [row.pool.product_id])
            force_release(lease_id=row.id, reason=reason, trail=trail)
            return key

        return loaded(LeaseNode, info, key=info.context.write(info, work))


def _leases(given: LeaseFilter | None) -> QuerySet[Any]:
    names = {"pool": "pool_id", "license": "license_id", "person": "person_id", "state": "state"}
    rows = narrowed(LeaseNode.rows(), given, **names)
    if given is None or given.live is None:
        return rows
    return rows.filter(state__in=LIVE_STATES) if given.live else rows.exclude(state__in=LIVE_STATES)
