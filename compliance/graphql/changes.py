"""GraphQL of change requests: read, ask, decide."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import strawberry

from compliance.models import ChangeRequest
from compliance.operations import (
    approve_change,
    reject_change,
    request_recall,
    request_revocation,
    request_transfer,
    withdraw_change,
)
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
from licensing.graphql import CertificateNode, LicenseNode
from licensing.models import Certificate, License
from seats.graphql import PoolNode

VIEW = "compliance.change.view"
DECIDE = "compliance.change.decide"
SUSPEND = "licensing.license.suspend"
ISSUE = "licensing.license.issue"
RECALL = "licensing.certificate.recall"
LONGEST_REASON = 500


@tenant_type(ChangeRequest, name="ChangeRequest", permission=VIEW)
class ChangeRequestNode(Node):
    """A change that needs a second person. Approving carries it out; undecided it expires at `dueAt`."""

    id: strawberry.ID = column("The key of the request.")
    number: str = column("The number that people read out.")
    kind: str = column("What is asked for: license.revoke, license.transfer, certificate.recall or seat.assign.")
    reason: str = column("Why it was asked for.")
    state: str = column("What became of it: open, approved, rejected, withdrawn or expired.")
    requested_at: datetime = column("When it was asked for.")
    due_at: datetime = column("When it expires if nobody decides.")
    decided_at: datetime | None = column("When it was decided.")
    decision_reason: str = column("Why it was decided like this; may be empty.")
    license: LicenseNode | None = to_one(lambda: LicenseNode, "license_id", "The licence that would change.")
    pool: PoolNode | None = to_one(lambda: PoolNode, "pool_id", "The pool of which a seat is asked for.")


@strawberry.input(description="Which change requests; what is null asks for nothing.")
class ChangeRequestFilter:
    state: str | None = strawberry.field(default=None, description="With this state.")
    kind: str | None = strawberry.field(default=None, description="Of this kind.")
    license: strawberry.ID | None = strawberry.field(default=None, description="About this licence.")


@strawberry.input(description="Which licence is to be revoked, and why.")
class RequestLicenseRevocationInput:
    license: strawberry.ID = strawberry.field(description="The licence.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="Which licence is to pass to which customer, and why.")
class RequestLicenseTransferInput:
    license: strawberry.ID = strawberry.field(description="The licence.")
    licensee: strawberry.ID = strawberry.field(description="The customer who is to have it.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="Which offline certificate is to be recalled, and why.")
class RequestCertificateRecallInput:
    certificate: strawberry.ID = strawberry.field(description="The certificate.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="Which change is approved.")
class ApproveChangeInput:
    id: strawberry.ID = strawberry.field(description="The change request.")
    reason: str = strawberry.field(default="", description="Why, in at most 500 characters; may be empty.")


@strawberry.input(description="Which change is rejected, and why.")
class RejectChangeInput:
    id: strawberry.ID = strawberry.field(description="The change request.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="Which own request is taken back.")
class WithdrawChangeInput:
    id: strawberry.ID = strawberry.field(description="The change request.")


@strawberry.type
class ChangesQuery:
    @root("The change requests, newest first.", needs=VIEW)
    def change_requests(
        self, info: GraphInfo, filter: ChangeRequestFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[ChangeRequestNode] | None:
        rows = narrowed(ChangeRequestNode.rows(), filter, state="state", kind="kind", license="license_id")
        return connection(ChangeRequestNode, info, first=first, after=after, rows=rows)

    @root("One change request.", needs=VIEW)
    def change_request(self, info: GraphInfo, id: strawberry.ID) -> ChangeRequestNode | None:
        return single(ChangeRequestNode, info, id=id)


@strawberry.type
class ChangesMutation:
    @root("Asks for a licence to be revoked; a second person decides.", needs=SUSPEND)
    def request_license_revocation(
        self, info: GraphInfo, input: RequestLicenseRevocationInput
    ) -> ChangeRequestNode | None:
        key = row_key(input.license, pointer="/input/license")
        reason = checked_text(input.reason, most=LONGEST_REASON, name="reason")

        def work(trail: Trail) -> UUID:
            license: License = existing(LicenseNode, key, pointer="/input/license")
            return request_revocation(license=license, reason=reason, trail=trail).id

        return loaded(ChangeRequestNode, info, key=info.context.write(info, work))

    @root("Asks for a licence to pass to another customer; a second person decides.", needs=ISSUE)
    def request_license_transfer(self, info: GraphInfo, input: RequestLicenseTransferInput) -> ChangeRequestNode | None:
        key = row_key(input.license, pointer="/input/license")
        licensee = row_key(input.licensee, pointer="/input/licensee")
        reason = checked_text(input.reason, most=LONGEST_REASON, name="reason")

        def work(trail: Trail) -> UUID:
            license: License = existing(LicenseNode, key, pointer="/input/license")
            return request_transfer(license=license, licensee_id=licensee, reason=reason, trail=trail).id

        return loaded(ChangeRequestNode, info, key=info.context.write(info, work))

    @root("Asks for an offline certificate to be recalled; a second person decides.", needs=RECALL)
    def request_certificate_recall(
        self, info: GraphInfo, input: RequestCertificateRecallInput
    ) -> ChangeRequestNode | None:
        key = row_key(input.certificate, pointer="/input/certificate")
        reason = checked_text(input.reason, most=LONGEST_REASON, name="reason")

        def work(trail: Trail) -> UUID:
            certificate: Certificate = existing(CertificateNode, key, pointer="/input/certificate")
            return request_recall(certificate=certificate, reason=reason, trail=trail).id

        return loaded(ChangeRequestNode, info, key=info.context.write(info, work))

    @root("Approves a change that somebody else asked for, and carries it out.", needs=DECIDE)
    def approve_change(self, info: GraphInfo, input: ApproveChangeInput) -> ChangeRequestNode | None:
        reason = checked_text(input.reason, most=LONGEST_REASON, name="reason")
        return _decided(info, input.id, lambda key, trail: approve_change(request_id=key, reason=reason, trail=trail))

    @root("Rejects a change that somebody else asked for; nothing is done.", needs=DECIDE)
    def reject_change(self, info: GraphInfo, input: RejectChangeInput) -> ChangeRequestNode | None:
        reason = checked_text(input.reason, most=LONGEST_REASON, name="reason")
        return _decided(info, input.id, lambda key, trail: reject_change(request_id=key, reason=reason, trail=trail))

    @root("Takes an own change request back.", needs=VIEW)
    def withdraw_change(self, info: GraphInfo, input: WithdrawChangeInput) -> ChangeRequestNode | None:
        return _decided(info, input.id, lambda key, trail: withdraw_change(request_id=key, trail=trail))


def _decided(info: GraphInfo, id: str, decide: Callable[[UUID, Trail], ChangeRequest]) -> ChangeRequestNode:
    key = row_key(id, pointer="/input/id")

    def work(trail: Trail) -> UUID:
        existing(ChangeRequestNode, key, pointer="/input/id")
        return decide(key, trail).id

    return loaded(ChangeRequestNode, info, key=info.context.write(info, work))
