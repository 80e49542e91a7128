"""Reading a long report at one moment while others write."""

import threading

import pytest
from django.db import connection, connections
from django.db.utils import InternalError

from identity.models import OrgUnit
from kernel.scope import ScopeInsideScope, frozen, scope
from tests.factories import identity
from tests.factories.tenants import tenant

pytestmark = pytest.mark.usefixtures("committed_db")


def test_what_is_committed_meanwhile_is_not_seen():
    """All reads inside see the first one's moment; afterwards the new row is there, and the writer never waited."""
    one = tenant()

    def write() -> None:
        with one.writing():
            identity.unit(one.organization)
        connections.close_all()

    with frozen(one.organization.id):
        before = OrgUnit.objects.count()
        writer = threading.Thread(target=write)
        writer.start()
        writer.join(timeout=15)
        assert not writer.is_alive()
        assert OrgUnit.objects.count() == before
    with one.reading():
        assert OrgUnit.objects.count() == before + 1


def test_other_organisations_are_not_seen():
    """The same filter as in a scope, and the same refusal of nesting."""
    one, other = tenant(), tenant()
    with other.writing():
        identity.unit(other.organization)
    with frozen(one.organization.id):
        assert OrgUnit.objects.count() == 0
        with pytest.raises(ScopeInsideScope), scope(other.organization.id):
            pass
    with pytest.raises(ScopeInsideScope), scope(one.organization.id), frozen(one.organization.id):
        pass


@pytest.mark.postgres
def test_nothing_can_be_written():
    """The transaction is read-only, so that a report changes nothing by mistake."""
    one = tenant()
    with pytest.raises(InternalError, match="read-only"), frozen(one.organization.id):
        identity.unit(one.organization)


def test_the_connection_is_as_before_after_a_failure():
    """An exception inside leaves no transaction open."""
    one = tenant()
    with pytest.raises(ZeroDivisionError), frozen(one.organization.id):
        OrgUnit.objects.count()
        raise ZeroDivisionError
    assert not connection.in_atomic_block
    with one.writing():
        identity.unit(one.organization)
