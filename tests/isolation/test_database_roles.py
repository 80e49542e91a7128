"""The roles `backup` and `auditor`, signed in to PostgreSQL itself: what each reads, and that it does nothing else.

They are made by bin/postgresql-roles, with the passwords that it gives them.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from audit.operations import sign_checkpoint
from config.database_roles import (
    RELEASE_TABLE,
    RoleFacts,
    excess_of_app,
    excess_of_auditor,
    excess_of_backup,
    facts_of,
    grant_to_readers,
    shown,
)
from config.doctor import Level, examine
from kernel.clock import DatabaseClock
from kernel.database import as_owner
from kernel.vault import vault
from licensing.keyring import sealing_place
from licensing.models import SigningKey
from licensing.signing import Signer, signature_fits
from tests.architecture.source import ROOT, none
from tests.factories.tenants import Tenant, member, tenant
from tests.isolation.houses import House, house
from tests.isolation.layers import fences
from tests.plugins.databases import CommittedDatabase, drop_database, maintenance_cursor

pytestmark = pytest.mark.postgres
Session = psycopg.Connection[tuple[Any, ...]]
Houses = tuple[House, House]


@pytest.fixture(scope="module")
def houses(committed_db: CommittedDatabase) -> Houses:
    """A clone has the grants of the migrated database, but not those on the database itself."""
    with as_owner():
        grant_to_readers()
    return house(marked=False), house(marked=True)


@contextmanager
def signed_in(role: str, password: str) -> Iterator[Session]:
    where = connection.settings_dict
    with psycopg.connect(
        host=where["HOST"], port=where["PORT"] or 5432, dbname=where["NAME"], user=role, password=password
    ) as session:
        yield session


def takes_off_the_reminder(session: Session) -> None:
    """Read-only by default is a help and no fence: anybody may switch it off, and then the grants alone hold."""
    session.execute("SET default_transaction_read_only = off")
    session.commit()


@pytest.fixture
def auditor(houses: Houses) -> Iterator[Session]:
    with signed_in(settings.AUDITOR_ROLE, "auditor") as session:
        takes_off_the_reminder(session)
        yield session


@pytest.fixture
def backup(houses: Houses) -> Iterator[Session]:
    with signed_in(settings.BACKUP_ROLE, "backup") as session:
        takes_off_the_reminder(session)
        yield session


def refused(session: Session, statement: str, because: str = "permission denied") -> str:
    """What is wrong with an answer that should have been this refusal; "" where it is one."""
    try:
        with session.transaction(force_rollback=True):
            session.execute(statement)
    except psycopg.Error as error:
        return "" if because in str(error) else f"{statement}: {error}"
    return f"{statement}: done"


def choose(session: Session, organization_id: UUID) -> None:
    session.execute("SELECT set_config('sl.org', %s, true)", [str(organization_id)])


def tables() -> list[str]:
    return connection.introspection.table_names()


def writes(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1", [table])
        [column] = cursor.fetchone()
    return [
        f'INSERT INTO "{table}" DEFAULT VALUES',
        f'UPDATE "{table}" SET "{column}" = "{column}"',
        f'DELETE FROM "{table}"',
        f'TRUNCATE "{table}"',
        f'LOCK TABLE "{table}" IN ACCESS EXCLUSIVE MODE',
    ]


def test_the_auditor_reads_one_organisation_at_a_time(houses: Houses, auditor: Session) -> None:
    """On every fenced table the chosen organisation's rows are there, and no row of another one."""
    looking, hidden = (one.tenant.organization.id for one in houses)
    found = {}
    for table in fences():
        with auditor.transaction():
            choose(auditor, looking)
            found[table] = auditor.execute(
                f"SELECT count(*) > 0, bool_and(organization_id = %s), count(*) FILTER (WHERE organization_id = %s) "
                f'FROM "{table}"',
                [looking, hidden],
            ).fetchone()
    none({table: row for table, row in found.items() if row != (True, True, 0)})
    assert len(found) > 60


