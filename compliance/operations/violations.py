"""Who takes care of a violation."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from compliance.models import Violation
from identity.models import Membership
from kernel.errors import InvalidInput, NotFound
from kernel.trail import Trail


class ViolationNotFound(NotFound):
    """There is no such violation in this organisation."""

    code = "VIOLATION_NOT_FOUND"


class OwnerUnknown(InvalidInput):
    """The account does not work in this organisation."""

    code = "OWNER_UNKNOWN"


def assign_owner(*, violation_id: UUID, account_id: UUID | None, due_at: datetime | None, trail: Trail) -> Violation:
    """Names who takes care, and by when; None takes the name away. Raises ViolationNotFound and OwnerUnknown."""
    row = Violation.objects.select_for_update(no_key=True, of=("self",)).filter(id=violation_id).first()
    if row is None:
        raise ViolationNotFound(_("There is no such violation in your organisation."))
    membership = _live_membership(account_id) if account_id is not None else None
    row.owner_id, row.due_at = account_id, due_at
    row.save(update_fields=["owner", "due_at"])
    trail.record(
        "violation.assigned",
        subject=row,
        details={
            "owner": str(membership.account.pseudonym) if membership else None,
            "due_at": due_at.isoformat() if due_at else None,
        },
    )
    return row


def _live_membership(account_id: UUID) -> Membership:
    row = Membership.objects.select_related("account").filter(account_id=account_id, ended_at__isnull=True).first()
    if row is None:
        raise OwnerUnknown(_("This account does not work in your organisation."), pointer="/owner")
    return row
