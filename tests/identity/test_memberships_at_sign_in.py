"""The one read of memberships before an organisation is known."""

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.utils import DataError

from identity.models import Membership
from identity.queries import memberships_of
from kernel.scope import scope
from tests.factories import identity
from tests.factories.moments import NOW, days

pytestmark = pytest.mark.django_db


def _member_of(count, account, **columns):
    houses = [identity.organization() for _ in range(count)]
    for house in houses:
        with scope(house.id):
            identity.membership(house, account, **columns)
    return {house.id for house in houses}


def test_an_account_sees_its_own_memberships_in_all_organisations():
    """Sign-in lists where one account may work, and nobody else's rows."""
    account, other = identity.account(), identity.account()
    houses = _member_of(2, account)
    _member_of(1, other)
    found = memberships_of(account.id, at=NOW)
    assert {membership.organization_id for membership in found} == houses
    assert {membership.roles for membership in found} == {("viewer",)}


@pytest.mark.parametrize(
    ("columns", "seen"),
    [
        ({"started_at": NOW}, 1),
        ({"started_at": days(1)}, 0),
        ({"started_at": days(-2), "ended_at": NOW}, 0),
        ({"started_at": days(-2), "ended_at": days(1)}, 1),
    ],
)
def test_memberships_are_half_open(columns, seen):
    """A membership holds from its start up to, not at, its end."""
    account = identity.account()
    _member_of(1, account, **columns)
    assert len(memberships_of(account.id, at=NOW)) == seen


@pytest.mark.postgres
def test_the_read_leaves_no_door_open():
    """After the read the connection has neither the owner's setting nor an organisation, and sees no row."""
    account = identity.account()
    _member_of(1, account)
    memberships_of(account.id, at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('sl.migration', true), '')")
        assert cursor.fetchone() == ("",)
    with pytest.raises((DataError, ProgrammingError)), transaction.atomic():
        Membership.objects.unscoped(reason="a test tries the closed door").count()
