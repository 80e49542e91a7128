"""GraphQL of a licence's life: each step is a mutation in a trail of its own. Revoking is asked for, in compliance/."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry

from kernel.graphql import GraphInfo, existing, loaded, root, row_key
from kernel.graphql.inputs import checked_moment, checked_number
from kernel.trail import Trail
from licensing.graphql.issuing import LicenseNode, LicenseRenewalNode
from licensing.models import LicenseRenewal
from licensing.operations import (
    activate_license,
    cancel_license,
    change_quantity,
    confirm_renewal,
    convert_trial,
    keep_license,
    mark_past_due,
    pause_license,
    record_renewal,
    renew_license,
    resume_license,
    settle_payment,
    withdraw_renewal,
)

ISSUE = "licensing.license.issue"
SUSPEND = "licensing.license.suspend"
MOST_UNITS = 10_000_000


@strawberry.input
class LicenseStep:
    """What each step of a licence asks for."""

    id: strawberry.ID = strawberry.field(description="The licence.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input
class RenewalStep:
    """What each decision about a renewal asks for."""

    id: strawberry.ID = strawberry.field(description="The renewal.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="Which draft is put in force, and why.")
class ActivateLicenseInput(LicenseStep):
    pass


@strawberry.input(description="Which licence is paused, and why.")
class PauseLicenseInput(LicenseStep):
    pass


@strawberry.input(description="Which pause ends, and why.")
class ResumeLicenseInput(LicenseStep):
    pass


@strawberry.input(description="Which licence is to end with its term, and why.")
class CancelLicenseInput(LicenseStep):
    pass


@strawberry.input(description="Which cancellation is taken back, and why.")
class KeepLicenseInput(LicenseStep):
    pass


@strawberry.input(description="Which licence is renewed, and why.")
class RenewLicenseInput(LicenseStep):
    pass


@strawberry.input(description="Of which licence a renewal is recorded, and why.")
class RecordLicenseRenewalInput(LicenseStep):
    pass


@strawberry.input(description="Which trial was bought, and why.")
class ConvertTrialInput(LicenseStep):
    pass


@strawberry.input(description="For which licence payment has come, and how.")
class SettleLicensePaymentInput(LicenseStep):
    pass


@strawberry.input(description="Which recorded renewal is confirmed, and why.")
class ConfirmLicenseRenewalInput(RenewalStep):
    pass


@strawberry.input(description="Which recorded renewal is taken back, and why.")
class WithdrawLicenseRenewalInput(RenewalStep):
    pass


@strawberry.input(description="Which licence is past due, since when, and why.")
class MarkLicensePastDueInput(LicenseStep):
    since: datetime | None = strawberry.field(default=None, description="When payment was due; null: now.")


@strawberry.input(description="Which licence gets how many units at which price, and why.")
class ChangeLicenseQuantityInput(LicenseStep):
    quantity: int = strawberry.field(description="How many units it then covers.")
    confirmed: Decimal | None = strawberry.field(
        default=None, description="The amount that the quote said; null where the licence type has no price."
    )


@strawberry.type
class LifeMutation:
    @root("Puts a draft in force.", needs=ISSUE)
    def activate_license(self, info: GraphInfo, input: ActivateLicenseInput) -> LicenseNode | None:
        return _stepped(info, input, activate_license)

    @root("Stops the clock of a licence; validation refuses it meanwhile.", needs=SUSPEND)
    def pause_license(self, info: GraphInfo, input: PauseLicenseInput) -> LicenseNode | None:
        return _stepped(info, input, pause_license)

    @root("Ends a pause; the ends move by its length.", needs=SUSPEND)
    def resume_license(self, info: GraphInfo, input: ResumeLicenseInput) -> LicenseNode | None:
        return _stepped(info, input, resume_license)

    @root("Asks for the end of a licence with its term.", needs=SUSPEND)
    def cancel_license(self, info: GraphInfo, input: CancelLicenseInput) -> LicenseNode | None:
        return _stepped(info, input, cancel_license)

    @root("Takes a cancellation back before its moment.", needs=SUSPEND)
    def keep_license(self, info: GraphInfo, input: KeepLicenseInput) -> LicenseNode | None:
        return _stepped(info, input, keep_license)

    @root("Adds the next term of a licence at once.", needs=ISSUE)
    def renew_license(self, info: GraphInfo, input: RenewLicenseInput) -> LicenseNode | None:
        return _stepped(info, input, renew_license)

    @root("Records the next term of a licence; it counts from when it is confirmed.", needs=ISSUE)
    def record_license_renewal(self, info: GraphInfo, input: RecordLicenseRenewalInput) -> LicenseRenewalNode | None:
        key = row_key(input.id, pointer="/input/id")

        def work(trail: Trail) -> UUID:
            existing(LicenseNode, key, pointer="/input/id")
            return record_renewal(license_id=key, reason=input.reason, trail=trail).id

        return loaded(LicenseRenewalNode, info, key=info.context.write(info, work))

    @root("Makes a recorded renewal the licence's term.", needs=ISSUE)
    def confirm_license_renewal(self, info: GraphInfo, input: ConfirmLicenseRenewalInput) -> LicenseRenewalNode | None:
        return _decided(info, input, confirm_renewal)

    @root("Takes a recorded renewal back.", needs=ISSUE)
    def withdraw_license_renewal(
        self, info: GraphInfo, input: WithdrawLicenseRenewalInput
    ) -> LicenseRenewalNode | None:
        return _decided(info, input, withdraw_renewal)

    @root("Makes a trial the paid licence that its type names.", needs=ISSUE)
    def convert_trial(self, info: GraphInfo, input: ConvertTrialInput) -> LicenseNode | None:
        return _stepped(info, input, convert_trial)

    @root("Begins the stages of dunning.", needs=SUSPEND)
    def mark_license_past_due(self, info: GraphInfo, input: MarkLicensePastDueInput) -> LicenseNode | None:
        return _stepped(info, input, mark_past_due, since=checked_moment(input.since, name="since"))

    @root("Ends the dunning of a licence.", needs=SUSPEND)
    def settle_license_payment(self, info: GraphInfo, input: SettleLicensePaymentInput) -> LicenseNode | None:
        return _stepped(info, input, settle_payment)

    @root("Gives a licence more or fewer units at the price that was quoted.", needs=ISSUE)
    def change_license_quantity(self, info: GraphInfo, input: ChangeLicenseQuantityInput) -> LicenseNode | None:
        quantity = checked_number(input.quantity, most=MOST_UNITS, name="quantity")
        return _stepped(info, input, change_quantity, quantity=quantity, confirmed=input.confirmed)


def _stepped(info: GraphInfo, input: LicenseStep, step: Callable[..., object], **given: Any) -> LicenseNode:
    key = row_key(input.id, pointer="/input/id")

    def work(trail: Trail) -> UUID:
        existing(LicenseNode, key, pointer="/input/id")
        step(license_id=key, reason=input.reason, trail=trail, **given)
        return key

    return loaded(LicenseNode, info, key=info.context.write(info, work))


def _decided(info: GraphInfo, input: RenewalStep, decide: Callable[..., LicenseRenewal]) -> LicenseRenewalNode:
    key = row_key(input.id, pointer="/input/id")

    def work(trail: Trail) -> UUID:
        existing(LicenseRenewalNode, key, pointer="/input/id")
        return decide(renewal_id=key, reason=input.reason, trail=trail).id

    return loaded(LicenseRenewalNode, info, key=info.context.write(info, work))
