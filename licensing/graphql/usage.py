"""GraphQL of usage: sums of days, to read. Batches of events come in over REST, with an answer for each event."""

from datetime import date, datetime
from decimal import Decimal

import strawberry

from kernel.graphql import (
    After,
    Connection,
    First,
    GraphInfo,
    Node,
    column,
    connection,
    narrowed,
    root,
    single,
    tenant_type,
    to_one,
)
from kernel.graphql.limits import USUAL_ROWS
from licensing.graphql.issuing import VIEW, LicenseNode
from licensing.models import UsageDaily


@tenant_type(UsageDaily, name="UsageDaily", permission=VIEW)
class UsageDailyNode(Node):
    """What was consumed of one feature of a licence on one UTC day, summed from its events."""

    id: strawberry.ID = column("The key of the row; a new one whenever the day is summed again.")
    feature: str = column("The code of the feature.")
    day: date = column("The UTC day.")
    value: Decimal = column("How much was consumed.")
    events: int = column("In how many events.")
    summed_at: datetime = column("When the day was summed.")
    license: LicenseNode | None = to_one(lambda: LicenseNode, "license_id", "The licence.")


@strawberry.input(description="Which days; what is null asks for nothing.")
class UsageFilter:
    license: strawberry.ID | None = strawberry.field(default=None, description="Of this licence.")
    feature: str | None = strawberry.field(default=None, description="Of the feature with this code.")
    day: date | None = strawberry.field(default=None, description="Of this UTC day.")


@strawberry.type
class UsageQuery:
    @root("What was consumed by licence, feature and day; the days that were summed last come first.", needs=VIEW)
    def usage(
        self, info: GraphInfo, filter: UsageFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[UsageDailyNode] | None:
        rows = narrowed(UsageDailyNode.rows(), filter, license="license_id", feature="feature", day="day")
        return connection(UsageDailyNode, info, first=first, after=after, rows=rows)

    @root("One day of one feature.", needs=VIEW)
    def usage_daily(self, info: GraphInfo, id: strawberry.ID) -> UsageDailyNode | None:
        return single(UsageDailyNode, info, id=id)
