"""`manage.py doctor` and `manage.py rotate_keys`: what operators run, and what scripts read of them."""

import base64
import json
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import models

from audit.models import DataKey
from audit.queries import events
from config.doctor import Level, examine
from config.sealed_columns import COLUMNS
from identity.channels import send_secret_email
from identity.models import Organization, Purpose, SecondFactor
from identity.one_time_codes import secret_of
from identity.operations import NewInvitation, invite_member
from identity.operations.saml_connections import create_connection
from identity.operations.saml_keys import draw_sp_key, private_key_of
from identity.operations.saml_requests import begin_request, keep_answer, kept_answer
from identity.operations.token_keys import ensure_token_key
from identity.queries.token_keys import private_half
from jobs.models import OutboxMessage, OutboxState
from kernel.clock import SystemClock
from kernel.vault import version_of
from tests.architecture.source import APPS
from tests.factories import licensing
from tests.factories.second_factors import enrolled
from tests.factories.tenants import member, tenant

pytestmark = pytest.mark.django_db
OLD = "1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
NEW = f"{OLD},2:{base64.b64encode(bytes(range(32))).decode()}"
NOT_SEALED = {
    "audit.Opening.sealed_value": "under the key of a person, which the key of the organisation wraps",
}


def run(command: str, *given: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command(command, *given, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


def test_an_empty_database_is_told_how_to_begin():
    """The line to type for the platform and for the first organisation, and an exit code that stops a script."""
    said, code = run("doctor")
    assert code == 1
    assert said.count("manage.py create_organization") == 2


def test_a_healthy_house_passes():
    """Warnings are shown and stop nobody but with --strict."""
    tenant("platform")
    tenant()
    said, code = run("doctor")
    assert code == 0, said
    assert "Nothing must be mended." in said
    assert run("doctor", "--strict")[1] == 1


def test_scripts_read_json():
    """One object a line: level, sentence, cure."""
    lines = [json.loads(line) for line in run("doctor", "--json")[0].splitlines()]
    assert {frozenset(line) for line in lines} == {frozenset({"level", "says", "cure"})}


def findings(level: Level) -> str:
    return " ".join(found.says for found in examine() if found.level is level)


@pytest.mark.requirement("REQ-077")
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SESSION_COOKIE_SECURE", False, "SESSION_COOKIE_SECURE"),
        ("SECURE_SSL_REDIRECT", False, "SECURE_SSL_REDIRECT"),
        ("SECURE_HSTS_SECONDS", 0, "SECURE_HSTS_SECONDS"),
        ("SESSION_COOKIE_NAME", "session", "SESSION_COOKIE_NAME"),
        ("DEBUG", True, "Debug pages"),
    ],
)
def test_settings_that_do_without_tls_are_errors(settings, name, value, said):
    """With an https address each of them must hold; one that does not is named."""
    settings.HTTPS, settings.BASE_URL, settings.BEHIND_PROXY = True, "https://licences.example.com", True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS, settings.SESSION_COOKIE_NAME = 31536000, "__Host-session"
    assert "TLS alone" in findings(Level.OK)
    setattr(settings, name, value)
    assert said in findings(Level.ERROR)


def test_a_lost_key_is_found(settings):
    """A keyring that cannot open what is stored is an error that names the cure."""
    tenant("platform")
    settings.VAULT_KEYS = f"3:{base64.b64encode(bytes(32)).decode()}"
    said, code = run("doctor")
    assert code == 1
    assert "SEATLEDGER_VAULT_KEYS" in said


@pytest.mark.postgres
def test_rows_outside_their_month_and_missing_months_are_told(monkeypatch):
    """A row of a month that nobody made, after the first that was: a warning; a late one from before all: a note;
    months to come without a partition: a warning that names them."""
    one = tenant()
    now = SystemClock().now()
    before = findings(Level.WARNING)
    assert "licensing_usage_event_default" not in before
    with one.writing():
        license = licensing.license(licensing.license_type(licensing.product(one.organization)))
        licensing.usage_event(license, at=now - timedelta(days=300))
    assert "holds 1 late rows" in findings(Level.NOTE)
    with one.writing():
        licensing.usage_event(license, at=now + timedelta(days=300))
    assert "licensing_usage_event_default holds 1 rows" in findings(Level.WARNING)
    monkeypatch.setattr("config.partition_checks.MONTHS_AHEAD", 9)
    assert "licensing_usage_event has no partition for" in findings(Level.WARNING)


def test_every_sealed_column_is_known():
    """A column that holds sealed values and stands on no list would be unreadable once the old key is gone."""
    known = {column.name for column in COLUMNS}
    sealed = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in APPS
        for field in model._meta.local_fields
        if isinstance(field, models.BinaryField) and field.name.startswith(("sealed", "wrapped", "cipher", "answer"))
    }
    assert sealed - set(NOT_SEALED) | {column.name for column in COLUMNS if column.member} == known


