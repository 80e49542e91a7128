"""Change requests as the page of their licence tells them."""

from collections.abc import Sequence

from django.urls import reverse

from compliance.models import ChangeRequest, ChangeState
from compliance.queries import change_requests
from licensing.models import License
from licensing.ports import AskedChange


def changes_of(*, license: License) -> Sequence[AskedChange]:
    """Implements licensing.ports.ChangesOf."""
    return [_asked(row) for row in change_requests().filter(license=license)]


def _asked(row: ChangeRequest) -> AskedChange:
    return AskedChange(
        id=row.id,
        label=row.get_kind_display(),
        reason=row.reason,
        asked_by="" if row.requester is None else str(row.requester),
        asked_at=row.requested_at,
        due_at=row.due_at,
        is_open=row.state == ChangeState.OPEN,
        url=reverse("compliance:change", args=[row.id]),
    )
