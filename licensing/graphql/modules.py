"""GraphQL of attaching and removing add-ons: each mutation is one operation in a trail of its own."""

from datetime import datetime
from uuid import UUID

import strawberry
from django.utils.translation import gettext as _

from kernel.errors import InvalidInput
from kernel.graphql import GraphInfo, WholeNumber, existing, loaded, root, row_key
from kernel.trail import Trail
from licensing.graphql.issuing import AddOnNode, LicenseNode
from licensing.operations import NewAddOn, attach_add_on, remove_add_on
from licensing.rules.allowances import NO_OVERAGE, Overage, OverageKind
from licensing.rules.facts import FeatureGrant
from licensing.rules.feature_values import FeatureValue, QuotaPeriod, QuotaTerms
from licensing.rules.terms import Period, in_utc

ISSUE = "licensing.license.issue"


@strawberry.input(description="How much may be consumed in a period.")
class QuotaInput:
    limit: WholeNumber | None = strawberry.field(default=None, description="How much; null: no limit.")
    period: str = strawberry.field(default="none", description="After what it starts again: day, month, year or none.")
    near_percent: int = strawberry.field(default=80, description="From which part of the limit on to warn, in percent.")
    overage_kind: str = strawberry.field(default="none", description="What is allowed on top: none, absolute, percent.")
    overage_units: WholeNumber = strawberry.field(default=WholeNumber(0), description="How much of that.")
    overage_until: datetime | None = strawberry.field(default=None, description="Until when; null: always.")


@strawberry.input(description="A feature to grant: a switch, or with a choice or a quota.")
class GrantInput:
    code: str = strawberry.field(description="The code of the feature.")
    choice: str | None = strawberry.field(default=None, description="Which of its choices.")
    quota: QuotaInput | None = strawberry.field(default=None, description="How much may be consumed.")
    starts_at: datetime | None = strawberry.field(default=None, description="When it begins; null: with the add-on.")
    ends_at: datetime | None = strawberry.field(default=None, description="When it ends; null: with the add-on.")


@strawberry.input(description="An add-on for a licence.")
class AttachAddOnInput:
    license: strawberry.ID = strawberry.field(description="The licence.")
    name: str = strawberry.field(description="What people call the add-on.")
    features: list[GrantInput] = strawberry.field(description="What it grants, one feature at least.")
    starts_at: datetime | None = strawberry.field(default=None, description="When it begins; null: now.")
    ends_at: datetime | None = strawberry.field(default=None, description="When it ends; null: with the licence.")


@strawberry.input(description="Which add-on goes, and why.")
class RemoveAddOnInput:
    id: strawberry.ID = strawberry.field(description="The add-on.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.type
class ModulesMutation:
    @root("Adds a module to a licence; the next validation carries it.", needs=ISSUE)
    def attach_add_on(self, info: GraphInfo, input: AttachAddOnInput) -> AddOnNode | None:
        key = row_key(input.license, pointer="/input/license")
        starts_at = _instant(input.starts_at, "/input/startsAt")
        ends_at = _instant(input.ends_at, "/input/endsAt")
        grants = tuple(_grant(one, f"/input/features/{place}") for place, one in enumerate(input.features))

        def work(trail: Trail) -> UUID:
            existing(LicenseNode, key, pointer="/input/license")
            wanted = NewAddOn(license_id=key, name=input.name, features=grants, starts_at=starts_at, ends_at=ends_at)
            return attach_add_on(add_on=wanted, trail=trail).id

        return loaded(AddOnNode, info, key=info.context.write(info, work))

    @root("Takes a module away from its licence; the next validation is without it.", needs=ISSUE)
    def remove_add_on(self, info: GraphInfo, input: RemoveAddOnInput) -> AddOnNode | None:
        key = row_key(input.id, pointer="/input/id")

        def work(trail: Trail) -> UUID:
            existing(AddOnNode, key, pointer="/input/id")
            return remove_add_on(add_on_id=key, reason=input.reason, trail=trail).id

        return loaded(AddOnNode, info, key=info.context.write(info, work))


def _instant(at: datetime | None, pointer: str) -> datetime | None:
    try:
        return None if at is None else in_utc(at)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(_("A moment with a time zone is needed."), pointer=pointer) from error


def _grant(given: GrantInput, pointer: str) -> FeatureGrant:
    starts_at = _instant(given.starts_at, f"{pointer}/startsAt")
    ends_at = _instant(given.ends_at, f"{pointer}/endsAt")
    try:
        return FeatureGrant(given.code, Period(starts_at, ends_at), _value(given, pointer))
    except ValueError as error:
        raise InvalidInput(
            _("The grant of %(code)s cannot be read.") % {"code": given.code[:64]}, pointer=pointer
        ) from error


def _value(given: GrantInput, pointer: str) -> FeatureValue:
    """Raises ValueError for words that mean nothing."""
    if given.quota is None:
        return given.choice
    if given.choice is not None:
        raise ValueError("a choice or a quota, not both")
    asked = given.quota
    kind = OverageKind(asked.overage_kind)
    until, overage = _instant(asked.overage_until, f"{pointer}/quota/overageUntil"), NO_OVERAGE
    if kind is not OverageKind.NONE:
        overage = Overage(kind=kind, amount=asked.overage_units, until=until)
    return QuotaTerms(
        limit=asked.limit, period=QuotaPeriod(asked.period), near_percent=asked.near_percent, overage=overage
    )