def test_the_auditor_who_chose_nothing_gets_an_error(auditor: Session) -> None:
    """Without an organisation no fenced table answers, not even with nothing; what was chosen ends with the
    transaction."""
    none(filter(None, (refused(auditor, f'SELECT count(*) FROM "{table}"', "sl.org") for table in fences())))
    with auditor.transaction():
        choose(auditor, UUID(int=1))
        assert auditor.execute("SELECT count(*) FROM identity_person").fetchone() == (0,)
    assert refused(auditor, "SELECT count(*) FROM identity_person", "uuid") == ""


def test_the_auditor_sees_no_secret(houses: Houses, auditor: Session) -> None:
    """Each sealed value, password hash and digest of a credential is refused by column, and so is every table that
    belongs to no organisation: accounts, sessions, credentials."""
    choose(auditor, houses[0].tenant.organization.id)
    facts = facts_of(settings.BACKUP_ROLE)
    assert facts is not None
    hidden = facts.reads - shown()
    none(filter(None, (refused(auditor, f'SELECT "{column}" FROM "{table}"') for table, column in sorted(hidden))))
    assert {
        ("identity_account", "password"),
        ("identity_secondfactor", "sealed_secret"),
        ("identity_scimtoken", "digest"),
        ("identity_apiclient", "client_secret"),
        ("licensing_license_key", "digest"),
        ("audit_data_key", "wrapped"),
        ("jobs_outbox_message", "payload"),
        ("django_session", "session_data"),
    } <= hidden


def test_the_auditor_writes_nothing(houses: Houses, auditor: Session) -> None:
    """No verb changes any table, whatever the session sets for itself."""
    choose(auditor, houses[0].tenant.organization.id)
    none(filter(None, (refused(auditor, statement) for table in tables() for statement in writes(table))))
    with signed_in(settings.AUDITOR_ROLE, "auditor") as session:
        assert refused(session, "CREATE TABLE mine (id int)", "read-only transaction") == ""


@pytest.mark.parametrize(
    ("statement", "because"),
    [
        ("SET ROLE {app}", "permission denied to set role"),
        ("SET ROLE {owner}", "permission denied to set role"),
        ("SET ROLE {backup}", "permission denied to set role"),
        ("SET SESSION AUTHORIZATION {owner}", "permission denied to set session authorization"),
        ("GRANT {app} TO {auditor}", "must have admin option"),
        ("ALTER ROLE {auditor} BYPASSRLS", "must be superuser"),
        ("GRANT SELECT ON identity_account TO {auditor}", "permission denied"),
        ("ALTER TABLE identity_person DISABLE ROW LEVEL SECURITY", "must be owner"),
        ("ALTER POLICY auditor ON identity_person USING (true)", "must be owner"),
        ("CREATE TABLE mine (id int)", "permission denied for schema"),
        ("CREATE TEMPORARY TABLE mine (id int)", "permission denied to create temporary tables"),
        ("CREATE FUNCTION pg_temp.leak(text) RETURNS bool LANGUAGE sql AS 'SELECT true'", "permission denied"),
        ("COPY identity_person (id) TO PROGRAM 'cat'", "external program"),
        ("SELECT pg_read_file('/etc/hostname')", "permission denied for function"),
        ("SELECT rolpassword FROM pg_authid", "permission denied"),
        ("SELECT * FROM identity_memberships_of('00000000-0000-0000-0000-000000000001', now())", "permission denied"),
        ("SET LOCAL row_security = off; SELECT count(*) FROM identity_person", "row-level security"),
    ],
)
def test_the_auditor_does_not_escape(auditor: Session, statement: str, because: str) -> None:
    """Neither another role, nor a right of its own making, nor a file, nor a function of the owner is within reach."""
    roles = {
        "app": settings.APP_ROLE,
        "owner": settings.OWNER_ROLE,
        "backup": settings.BACKUP_ROLE,
        "auditor": settings.AUDITOR_ROLE,
    }
    assert refused(auditor, statement.format(**roles), because) == ""


def test_the_owner_s_switch_opens_nothing_to_the_auditor(houses: Houses, auditor: Session) -> None:
    """`sl.migration=on` opens the owner's policy, which is not the auditor's."""
    with auditor.transaction():
        choose(auditor, houses[0].tenant.organization.id)
        auditor.execute("SELECT set_config('sl.migration', 'on', true)")
        assert auditor.execute("SELECT count(DISTINCT organization_id) FROM identity_person").fetchone() == (1,)


