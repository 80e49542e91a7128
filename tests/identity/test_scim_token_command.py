"""`manage.py scim_token`."""

import pytest
from django.core.management import CommandError, call_command

from identity.models import ScimToken
from tests.factories.tenants import Tenant, tenant
from tests.identity.scim.service import Service

pytestmark = pytest.mark.django_db


def printed(capsys, *arguments: str) -> str:
    """The last line."""
    call_command("scim_token", *arguments)
    return str(capsys.readouterr().out.rstrip("\n").split("\n")[-1])


@pytest.fixture
def one() -> Tenant:
    return tenant(slug="halden")


def test_the_token_alone_on_the_last_line(one: Tenant, capsys):
    """It works, and lives as long as was asked."""
    token = printed(capsys, "--organization", "halden", "--name", "Entra ID", "--days", "30")
    assert Service(one, token).get("Users").status_code == 200
    with one.reading():
        row = ScimToken.objects.get()
    assert (row.expires_at - row.created_at).days == 30


def test_rotation(one: Tenant, capsys):
    """The successor works beside the old token, or without an overlap in its place."""
    first = printed(capsys, "--organization", "halden", "--name", "Entra ID")
    second = printed(capsys, "--organization", "halden", "--rotate", "Entra ID")
    assert Service(one, first).get("Users").status_code == Service(one, second).get("Users").status_code == 200
    third = printed(capsys, "--organization", "halden", "--rotate", "Entra ID", "--overlap", "0")
    assert Service(one, second).get("Users").status_code == 401
    assert Service(one, third).get("Users").status_code == 200


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--organization", "nobody", "--name", "x"], "ORGANIZATION_UNKNOWN"),
        (["--organization", "halden"], "Give --name"),
        (["--organization", "halden", "--name", "x", "--rotate", "y"], "Give --name"),
        (["--organization", "halden", "--rotate", "y"], "PROVISIONING_TOKEN_NOT_FOUND"),
        (["--organization", "halden", "--name", "x", "--days", "0"], "PROVISIONING_TOKEN_INVALID"),
    ],
)
def test_mistakes(one: Tenant, arguments: list[str], words: str):
    """A sentence or a code, and no token."""
    with pytest.raises(CommandError, match=words):
        call_command("scim_token", *arguments)
    with one.reading():
        assert not ScimToken.objects.exists()
