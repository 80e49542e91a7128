"""Who takes care of a violation: somebody who works here, and nobody else."""

from uuid import uuid4

import pytest

from compliance.models import Violation
from compliance.operations.violations import OwnerUnknown, assign_owner
from identity.models import Membership
from kernel.clock import DatabaseClock
from tests.factories import compliance
from tests.factories.tenants import member, tenant

pytestmark = pytest.mark.django_db


def test_who_takes_care_works_here():
    """A member does. Nobody, somebody who left and a member of another organisation are refused, although others work
    here, and the violation keeps whom it had."""
    one, other = tenant(), tenant()
    account, _principal = member(one, "it_admin")
    (gone, _former), (stranger, _elsewhere) = member(one, "viewer"), member(other, "it_admin")
    with one.writing() as trail:
        row = compliance.violation(one.organization)
        Membership.objects.filter(account=gone).update(ended_at=DatabaseClock().now())
        assign_owner(violation_id=row.id, account_id=account.id, due_at=None, trail=trail)
    for unknown in (uuid4(), gone.id, stranger.id):
        with pytest.raises(OwnerUnknown), one.writing() as trail:
            assign_owner(violation_id=row.id, account_id=unknown, due_at=None, trail=trail)
    with one.reading():
        assert Violation.objects.get(id=row.id).owner_id == account.id