def test_the_backup_reads_everything_and_writes_nothing(houses: Houses, backup: Session) -> None:
    """Every row of every table, of both houses, whatever the policies say; no verb changes any."""
    with as_owner(), connection.cursor() as cursor:
        counted = {}
        for table in tables():
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counted[table] = cursor.fetchone()
    assert {table: backup.execute(f'SELECT count(*) FROM "{table}"').fetchone() for table in counted} == counted
    assert backup.execute("SELECT count(DISTINCT organization_id) >= 2 FROM identity_person").fetchone() == (True,)
    backup.commit()
    none(filter(None, (refused(backup, statement) for table in tables() for statement in writes(table))))
    assert refused(backup, f"SET ROLE {settings.OWNER_ROLE}", "permission denied to set role") == ""
    assert refused(backup, "CREATE TABLE mine (id int)", "permission denied for schema") == ""


def _program(*command: str, password: str) -> None:
    where = connection.settings_dict
    address = ["--host", str(where["HOST"]), "--port", str(where["PORT"] or 5432)]
    done = subprocess.run(
        [command[0], *address, "--no-password", *command[1:]],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "PGPASSWORD": password, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def restored(dump: Path) -> Iterator[None]:
    """Points the default connection at a database that the owner restored from the dump, and back."""
    before = str(connection.settings_dict["NAME"])
    name = f"{before}_restored"
    with maintenance_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        owner = ["--username", settings.OWNER_ROLE, "--dbname", name]
        _program("pg_restore", *owner, "--exit-on-error", str(dump), password=settings.OWNER_PASSWORD)
        connection.close()
        connection.settings_dict["NAME"] = name
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        with maintenance_cursor() as cursor:
            drop_database(cursor, name)


def _verified(*organizations: Tenant) -> str:
    said = StringIO()
    for one in organizations:
        call_command("audit_verify", "--organization", one.organization.slug, stdout=said)
    return said.getvalue()


def _rows_by_table() -> dict[str, Any]:
    with as_owner(), connection.cursor() as cursor:
        found = {}
        for table in tables():
            cursor.execute(f'SELECT count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t')
            found[table] = cursor.fetchone()
        return found


@pytest.mark.requirement("REQ-223")
def test_a_dump_of_the_backup_role_is_the_whole_database(houses: Houses, tmp_path: Path) -> None:
    """pg_dump as `backup`, restored elsewhere by the owner: the same rows in every table, ledgers that verify with the
    same head, keys that sign, fences that stand, and an auditor who reads the restored copy."""
    organizations = tenant(), tenant("vendor")
    for one in organizations:
        member(one, "viewer")
        with one.reading():
            sign_checkpoint(organization_id=one.organization.id, clock=DatabaseClock())
    before, ledgers = _rows_by_table(), _verified(*organizations)
    dump = tmp_path / "dump"
    backup = ["--username", settings.BACKUP_ROLE, "--dbname", str(connection.settings_dict["NAME"])]
    _program("pg_dump", *backup, "--format", "custom", "--file", str(dump), password="backup")
    with restored(dump):
        assert _verified(*organizations) == ledgers
        assert "hold" in ledgers
        assert _rows_by_table() == before
        assert "tables are fenced" in findings(Level.OK)
        assert _signs(organizations[0])
        with signed_in(settings.AUDITOR_ROLE, "auditor") as session:
            choose(session, organizations[0].organization.id)
            assert session.execute("SELECT max(sequence) FROM audit_event").fetchone() != (None,)
            assert session.execute("SELECT count(DISTINCT organization_id) FROM audit_event").fetchone() == (1,)


def _signs(one: Tenant) -> bool:
    """Whether the key of the organisation opens and signs what its public half verifies; past the opened keys that a
    process remembers."""
    with one.reading():
        row = SigningKey.objects.get()
    signer = Signer(vault().decrypt(bytes(row.sealed_private), aad=sealing_place(row.organization_id, row.id)))
    return signature_fits(message=b"restored", signature=signer.signature_of(b"restored"), public=bytes(row.public))


def findings(level: Level) -> str:
    return " ".join(found.says for found in examine() if found.level is level)


def owner_does(*statements: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_the_doctor_names_a_role_with_too_much(houses: Houses) -> None:
    """Rights that somebody added are errors by name, and the next `migrate` takes them away; rights that are missing
    for a backup are warnings."""
    auditor, backup = settings.AUDITOR_ROLE, settings.BACKUP_ROLE
    said = findings(Level.ERROR)
    assert auditor not in said
    assert backup not in said
    owner_does(
        f"GRANT UPDATE (title) ON identity_person TO {auditor}",
        f"GRANT SELECT ON identity_spkey, identity_account TO {auditor}",
        f"GRANT DELETE ON audit_event TO {backup}",
        f"REVOKE SELECT ON licensing_license FROM {backup}",
    )
    said = findings(Level.ERROR)
    assert f"{auditor} may write to identity_person" in said
    assert f"{auditor} reads identity_account." in said
    assert f"{backup} may write to audit_event" in said
    assert f"{backup} cannot read licensing_license" in findings(Level.WARNING)
    with as_owner():
        grant_to_readers()
    assert f"No right beyond their task: {settings.APP_ROLE}, {backup}, {auditor}" in findings(Level.OK)


def test_a_table_without_its_fence_is_closed_to_the_auditor(houses: Houses) -> None:
    """Where a migration was taken back and the policies went with it, the next `migrate` closes the table; doctor tells
    of the missing fence."""
    owner_does("ALTER TABLE licensing_publisher NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")
    try:
        with as_owner():
            grant_to_readers()
        with signed_in(settings.AUDITOR_ROLE, "auditor") as session:
            choose(session, houses[0].tenant.organization.id)
            assert refused(session, "SELECT name FROM licensing_publisher") == ""
        assert "No fence round licensing_publisher" in findings(Level.ERROR)
    finally:
        owner_does("ALTER TABLE licensing_publisher ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        with as_owner():
            grant_to_readers()


@pytest.mark.parametrize("variable", ["SEATLEDGER_BACKUP_ROLE", "SEATLEDGER_AUDITOR_ROLE"])
def test_one_name_is_not_two_roles(child_environment: dict[str, str], variable: str) -> None:
    """The start refuses a name that serves requests as well, with a sentence that names the variable."""
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        env={**child_environment, variable: settings.APP_ROLE},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert variable in done.stderr


def test_a_role_that_the_server_lacks_is_passed_over(houses: Houses, settings: Any) -> None:
    """An installation without an auditor migrates as before, and doctor says so without calling it wrong."""
    settings.AUDITOR_ROLE = "nobody_audits_here"
    with as_owner():
        grant_to_readers()
    assert "no role nobody_audits_here" in findings(Level.NOTE)


PLAIN = RoleFacts(
    "somebody", False, False, False, member_of=(), owns=(), writes=(), reads=frozenset({(RELEASE_TABLE, "name")})
)
EXCESS = [
    ({"superuser": True, "above_policies": True, "owns": ("a",)}, "is a superuser"),
    ({"administers": True}, "may make roles or databases, or replicate"),
    ({"member_of": ("pg_read_server_files",)}, "is a member of pg_read_server_files"),
    ({"owns": ("a", "b", "c", "d", "e")}, "owns a, b, c and 2 more"),
]


@pytest.mark.parametrize("judge", [excess_of_app, excess_of_backup, excess_of_auditor])
@pytest.mark.parametrize(("more", "said"), EXCESS)
def test_what_no_role_may_have(judge: Any, more: dict[str, Any], said: str) -> None:
    """Superuser, administration, membership of another role, and ownership are too much for each of the three."""
    assert judge(RoleFacts(**{**vars(PLAIN), **more})) == [said]


def test_what_tells_the_roles_apart() -> None:
    """The backup alone stands above policies, the app alone writes, and the auditor reads what is listed alone."""
    above, writing, seeing = (
        RoleFacts(**{**vars(PLAIN), **more})
        for more in (
            {"above_policies": True},
            {"writes": ("seats_assignment",)},
            {"reads": frozenset({("identity_account", "password")})},
        )
    )
    judges = excess_of_app, excess_of_backup, excess_of_auditor
    assert [judge(PLAIN) for judge in judges] == [[], [], []]
    assert [bool(judge(above)) for judge in judges] == [True, False, True]
    assert [bool(judge(writing)) for judge in judges] == [False, True, True]
    assert [bool(judge(seeing)) for judge in judges] == [False, False, True]
