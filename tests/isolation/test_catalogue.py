"""What the migrations promised stands in PostgreSQL's own catalogue: fences, composite keys, roles."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models

from kernel.owned import OwnedRow
from tests.architecture.source import APPS, none

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
UPWARDS = {
    ("identity_membership", "party_id", "licensing_party"),
    ("identity_invitation", "party_id", "licensing_party"),
}
"""Composite keys of the database alone: for Django these columns are plain ids of rows that stand above."""


def _rows(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def _owned_models():
    return [model for model in apps.get_models() if model._meta.app_label in APPS and issubclass(model, OwnedRow)]


def _owned_tables():
    return {model._meta.db_table for model in _owned_models()}


def test_every_owned_table_is_fenced():
    """Row-level security is enabled and forced on every table with organization_id, whoever made it, and on every
    table of an owned model; two are read before the organisation is known: identity.CredentialRoute by a credential,
    identity.AccountSession by a cookie."""
    found = _rows(
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
    )
    assert {table for table, fenced in found if fenced} == _owned_tables()
    assert {table for table, fenced in found if not fenced} == {
        "identity_accountsession",
        "identity_credentialroute",
    }


def test_a_partition_is_reached_through_its_parent_alone():
    """Fenced without a policy: by its own name a partition shows nothing, whichever organisation is open. There is one
    for this month, for each of the three to come, and one for what no month takes."""
    found = _rows(
        "SELECT p.relname, c.relname, c.relrowsecurity AND c.relforcerowsecurity, "
        "EXISTS (SELECT FROM pg_policy o WHERE o.polrelid = c.oid) "
        "FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent "
        "WHERE p.relkind = 'p' AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
    )
    none(part for _parent, part, fenced, policy in found if not fenced or policy)
    for parent in {parent for parent, *_rest in found}:
        assert len([part for one, part, *_rest in found if one == parent]) >= 5
    assert {parent for parent, *_rest in found} == {
        "licensing_usage_event",
        "licensing_validation_event",
        "seats_lease_denial",
    }


def test_each_fence_has_one_policy_for_each_role():
    """The app passes by its organisation alone, the auditor too and reading alone, the owner while migrating alone; all
    fail loudly without a setting."""
    found = _rows(
        "SELECT tablename, policyname, roles::text[], cmd, qual FROM pg_policies "
        "WHERE schemaname = 'public' AND permissive = 'PERMISSIVE'"
    )
    app = ("tenant", [settings.APP_ROLE], "ALL", "(organization_id = (current_setting('sl.org'::text))::uuid)")
    owner = ("owner", [settings.OWNER_ROLE], "ALL", "(current_setting('sl.migration'::text))::boolean")
    auditor = ("auditor", [settings.AUDITOR_ROLE], "SELECT", app[3])
    assert sorted(found) == sorted((table, *policy) for table in _owned_tables() for policy in (app, owner, auditor))


def test_what_narrows_a_fence_is_by_partner_alone():
    """A policy beside these only takes rows away, from the app alone and for every verb: it asks which partners the
    scope names, and lets nothing through where none are named."""
    found = _rows(
        "SELECT policyname, roles::text[], cmd, qual FROM pg_policies "
        "WHERE schemaname = 'public' AND permissive = 'RESTRICTIVE'"
    )
    assert {(name, tuple(roles), verb) for name, roles, verb, _qual in found} == {
        ("party", (settings.APP_ROLE,), "ALL")
    }
    none(qual for *_rest, qual in found if "current_setting('sl.parties'::text) = 'all'::text" not in qual)


def test_every_key_between_owned_rows_is_composite():
    """For each foreign key between owned models there is one validated key (organization_id, column), checked at once,
    to the same table, and no other: no path can store a reference into another organisation."""
    expected = {
        (model._meta.db_table, field.column, field.related_model._meta.db_table)
        for model in _owned_models()
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and issubclass(field.related_model, OwnedRow)
    }
    found = _rows(
        "SELECT k.conrelid::regclass::text, a.attname, k.confrelid::regclass::text FROM pg_constraint k "
        "JOIN pg_attribute o ON o.attrelid = k.conrelid AND o.attnum = k.conkey[1] "
        "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[2] "
        "JOIN pg_attribute p ON p.attrelid = k.confrelid AND p.attnum = k.confkey[1] "
        "JOIN pg_attribute q ON q.attrelid = k.confrelid AND q.attnum = k.confkey[2] "
        "WHERE k.contype = 'f' AND cardinality(k.conkey) = 2 AND k.convalidated AND NOT k.condeferrable "
        "AND o.attname = 'organization_id' AND p.attname = 'organization_id' AND q.attname = 'id'"
    )
    assert len(found) == len(set(found))
    assert set(found) == expected | UPWARDS


def test_the_role_that_serves_requests_is_bound():
    """It is neither superuser nor above policies, owns no table, and belongs to no role that does."""
    assert _rows(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    ) == [(settings.APP_ROLE, False, False, False, False)]
    none(_rows("SELECT tablename FROM pg_tables WHERE tableowner = current_user"))
    none(_rows("SELECT 1 FROM pg_roles WHERE rolname <> current_user AND pg_has_role(oid, 'MEMBER')"))


def test_the_ledger_grows_only():
    """On append-only tables, and on the list of migrations, the app cannot change or remove a row."""
    granted = _rows(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
        "WHERE grantee = current_user AND privilege_type NOT IN ('SELECT', 'INSERT')"
    )
    changeable = {table for table, _ in granted}
    assert {privilege for _, privilege in granted} == {"UPDATE", "DELETE"}
    only_grow = {*settings.APPEND_ONLY_TABLES, *settings.TELEMETRY_TABLES}
    none(changeable & {*only_grow, "django_migrations"})
    assert _owned_tables() - changeable == only_grow


def test_functions_of_the_owner_are_named_here():
    """What runs with the owner's rights is a door through the fence: each is known, with a fixed search path, and
    closed to everybody but the app."""
    found = _rows(
        "SELECT p.proname, p.proconfig, has_function_privilege('public', p.oid, 'EXECUTE') FROM pg_proc p "
        "WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace ORDER BY p.proname"
    )
    fixed = ["search_path=pg_catalog, pg_temp"]
    assert found == [
        ("identity_memberships_of", fixed, False),
        ("identity_works_elsewhere", fixed, False),
        ("licensing_drop_partitions", [*fixed, "lock_timeout=2s"], False),
        ("licensing_ensure_partitions", fixed, False),
    ]
