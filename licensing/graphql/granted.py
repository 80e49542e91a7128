"""GraphQL of what types, licences and add-ons grant: features with their values, and limits."""

from typing import Any

import strawberry

from kernel.graphql import WholeNumber
from licensing.rules.allowances import OverageKind


@strawberry.type(description="What is consumed in a period, and how far beyond its limit.")
class GrantedQuota:
    limit: WholeNumber | None = strawberry.field(description="How much is allowed; null: no limit.")
    period: str = strawberry.field(description="After what it starts again: day, month, year or none.")
    near_percent: int = strawberry.field(description="From which part of the limit on validations warn, in percent.")
    overage_kind: str = strawberry.field(description="How overage is counted: none, absolute or percent.")
    overage_units: WholeNumber = strawberry.field(description="How much is allowed on top.")
    overage_until: str | None = strawberry.field(description="Until when; null: always.")


@strawberry.type(description="A feature that a licence grants.")
class GrantedFeature:
    code: str = strawberry.field(description="The code that clients ask for.")
    starts_at: str | None = strawberry.field(description="When it begins; null: with the licence.")
    ends_at: str | None = strawberry.field(description="When it ends; null: with the licence.")
    choice: str | None = strawberry.field(description="Which of its choices it carries; null: it has none.")
    quota: GrantedQuota | None = strawberry.field(description="How much may be consumed; null: nothing is counted.")


@strawberry.type(description="How much of something a licence allows.")
class Limit:
    code: str = strawberry.field(description="The code of what is limited.")
    most: WholeNumber = strawberry.field(description="How much is allowed.")


def granted_features(row: Any) -> list[GrantedFeature]:
    """The grants of a column."""
    return [
        GrantedFeature(
            code=one["code"],
            starts_at=one.get("starts_at"),
            ends_at=one.get("ends_at"),
            choice=one.get("value") if isinstance(one.get("value"), str) else None,
            quota=_quota(one["value"]) if isinstance(one.get("value"), dict) else None,
        )
        for one in row
    ]


def limits_from(row: Any) -> list[Limit]:
    """The limits of a column, by code."""
    return [Limit(code=code, most=WholeNumber(most)) for code, most in sorted(row.items())]


def _quota(value: Any) -> GrantedQuota:
    overage = value.get("overage", {})
    return GrantedQuota(
        limit=None if value["limit"] is None else WholeNumber(value["limit"]),
        period=value["period"],
        near_percent=value.get("near_percent", 80),
        overage_kind=overage.get("kind", OverageKind.NONE.value),
        overage_units=WholeNumber(overage.get("amount", 0)),
        overage_until=overage.get("until"),
    )
