"""Agreements."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput
from kernel.trail import Trail
from licensing.models import Agreement, AgreementType, Party


class AgreementExists(Conflict):
    """An agreement with this number is on record."""

    code = "AGREEMENT_EXISTS"


class AgreementDatesReversed(InvalidInput):
    """The end lies before the start."""

    code = "AGREEMENT_DATES_REVERSED"


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
    document: str = ""


def create_agreement(*, agreement: NewAgreement, trail: Trail) -> Agreement:
    """Records a contract in force. Raises AgreementExists and AgreementDatesReversed."""
    if agreement.ends_at is not None and agreement.ends_at < agreement.starts_at:
        raise AgreementDatesReversed(_("The agreement ends before it starts."), pointer="/ends_at")
    try:
        with transaction.atomic():
            row = Agreement.objects.create(
                organization_id=trail.organization_id,
                number=agreement.number,
                title=agreement.title,
                type=agreement.type,
                starts_at=agreement.starts_at,
                ends_at=agreement.ends_at,
                notice_days=agreement.notice_days,
                auto_renew=agreement.auto_renew,
                currency=agreement.currency,
                licensor=agreement.licensor,
                document=agreement.document,
                created_at=trail.clock.now(),
            )
    except IntegrityError as error:
        raise AgreementExists(_("An agreement with this number is on record already."), pointer="/number") from error
    trail.record(
        "agreement.created",
        subject=row,
        details={
            "number": row.number,
            "starts_at": row.starts_at.isoformat(),
            "ends_at": row.ends_at.isoformat() if row.ends_at else None,
            "notice_days": row.notice_days,
        },
    )
    return row
