"""Models: who owns a row, and which way keys point."""

import pytest
from django.apps import apps
from django.db import connection, models

from kernel.owned import OwnedModel
from tests.architecture.source import APPS

GLOBAL_MODELS: dict[str, str] = {
    "jobs.Heartbeat": "the scheduler's sign of life: one for the installation",
    "identity.Organization": "the owner itself",
    "identity.Account": "one person signs in to several organisations; memberships are owned",
}
"""Model → why its rows belong to no single organisation."""


def _ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in APPS]


def _keys() -> list[tuple[type[models.Model], "models.ForeignKey[object, object]"]]:
    return [
        (model, field)
        for model in _ours()
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey)
    ]


def test_every_row_has_an_owner():
    """A table without an organisation is on the list with its reason; all others fail closed outside a scope."""
    without = {model._meta.label for model in _ours() if not issubclass(model, OwnedModel)}
    assert without == set(GLOBAL_MODELS)


def test_owned_models_fail_closed_through_every_manager():
    """`base_manager_name` and the default manager both filter, so that save, refresh and keys see no foreign row."""
    open_doors = [
        model._meta.label
        for model in _ours()
        if issubclass(model, OwnedModel)
        for manager in (model._default_manager, model._base_manager)
        if not hasattr(manager, "unscoped")
    ]
    assert open_doors == []


def test_foreign_keys_point_down():
    """A key may point into its own app or one below: otherwise deleting below needs to know what stands above."""
    upwards = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model, field in _keys()
        if field.related_model._meta.app_label in APPS
        and APPS.index(field.related_model._meta.app_label) > APPS.index(model._meta.app_label)
    ]
    assert upwards == []


def test_audit_and_jobs_have_no_foreign_keys_out():
    """The ledger outlives what it describes, and an erasure is never blocked by an old job."""
    outside = [
        f"{model._meta.label}.{field.name}"
        for model, field in _keys()
        if model._meta.app_label in {"audit", "jobs"} and field.related_model._meta.app_label != model._meta.app_label
    ]
    assert outside == []


def test_every_constraint_and_index_is_named_by_us():
    """A violated constraint is recognised by its name; a generated name changes with the column."""
    unnamed = [f"{model._meta.label} unique_together" for model in _ours() if model._meta.unique_together]
    assert unnamed == []


@pytest.mark.postgres
@pytest.mark.django_db
def test_every_owned_table_is_fenced_in_the_database():
    """Row-level security is enabled and forced on every table with organization_id, whoever made it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE a.attname = 'organization_id' AND c.relnamespace = 'public'::regnamespace "
            "AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
        )
        assert cursor.fetchall() == []


@pytest.mark.postgres
@pytest.mark.django_db
def test_every_key_between_owned_rows_is_composite_in_the_database():
    """For each foreign key between owned models there is a validated key (organization_id, column): no path can store
    a reference into another organisation."""
    expected = {
        (model._meta.db_table, field.column)
        for model, field in _keys()
        if issubclass(model, OwnedModel) and issubclass(field.related_model, OwnedModel)
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k.conrelid::regclass::text, a.attname FROM pg_constraint k "
            "JOIN pg_attribute o ON o.attrelid = k.conrelid AND o.attnum = k.conkey[1] "
            "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[2] "
            "WHERE k.contype = 'f' AND cardinality(k.conkey) = 2 AND k.convalidated AND o.attname = 'organization_id'"
        )
        assert set(cursor.fetchall()) == expected
