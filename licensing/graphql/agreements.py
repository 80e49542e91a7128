"""GraphQL of what happens to a contract: each mutation is one operation in a trail of its own."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry
from django.utils.translation import gettext as _

from kernel.errors import InvalidInput
from kernel.graphql import GraphInfo, existing, loaded, root, row_key
from kernel.graphql.inputs import checked_moment, checked_number, checked_text
from kernel.trail import Trail
from licensing.graphql.rights import AgreementNode
from licensing.models import AffiliateScope, Agreement
from licensing.operations import NewAmendment, activate_agreement, amend_agreement, terminate_agreement

KEEP = "licensing.entitlement.manage"
LONGEST_NOTICE = 3650


@strawberry.input(description="Which agreement comes into force.")
class ActivateAgreementInput:
    id: strawberry.ID = strawberry.field(description="The agreement.")


@strawberry.input(description="Which agreement is terminated, and why.")
class TerminateAgreementInput:
    id: strawberry.ID = strawberry.field(description="The agreement.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(
    description="What an amendment changes: terms that are left out stay, null takes an end or a day away."
)
class AmendAgreementInput:
    id: strawberry.ID = strawberry.field(description="The agreement.")
    effective_at: datetime = strawberry.field(description="From when the amendment holds.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")
    document: str = strawberry.field(default="", description="Where the signed amendment is.")
    starts_at: datetime | None = strawberry.field(default=strawberry.UNSET, description="When the agreement begins.")
    ends_at: datetime | None = strawberry.field(default=strawberry.UNSET, description="When it ends.")
    notice_days: int | None = strawberry.field(default=strawberry.UNSET, description="Days of notice before the end.")
    auto_renew: bool | None = strawberry.field(default=strawberry.UNSET, description="Whether it goes on by itself.")
    true_up_on: date | None = strawberry.field(default=strawberry.UNSET, description="The day of the true-up.")
    co_terminates_on: date | None = strawberry.field(default=strawberry.UNSET, description="The common last day.")
    currency: str | None = strawberry.field(default=strawberry.UNSET, description="ISO 4217 code.")
    affiliate_scope: str | None = strawberry.field(default=strawberry.UNSET, description="organization or affiliates.")


@strawberry.type
class AgreementMutation:
    @root("Puts a draft into force; from then on its terms change by amendment alone.", needs=KEEP)
    def activate_agreement(self, info: GraphInfo, input: ActivateAgreementInput) -> AgreementNode | None:
        return _changed(info, input.id, lambda key, trail: activate_agreement(agreement_id=key, trail=trail))

    @root("Changes terms of an agreement in force by its next amendment.", needs=KEEP)
    def amend_agreement(self, info: GraphInfo, input: AmendAgreementInput) -> AgreementNode | None:
        effective = checked_moment(input.effective_at, name="effective_at")
        if effective is None:
            raise InvalidInput(_("This must not be empty."), pointer="/input/effectiveAt")
        amendment = NewAmendment(
            effective_at=effective,
            changes=_terms(input),
            reason=input.reason,
            document=checked_text(input.document, most=500, name="document"),
        )

        def work(key: UUID, trail: Trail) -> Agreement:
            return amend_agreement(agreement_id=key, amendment=amendment, trail=trail).agreement

        return _changed(info, input.id, work)

    @root("Ends an agreement before its term is over; rights under it stay.", needs=KEEP)
    def terminate_agreement(self, info: GraphInfo, input: TerminateAgreementInput) -> AgreementNode | None:
        return _changed(
            info, input.id, lambda key, trail: terminate_agreement(agreement_id=key, reason=input.reason, trail=trail)
        )


def _terms(input: AmendAgreementInput) -> dict[str, Any]:
    """The terms that were named. What a column cannot be without is refused here, as null."""
    given: dict[str, Any] = {
        "starts_at": input.starts_at,
        "ends_at": input.ends_at,
        "notice_days": input.notice_days,
        "auto_renew": input.auto_renew,
        "true_up_on": input.true_up_on,
        "co_terminates_on": input.co_terminates_on,
        "currency": input.currency,
        "affiliate_scope": input.affiliate_scope,
    }
    terms: dict[str, Any] = {name: value for name, value in given.items() if value is not strawberry.UNSET}
    for name in ("starts_at", "notice_days", "auto_renew", "currency", "affiliate_scope"):
        if name in terms and terms[name] is None:
            raise InvalidInput(_("This must not be empty."), pointer=f"/input/{name}")
    for name in ("starts_at", "ends_at"):
        if name in terms:
            terms[name] = checked_moment(terms[name], name=name)
    if "notice_days" in terms:
        terms["notice_days"] = checked_number(terms["notice_days"], most=LONGEST_NOTICE, name="notice_days")
    if "currency" in terms:
        terms["currency"] = checked_text(terms["currency"], most=3, name="currency", required=True)
    if terms.get("affiliate_scope", AffiliateScope.ORGANIZATION) not in AffiliateScope.values:
        raise InvalidInput(_("There is no such scope."), pointer="/input/affiliateScope")
    return terms


def _changed(info: GraphInfo, id: str, change: Callable[[UUID, Trail], Agreement]) -> AgreementNode:
    key = row_key(id, pointer="/input/id")

    def work(trail: Trail) -> UUID:
        existing(AgreementNode, key, pointer="/input/id")
        return change(key, trail).id

    return loaded(AgreementNode, info, key=info.context.write(info, work))
