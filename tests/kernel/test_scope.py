"""Tenant rows are reachable in a scope or a trail, and nowhere else."""

import threading
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from audit.operations import trail
from identity.models import Person
from kernel.principal import system
from kernel.scope import NoScope, ScopeInsideScope, current, is_open, scope
from tests.factories import identity
from tests.factories.tenants import tenant


def test_importing_and_building_a_query_needs_no_scope() -> None:
    """A queryset can be made anywhere, so that forms and admin classes import without a request."""
    assert Person.objects.filter(active=True) is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "read",
    [
        lambda: list(Person.objects.all()),
        lambda: Person.objects.count(),
        lambda: Person.objects.exists(),
        lambda: Person.objects.update(title="x"),
        lambda: Person.objects.in_bulk([uuid4()]),
        lambda: list(Person.objects.exclude(active=True)),
        lambda: list(Person.objects.all().union(Person.objects.all())),
    ],
)
def test_every_way_to_read_fails_outside_a_scope(read: object) -> None:
    """Without a scope a query raises instead of answering with everybody's rows or with none."""
    with pytest.raises(NoScope):
        read()  # type: ignore[operator]


@pytest.mark.django_db
@pytest.mark.requirement("REQ-211")
def test_a_scope_sees_its_own_rows_only() -> None:
    """Inside one organisation's scope another one's person does not exist, neither in lists nor by id."""
    ours, theirs = tenant(), tenant()
    with ours.writing():
        identity.person(ours.organization, user_name="ours")
    with theirs.writing():
        foreign = identity.person(theirs.organization, user_name="theirs")
    with ours.reading():
        assert [row.user_name for row in Person.objects.all()] == ["ours"]
        assert not Person.objects.filter(id=foreign.id).exists()
        with pytest.raises(Person.DoesNotExist):
            foreign.refresh_from_db()


@pytest.mark.django_db
def test_scopes_and_trails_do_not_nest() -> None:
    """One request works in one organisation: opening a second scope or a trail inside raises."""
    one = tenant()
    with one.reading():
        with pytest.raises(ScopeInsideScope), scope(one.organization.id):
            pass
        with (
            pytest.raises(ScopeInsideScope),
            trail(organization_id=one.organization.id, actor=system(one.organization.id, "test")),
        ):
            pass
    assert not is_open()


@pytest.mark.django_db
def test_a_thread_sees_no_scope() -> None:
    """A scope belongs to the context that opened it; a new thread starts without one."""
    one = tenant()
    seen: list[bool] = []
    with one.reading():
        worker = threading.Thread(target=lambda: seen.append(is_open()))
        worker.start()
        worker.join()
        assert current() == one.organization.id
    assert seen == [False]


@pytest.mark.django_db
@pytest.mark.postgres
def test_the_database_refuses_rows_without_a_setting() -> None:
    """Raw SQL outside a scope raises on PostgreSQL: the policy's cast fails loudly."""
    with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute("SELECT count(*) FROM identity_person")


@pytest.mark.django_db
@pytest.mark.postgres
@pytest.mark.requirement("REQ-211")
def test_the_database_hides_and_refuses_foreign_rows() -> None:
    """Raw SQL in a scope neither reads nor writes another organisation's rows: the policy holds below the manager."""
    ours, theirs = tenant(), tenant()
    with theirs.writing():
        identity.person(theirs.organization)
    with ours.reading(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM identity_person")
        assert cursor.fetchone() == (0,)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute("UPDATE identity_membership SET organization_id = %s", [theirs.organization.id])
            identity.person(theirs.organization)


@pytest.mark.django_db
@pytest.mark.postgres
def test_a_foreign_reference_cannot_be_stored() -> None:
    """The composite key refuses a manager of another organisation, although the plain key would accept the id."""
    ours, theirs = tenant(), tenant()
    with theirs.writing():
        foreign = identity.person(theirs.organization)
    with ours.writing() as opened:
        mine = identity.person(ours.organization)
        with pytest.raises(DatabaseError, match="_org_fk"), transaction.atomic():
            Person.objects.filter(id=mine.id).update(manager_id=foreign.id)
        opened.abandon()
