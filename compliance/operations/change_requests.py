"""A change is asked for, and approved, rejected or withdrawn; approving carries it out in the same transaction."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from compliance.messages import tell_approvers, tell_requester
from compliance.models import ChangeKind, ChangeRequest, ChangeState
from compliance.queries import others_who_decide
from identity.models import Person
from kernel.errors import Conflict, InvalidInput, JsonValue, NotFound, PermissionRefused
from kernel.ids import human_number
from kernel.principal import Approval, payload_digest
from kernel.trail import Personal, Trail
from licensing.models import Certificate, License
from licensing.operations import (
    ApproverIsRequester,
    check_transferee,
    recall_certificate,
    require_certificate_out,
    revoke_license,
    transfer_license,
)
from seats.models import AssignmentSource, SeatPool
from seats.operations import assign

LONGEST_REASON = 500
OPEN_FOR = timedelta(days=14)
"""How long a request waits for a decision before it expires."""


class ChangeRequestNotFound(NotFound):
    """There is no such change request in this organisation."""

    code = "CHANGE_REQUEST_NOT_FOUND"


class ChangeRequestOpen(Conflict):
    """The same change waits for a decision already."""

    code = "CHANGE_REQUEST_OPEN"


class ChangeRequestDecided(Conflict):
    """The request was approved, rejected, withdrawn or has expired before."""

    code = "CHANGE_REQUEST_DECIDED"


class NobodyToApprove(Conflict):
    """Nobody but the person who asks may approve changes in this organisation."""

    code = "NOBODY_TO_APPROVE"


class DecisionNeedsPerson(PermissionRefused):
    """Programs and tasks decide about no change: a person does."""

    code = "DECISION_NEEDS_PERSON"


class NotTheRequester(PermissionRefused):
    """Only whoever asked for a change takes the request back."""

    code = "NOT_THE_REQUESTER"


class ChangeReasonRequired(InvalidInput):
    """Asking for a change, and rejecting one, needs a reason, which stays on record."""

    code = "CHANGE_REASON_REQUIRED"


def _assign_seat(row: ChangeRequest, trail: Trail) -> None:
    """The seat that was asked for, given to whoever it was asked for."""
    if row.pool is None:
        raise AssertionError("the constraint compliance_change_request_about_one_thing leaves nothing else")
    assign(
        pool=row.pool,
        person=Person.objects.get(id=row.payload["person"]),
        source=AssignmentSource.REQUEST,
        reason=row.reason,
        request_id=row.id,
        trail=trail,
    )


CARRY_OUT: Mapping[str, Callable[[ChangeRequest, Approval, Trail], object]] = {
    ChangeKind.REVOKE_LICENSE: lambda row, approval, trail: revoke_license(
        license_id=_license_of(row), reason=row.reason, approval=approval, trail=trail
    ),
    ChangeKind.TRANSFER_LICENSE: lambda row, approval, trail: transfer_license(
        license_id=_license_of(row),
        licensee_id=UUID(row.payload["licensee"]),
        reason=row.reason,
        approval=approval,
        trail=trail,
    ),
    ChangeKind.RECALL_CERTIFICATE: lambda row, approval, trail: recall_certificate(
        certificate_id=UUID(row.payload["certificate"]), reason=row.reason, approval=approval, trail=trail
    ),
    ChangeKind.ASSIGN_SEAT: lambda row, approval, trail: _assign_seat(row, trail),
}
"""Kind → the operation that an approval allows."""


def request_seat(*, pool: SeatPool, person: Person, reason: str, trail: Trail) -> ChangeRequest:
    """Asks for a seat for somebody, who is told when it is decided. Raises what _request raises."""
    return _request(ChangeKind.ASSIGN_SEAT, pool, {"person": str(person.id)}, reason, trail)


def request_revocation(*, license: License, reason: str, trail: Trail) -> ChangeRequest:
    """Asks for a licence to be revoked. Raises what _request raises."""
    return _request(ChangeKind.REVOKE_LICENSE, license, {}, reason, trail)


def request_transfer(*, license: License, licensee_id: UUID, reason: str, trail: Trail) -> ChangeRequest:
    """Asks for a licence to pass to another customer. Raises TransfereeInvalid and what _request raises."""
    party = check_transferee(license=license, licensee_id=licensee_id)
    return _request(ChangeKind.TRANSFER_LICENSE, license, {"licensee": str(party.id)}, reason, trail)


def request_recall(*, certificate: Certificate, reason: str, trail: Trail) -> ChangeRequest:
    """Asks for an offline certificate to be recalled. Raises CertificateNotOut and what _request raises."""
    require_certificate_out(certificate=certificate, at=trail.clock.now())
    key = str(certificate.id)
    kind, payload = ChangeKind.RECALL_CERTIFICATE, {"certificate": key}
    return _request(kind, certificate.license, payload, reason, trail, subject=key)


def approve_change(*, request_id: UUID, reason: str, trail: Trail) -> ChangeRequest:
    """Approves a request and carries the change out; where that is refused, the request stays open.

    Raises ChangeRequestNotFound, ChangeRequestDecided, ApproverIsRequester, DecisionNeedsPerson, and what the change
    raises.
    """
    row = _decidable(request_id, trail)
    approval = Approval(
        request_id=row.id,
        kind=row.kind,
        payload_hash=row.payload_hash,
        requester=UUID(row.requested_by),
        approvers=(trail.actor.pseudonym,),
    )
    CARRY_OUT[row.kind](row, approval, trail)
    _decide(row, ChangeState.APPROVED, reason.strip()[:LONGEST_REASON], "change_request.approved", trail)
    tell_requester(row, trail=trail)
    return row


def reject_change(*, request_id: UUID, reason: str, trail: Trail) -> ChangeRequest:
    """Rejects a request with a reason; nothing is changed.

    Raises ChangeRequestNotFound, ChangeRequestDecided, ApproverIsRequester, DecisionNeedsPerson and
    ChangeReasonRequired.
    """
    row = _decidable(request_id, trail)
    _decide(row, ChangeState.REJECTED, _stated(reason), "change_request.rejected", trail)
    tell_requester(row, trail=trail)
    return row


def withdraw_change(*, request_id: UUID, trail: Trail) -> ChangeRequest:
    """Takes an own request back. Raises ChangeRequestNotFound, ChangeRequestDecided and NotTheRequester."""
    row = _locked(request_id)
    if row.requested_by != str(trail.actor.pseudonym):
        raise NotTheRequester(_("Only the person who asked can take this request back."))
    _decide(row, ChangeState.WITHDRAWN, "", "change_request.withdrawn", trail)
    return row


def expire_change(*, request_id: UUID, trail: Trail) -> bool:
    """Ends a request that nobody decided in time, and says whether it did; a second call changes nothing."""
    row = ChangeRequest.objects.select_for_update(no_key=True, of=("self",)).get(id=request_id)
    if row.state != ChangeState.OPEN or trail.clock.now() < row.due_at:
        return False
    _decide(row, ChangeState.EXPIRED, "", "change_request.expired", trail)
    tell_requester(row, trail=trail)
    return True


def _request(
    kind: ChangeKind,
    about: License | SeatPool,
    particulars: Mapping[str, JsonValue],
    reason: str,
    trail: Trail,
    subject: str = "",
) -> ChangeRequest:
    """Raises ChangeReasonRequired, ChangeRequestOpen and NobodyToApprove."""
    text, now = _stated(reason), trail.clock.now()
    approvers = others_who_decide(trail.actor, at=now)
    if not approvers:
        raise NobodyToApprove(
            _(
                "This needs a second person, and nobody else in your organisation may approve changes. Give another "
                "member the role Approver, then ask again."
            )
        )
    license = about if isinstance(about, License) else None
    pool = about if isinstance(about, SeatPool) else None
    what = "pool" if license is None else "license"
    payload: dict[str, JsonValue] = {what: str(about.id), **particulars, "reason": text}
    row = ChangeRequest(
        organization_id=trail.organization_id,
        number=human_number("C"),
        kind=kind.value,
        license=license,
        subject=subject,
        pool=pool,
        payload=payload,
        payload_hash=payload_digest(payload),
        reason=text,
        requested_at=now,
        requested_by=str(trail.actor.pseudonym),
        requester_id=None if trail.actor.is_system else trail.actor.account_id,
        due_at=now + OPEN_FOR,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise ChangeRequestOpen(_("This change was asked for before and waits for a decision.")) from error
    _record("change_request.opened", row, text, trail)
    tell_approvers(row, to=approvers, trail=trail)
    return row


def _locked(request_id: UUID) -> ChangeRequest:
    rows = ChangeRequest.objects.select_related("license", "pool", "requester")
    row = rows.select_for_update(no_key=True, of=("self",)).filter(id=request_id).first()
    if row is None:
        raise ChangeRequestNotFound(_("There is no such change request in your organisation."))
    if row.state != ChangeState.OPEN:
        raise ChangeRequestDecided(_("This request is decided already."))
    return row


def _decidable(request_id: UUID, trail: Trail) -> ChangeRequest:
    row = _locked(request_id)
    if trail.actor.account_id is None or trail.actor.is_system:
        raise DecisionNeedsPerson(_("Only a person decides about a change."))
    if row.requested_by == str(trail.actor.pseudonym):
        raise ApproverIsRequester(_("You asked for this change; somebody else has to decide about it."))
    if trail.clock.now() >= row.due_at:
        raise ChangeRequestDecided(_("This request has expired; ask again."))
    return row


def _decide(row: ChangeRequest, state: ChangeState, reason: str, kind: str, trail: Trail) -> None:
    row.state, row.decided_at = state.value, trail.clock.now()
    row.decided_by, row.decision_reason = str(trail.actor.pseudonym), reason
    row.decider_id = None if trail.actor.is_system else trail.actor.account_id
    row.save(update_fields=["state", "decided_at", "decided_by", "decider", "decision_reason"])
    _record(kind, row, reason, trail)


def _record(kind: str, row: ChangeRequest, reason: str, trail: Trail) -> None:
    trail.record(
        kind,
        subject=row,
        details={
            "number": row.number,
            "kind": row.kind,
            "license": str(row.license_id) if row.license_id else None,
            "pool": str(row.pool_id) if row.pool_id else None,
            "payload_hash": row.payload_hash,
            "state": row.state,
        },
        personal={"reason": Personal(trail.actor.pseudonym, reason)} if reason else None,
    )


def _license_of(row: ChangeRequest) -> UUID:
    if row.license_id is None:
        raise AssertionError("the constraint compliance_change_request_about_one_thing leaves nothing else")
    return row.license_id


def _stated(reason: str) -> str:
    text = reason.strip()
    if not text or len(text) > LONGEST_REASON:
        raise ChangeReasonRequired(
            _("A reason of at most %(most)d characters is needed.") % {"most": LONGEST_REASON}, pointer="/reason"
        )
    return text
