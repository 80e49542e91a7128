"""Agreements: drawn up, activated, amended, terminated.

Order of locks: parties, agreements, entitlements, licences.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput, JsonValue, NotFound
from kernel.trail import Personal, Trail
from licensing.models import AffiliateScope, Agreement, AgreementState, AgreementType, Amendment, Party
from licensing.operations.reasons import stated_reason

AMENDABLE = (
    "starts_at",
    "ends_at",
    "notice_days",
    "auto_renew",
    "true_up_on",
    "co_terminates_on",
    "currency",
    "affiliate_scope",
)
"""What an agreement in force changes by amendment alone; the database holds to the same list."""


class AgreementExists(Conflict):
    """An agreement with this number is on record."""

    code = "AGREEMENT_EXISTS"


class AgreementDatesReversed(InvalidInput):
    """The end lies before the start."""

    code = "AGREEMENT_DATES_REVERSED"


class AgreementNotFound(NotFound):
    """There is no such agreement in this organisation."""

    code = "AGREEMENT_NOT_FOUND"


class AgreementStateConflict(Conflict):
    """The agreement is not in the state that this step starts from."""

    code = "AGREEMENT_STATE_CONFLICT"


class AgreementReasonRequired(InvalidInput):
    """Amending and terminating an agreement need a reason, which stays on record."""

    code = "AGREEMENT_REASON_REQUIRED"


class AmendmentInvalid(InvalidInput):
    """An amendment changes at least one of the terms that can be amended, and nothing else."""

    code = "AMENDMENT_INVALID"


@dataclass(frozen=True)
class NewAgreement:
    """The terms of a contract; times are aware, the end is half-open, None for no end."""

    number: str
    starts_at: datetime
    currency: str
    title: str = ""
    type: str = AgreementType.OTHER
    ends_at: datetime | None = None
    notice_days: int = 0
    auto_renew: bool = False
    licensor: Party | None = None
    licensee: Party | None = None
    reseller: Party | None = None
    affiliate_scope: str = AffiliateScope.ORGANIZATION
    true_up_on: date | None = None
    co_terminates_on: date | None = None
    document: str = ""
    document_sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class NewAmendment:
    """`changes` are the new values of columns in AMENDABLE; `document` says where the signed amendment is."""

    effective_at: datetime
    changes: Mapping[str, Any]
    reason: str
    document: str = ""


def create_agreement(*, agreement: NewAgreement, trail: Trail, activate: bool = True) -> Agreement:
    """Records a contract, in force at once unless `activate` is false. Raises AgreementExists and
    AgreementDatesReversed."""
    state = AgreementState.ACTIVE if activate else AgreementState.DRAFT
    row = Agreement(organization_id=trail.organization_id, state=state, created_at=trail.clock.now())
    _fill(row, agreement)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise _taken() from error
    trail.record("agreement.created", subject=row, details=_terms(row))
    if activate:
        trail.record("agreement.activated", subject=row, details={"number": row.number})
    return row


def update_draft(*, agreement_id: UUID, agreement: NewAgreement, trail: Trail) -> Agreement:
    """Gives a draft these terms. Raises AgreementNotFound, AgreementStateConflict, AgreementExists and
    AgreementDatesReversed."""
    row = _locked(agreement_id, AgreementState.DRAFT, _("Only a draft is edited; amend an agreement in force."))
    _fill(row, agreement)
    try:
        with transaction.atomic():
            row.save(update_fields=[one.name for one in fields(NewAgreement)])
    except IntegrityError as error:
        raise _taken() from error
    trail.record("agreement.updated", subject=row, details=_terms(row))
    return row


def activate_agreement(*, agreement_id: UUID, trail: Trail) -> Agreement:
    """Puts a draft into force: from now on its terms change by amendment alone. Raises AgreementNotFound and
    AgreementStateConflict."""
    row = _locked(agreement_id, AgreementState.DRAFT, _("Only a draft can be activated."))
    row.state = AgreementState.ACTIVE
    row.save(update_fields=["state"])
    trail.record("agreement.activated", subject=row, details={"number": row.number})
    return row


def amend_agreement(*, agreement_id: UUID, amendment: NewAmendment, trail: Trail) -> Amendment:
    """Changes terms of an agreement in force by its next amendment; the lock of the agreement numbers them without a
    gap.

    Raises AgreementNotFound, AgreementStateConflict, AgreementReasonRequired, AmendmentInvalid and
    AgreementDatesReversed.
    """
    reason = _stated(amendment.reason)
    row = _locked(agreement_id, AgreementState.ACTIVE, _("Only an agreement in force is amended."))
    if unknown := sorted(set(amendment.changes) - set(AMENDABLE)):
        raise AmendmentInvalid(_("An amendment does not change %(names)s.") % {"names": ", ".join(unknown)})
    before = {name: getattr(row, name) for name in amendment.changes}
    changed = {name: value for name, value in amendment.changes.items() if before[name] != value}
    if not changed:
        raise AmendmentInvalid(_("Nothing would change: name at least one term with another value."))
    for name, value in changed.items():
        setattr(row, name, value)
    _check_dates(row)
    row.amended += 1
    made = Amendment.objects.create(
        organization_id=trail.organization_id,
        agreement=row,
        number=row.amended,
        effective_at=amendment.effective_at,
        changes={name: [_text(before[name]), _text(value)] for name, value in sorted(changed.items())},
        reason=reason,
        document=amendment.document,
        amended_at=trail.clock.now(),
        amended_by=str(trail.actor.pseudonym),
    )
    row.save(update_fields=[*changed, "amended"])
    trail.record(
        "agreement.amended",
        subject=row,
        details={
            "number": row.number,
            "amendment": made.number,
            "effective_at": made.effective_at.isoformat(),
            "changes": made.changes,
        },
        personal={"reason": Personal(trail.actor.pseudonym, reason)},
    )
    return made


def terminate_agreement(*, agreement_id: UUID, reason: str, trail: Trail) -> Agreement:
    """Ends an agreement before its term is over; rights under it are not touched. Raises AgreementNotFound,
    AgreementStateConflict and AgreementReasonRequired."""
    reason = _stated(reason)
    row = _locked(agreement_id, AgreementState.ACTIVE, _("Only an agreement in force can be terminated."))
    row.state, row.terminated_at = AgreementState.TERMINATED, trail.clock.now()
    row.terminated_by, row.terminated_reason = str(trail.actor.pseudonym), reason
    row.save(update_fields=["state", "terminated_at", "terminated_by", "terminated_reason"])
    trail.record(
        "agreement.terminated",
        subject=row,
        details={"number": row.number},
        personal={"reason": Personal(trail.actor.pseudonym, reason)},
    )
    return row


def _locked(agreement_id: UUID, state: str, otherwise: str) -> Agreement:
    row = Agreement.objects.select_for_update(no_key=True, of=("self",)).filter(id=agreement_id).first()
    if row is None:
        raise AgreementNotFound(_("There is no such agreement in your organisation."))
    if row.state != state:
        raise AgreementStateConflict(otherwise)
    return row


def _fill(row: Agreement, agreement: NewAgreement) -> None:
    for one in fields(agreement):
        setattr(row, one.name, getattr(agreement, one.name))
    _check_dates(row)


def _check_dates(row: Agreement) -> None:
    if row.ends_at is not None and row.ends_at < row.starts_at:
        raise AgreementDatesReversed(_("The agreement ends before it starts."), pointer="/ends_at")
    if row.notice_days < 0:
        raise AmendmentInvalid(_("A notice period is not negative."), pointer="/notice_days")


def _taken() -> AgreementExists:
    return AgreementExists(_("An agreement with this number is on record already."), pointer="/number")


def _stated(text: str) -> str:
    return stated_reason(text, refusal=AgreementReasonRequired)


def _text(value: Any) -> str | bool | int | None:
    return value.isoformat() if isinstance(value, date) else value


def _terms(row: Agreement) -> dict[str, JsonValue]:
    return {"number": row.number, **{name: _text(getattr(row, name)) for name in AMENDABLE}}
