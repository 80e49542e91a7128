"""GraphQL of pools, with what they may hold and do hold at the moment of the answer, and of the seats held of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry
from django.db.models import QuerySet

from identity.graphql import DeviceNode, OrgUnitNode, PersonNode
from kernel.graphql import (
    After,
    Connection,
    First,
    GraphInfo,
    GraphRequest,
    Node,
    column,
    computed,
    connection,
    narrowed,
    root,
    single,
    tenant_type,
    to_many,
    to_one,
)
from kernel.graphql.limits import USUAL_ROWS
from licensing.graphql import EditionNode, MetricNode, ProductNode
from seats.models import Assignment, SeatPool
from seats.queries import ceilings, is_direct_grant

POOLS = "seats.pool.view"
SEATS = "seats.assignment.view"
STATE = "_graphql_state"
STATE_FIELDS = frozenset({"covered", "limit", "undrawn", "free", "excess", "asOf"})
"""What rests on the rights behind a pool, which are read for all pools of a level at once."""


@tenant_type(SeatPool, name="Pool", permission=POOLS)
class PoolNode(Node):
    """Seats of one product, edition and metric, and how many of them are held at the moment `asOf`."""

    id: strawberry.ID = column("The key of the pool.")
    name: str = column("The name.")
    territory: str = column("ISO 3166-1 alpha-2 code of where its seats hold; empty: everywhere.")
    unlimited: bool = column("Whether any number of seats may be held.")
    capacity: int | None = column("What was set; null where there is no number.")
    overdraft: int = column("How many seats beyond the capacity are admitted.")
    hard_limit: bool = column("Whether nothing beyond the limit is admitted, whatever the reason.")
    used: int = column("How many seats are held.")
    reserved: int = column("How many seats are kept for units and groups, drawn or not.")
    restricted: bool = column("Whether only those have seats whom an eligibility names.")
    pending_capacity: int | None = column("A cut that waits for the use to fall; null where none waits.")
    pending_reason: str = column("Why the capacity is to be cut.")
    created_at: datetime = column("When it was made.")
    product: ProductNode | None = to_one(lambda: ProductNode, "product_id", "What its seats are for.")
    edition: EditionNode | None = to_one(lambda: EditionNode, "edition_id", "The edition that its seats are for.")
    metric: MetricNode | None = to_one(lambda: MetricNode, "metric_id", "How seats are counted.")
    unit: OrgUnitNode | None = to_one(lambda: OrgUnitNode, "scope_unit_id", "The unit that it is reserved for.")
    holders: "Connection[AssignmentNode] | None" = to_many(
        lambda: AssignmentNode,
        "pool_id",
        "The seats that are held now, the last one given first.",
        among=lambda rows: rows.filter(released_at__isnull=True),
    )

    @classmethod
    def prepare(cls, rows: Sequence[Any], names: frozenset[str], request: GraphRequest) -> None:
        """One query for the rights behind all these pools, and none when nobody asks."""
        if names & STATE_FIELDS:
            for row, ceiling in zip(rows, ceilings(rows, at=request.at), strict=True):
                setattr(row, STATE, ceiling)

    @computed(
        "The smaller of the capacity and the rights that are valid at this moment; null where there is no number."
    )
    def covered(root: Any) -> int | None:  # noqa: N805  # the library gives the row
        return getattr(root, STATE).covered  # type: ignore[no-any-return]  # set by prepare

    @computed("What is covered, and the overdraft; null where there is no number.")
    def limit(root: Any) -> int | None:  # noqa: N805  # the library gives the row
        return getattr(root, STATE).limit  # type: ignore[no-any-return]  # set by prepare

    @computed("How many reserved seats nobody has drawn; others are not given them.")
    def undrawn(root: Any) -> int:  # noqa: N805  # the library gives the row
        return getattr(root, STATE).reserved  # type: ignore[no-any-return]  # set by prepare

    @computed("How many seats anybody may still take; null when any number may.")
    def free(root: Any) -> int | None:  # noqa: N805  # the library gives the row
        return getattr(root, STATE).free  # type: ignore[no-any-return]  # set by prepare

    @computed("How many seats are held beyond the limit.")
    def excess(root: Any) -> int:  # noqa: N805  # the library gives the row
        return getattr(root, STATE).excess  # type: ignore[no-any-return]  # set by prepare

    @computed("The moment at which the figures hold.")
    def as_of(root: Any) -> datetime:  # noqa: N805  # the library gives the row
        return getattr(root, STATE).at  # type: ignore[no-any-return]  # set by prepare


@tenant_type(Assignment, name="Assignment", permission=SEATS)
class AssignmentNode(Node):
    """A person, a device or somebody outside the directory holds seats of a pool, or held them."""

    id: strawberry.ID = column("The key of the seat.")
    external_holder: str = column("Who holds it, for somebody outside the directory; else empty.")
    quantity: int = column("How many units it takes.")
    since: datetime = column("Since when it is held.")
    until: datetime | None = column("The planned end; it frees nothing by itself.")
    source: str = column("How it was given: admin, request, directory, import, api or rule.")
    reason: str = column("Why, in the words of whoever gave it.")
    over_limit: bool = column("Whether a soft pool admitted it beyond its limit.")
    created_at: datetime = column("When it was recorded.")
    released_at: datetime | None = column("When it was released; null while it is held.")
    end_reason: str = column("Why it was released; empty while it is held.")
    pool: PoolNode | None = to_one(lambda: PoolNode, "pool_id", "The pool.")
    person: PersonNode | None = to_one(lambda: PersonNode, "person_id", "The person who holds it.")
    device: DeviceNode | None = to_one(lambda: DeviceNode, "device_id", "The device that holds it.")

    @computed("Whether somebody gave it without an approved request.")
    def direct_grant(root: Any) -> bool:  # noqa: N805  # the library gives the row
        return is_direct_grant(root)


@strawberry.input(description="Which pools; what is null asks for nothing.")
class PoolFilter:
    product: strawberry.ID | None = strawberry.field(default=None, description="For this product.")
    edition: strawberry.ID | None = strawberry.field(default=None, description="For this edition.")
    metric: strawberry.ID | None = strawberry.field(default=None, description="Counted by this metric.")
    territory: str | None = strawberry.field(default=None, description="For this territory.")
    hard_limit: bool | None = strawberry.field(default=None, description="With a hard limit, or with a soft one.")


@strawberry.input(description="Which seats; what is null asks for nothing.")
class AssignmentFilter:
    live: bool | None = strawberry.field(default=None, description="Those that are held, or those that were released.")
    pool: strawberry.ID | None = strawberry.field(default=None, description="Of this pool.")
    person: strawberry.ID | None = strawberry.field(default=None, description="Held by this person.")
    device: strawberry.ID | None = strawberry.field(default=None, description="Held by this device.")
    source: str | None = strawberry.field(default=None, description="Given in this way.")
    over_limit: bool | None = strawberry.field(default=None, description="Those beyond a limit, or those within.")


@strawberry.type
class SeatsQuery:
    @root("The pools of seats, newest first.", needs=POOLS)
    def pools(
        self, info: GraphInfo, filter: PoolFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[PoolNode] | None:
        rows = narrowed(
            PoolNode.rows(),
            filter,
            product="product_id",
            edition="edition_id",
            metric="metric_id",
            territory="territory",
            hard_limit="hard_limit",
        )
        return connection(PoolNode, info, first=first, after=after, rows=rows)

    @root("One pool of seats.", needs=POOLS)
    def pool(self, info: GraphInfo, id: strawberry.ID) -> PoolNode | None:
        return single(PoolNode, info, id=id)

    @root("The seats that are or were held, newest first.", needs=SEATS)
    def assignments(
        self, info: GraphInfo, filter: AssignmentFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[AssignmentNode] | None:
        return connection(AssignmentNode, info, first=first, after=after, rows=_assignments(filter))

    @root("One seat.", needs=SEATS)
    def assignment(self, info: GraphInfo, id: strawberry.ID) -> AssignmentNode | None:
        return single(AssignmentNode, info, id=id)


def _assignments(given: AssignmentFilter | None) -> QuerySet[Any]:
    rows = narrowed(
        AssignmentNode.rows(),
        given,
        pool="pool_id",
        person="person_id",
        device="device_id",
        source="source",
        over_limit="over_limit",
    )
    if given is None or given.live is None:
        return rows
    return rows.filter(released_at__isnull=given.live)