@pytest.mark.requirement("REQ-077")
def test_keys_rotate_and_secrets_stay(settings):
    """All columns of all organisations come under the newest key, the ledger says so, and the old key may go."""
    house = tenant()
    account, _principal = member(house, "owner")
    with house.writing() as trail:
        app = enrolled(account, trail)
    settings.VAULT_KEYS = NEW
    assert run("rotate_keys", "--check")[1] == 1
    assert "Older keys may go" in run("rotate_keys")[0]
    assert run("rotate_keys", "--check") == ("0 secrets rest under an older key than 2.\n", 0)
    assert run("rotate_keys")[0].startswith("0 secrets")
    settings.VAULT_KEYS = NEW.split(",")[1]
    assert secret_of(SecondFactor.objects.get(account=account)) == app.secret
    with house.reading():
        assert version_of(bytes(DataKey.objects.get(person=None).wrapped)) == 2
        assert [event.kind for event in events()].count("vault.resealed") == 3


def test_secrets_of_single_sign_on_and_of_access_tokens_rotate_too(settings):
    """A connection's private key, what a provider said, and the key that signs access tokens open without the old key;
    a request that nobody answered yet keeps nothing and is passed over."""
    house = tenant()
    with house.writing() as trail:
        row = create_connection(name="Provider", trail=trail)
        key = row.keys.first() or draw_sp_key(connection=row, trail=trail)
        asked, _open = [
            begin_request(connection=row, purpose=Purpose.TEST, nonce="nonce", target="/", trail=trail)
            for _number in range(2)
        ]
        keep_answer(request=asked, answer={"claims": "kept"}, trail=trail)
        token_key, before = ensure_token_key(trail=trail), private_key_of(key)
    settings.VAULT_KEYS = NEW
    assert run("rotate_keys")[1] == 0
    settings.VAULT_KEYS = NEW.split(",")[1]
    with house.reading():
        key.refresh_from_db()
        asked.refresh_from_db()
        assert private_key_of(key) == before
        assert kept_answer(asked) == {"claims": "kept"}
    token_key.refresh_from_db()
    assert version_of(bytes(token_key.sealed_private)) == 2
    assert private_half(token_key).is_private


@pytest.mark.parametrize("given_up", [False, True])
def test_an_unsent_invitation_rotates_too(settings, given_up):
    """The link still works when the message leaves without the old key, also after it was given up once; what was sent
    is left as it is."""
    house = tenant()
    with house.writing() as trail:
        for email in ("sent@example.org", "waits@example.org"):
            invite_member(
                invitation=NewInvitation(email=email, roles=["viewer"], address="https://example.org/join/"),
                trail=trail,
            )
        sent, waits = OutboxMessage.objects.order_by("created_at", "id")
        OutboxMessage.objects.filter(id=sent.id).update(state=OutboxState.SENT, sent_at=sent.created_at)
        if given_up:
            OutboxMessage.objects.filter(id=waits.id).update(state=OutboxState.DEAD)
    settings.VAULT_KEYS = NEW
    said, code = run("rotate_keys")
    assert code == 0
    assert "All, those in unsent e-mails too, rest under key 2. Older keys may go." in said
    settings.VAULT_KEYS = NEW.split(",")[1]
    with house.reading():
        after = OutboxMessage.objects.in_bulk([sent.id, waits.id])
    assert after[sent.id].payload == sent.payload
    assert {**after[waits.id].payload, "sealed": ""} == {**waits.payload, "sealed": ""}
    send_secret_email(after[waits.id].payload)
    assert re.search(r"https://example.org/join/\S{43}", str(mail.outbox[0].body))


def test_what_is_sealed_meanwhile_is_not_passed_over(settings, monkeypatch):
    """A process that still has the old keyring only: the command says so, and does not say that older keys may go."""
    tenant()
    settings.VAULT_KEYS = NEW
    monkeypatch.setattr("config.management.commands.rotate_keys.rotate", lambda place: iter(()))
    said, code = run("rotate_keys")
    assert code == 1
    assert "sealed under an older key than 2 meanwhile" in said
    assert "may go" not in said


def test_an_interrupted_rotation_goes_on(settings):
    """What was done stays done; a secret that does not open stops the rest with the name of its column."""
    house = tenant()
    account, _principal = member(house, "owner")
    with house.writing() as trail:
        enrolled(account, trail)
    SecondFactor.objects.filter(account=account).update(sealed_secret=b"\x01\x00\x01" + bytes(40))
    settings.VAULT_KEYS = NEW
    with pytest.raises(CommandError, match=r"identity\.SecondFactor\.sealed_secret"):
        run("rotate_keys")
    SecondFactor.objects.filter(account=account).delete()
    assert run("rotate_keys")[1] == 0
    done: Any = run("rotate_keys", "--check")
    assert done[1] == 0


def test_looking_changes_nothing():
    """Neither command writes unless asked to."""
    tenant("platform")
    before = Organization.objects.count()
    run("doctor")
    run("rotate_keys", "--check")
    assert Organization.objects.count() == before
