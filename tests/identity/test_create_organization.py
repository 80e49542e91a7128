"""`manage.py create_organization`: what is refused whatever the password is, is refused before one is asked for."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from identity.management import asking
from identity.models import Account, Organization
from tests.factories.tenants import PASSWORD, member, tenant

pytestmark = pytest.mark.django_db


def create(monkeypatch: pytest.MonkeyPatch, password: str = PASSWORD, **changes: Any) -> list[str]:
    """Calls the command and returns the prompts that were shown."""
    asked: list[str] = []

    def given_password(prompt: str) -> str:
        asked.append(prompt)
        return password

    monkeypatch.setattr(asking, "password", given_password)
    given = {"slug": "halden", "name": "Halden Energy", "owner": "maja@halden.example", **changes}
    try:
        call_command("create_organization", **given)
    except CommandError as error:
        return [*asked, str(error)]
    return asked


def test_an_organisation_and_its_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    """One question, and the owner may sign in."""
    assert create(monkeypatch) == ["Password of the owner: "]
    assert Account.objects.get(email="maja@halden.example").check_password(PASSWORD)
    assert Organization.objects.get().slug == "halden"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"slug": "halden energy"}, "ORGANIZATION_SLUG_INVALID"),
        ({"slug": ""}, "ORGANIZATION_SLUG_INVALID"),
        ({"slug": "h" * 51}, "ORGANIZATION_SLUG_INVALID"),
        ({"slug": "there"}, "ORGANIZATION_SLUG_TAKEN"),
        ({"kind": "platform"}, "ORGANIZATION_PLATFORM_EXISTS"),
        ({"time_zone": "Europe/Halden"}, "TIME_ZONE_UNKNOWN"),
        ({"owner": "KIM@there.example"}, "ACCOUNT_ADDRESS_TAKEN"),
    ],
)
def test_refused_before_a_password_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], code: str
) -> None:
    """The code says why, no prompt was shown, and nothing is left behind."""
    member(tenant("platform", slug="there"), "owner", email="kim@there.example")
    [said] = create(monkeypatch, **changes)
    assert said.startswith(f"{code}: ")
    assert (Organization.objects.count(), Account.objects.count()) == (1, 1)


def test_a_weak_password_is_refused_after_it_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same call with a better one completes what it began."""
    asked, said = create(monkeypatch, "short")
    assert (asked, said.partition(":")[0]) == ("Password of the owner: ", "PASSWORD_TOO_WEAK")
    assert create(monkeypatch) == ["Password of the owner: "]
    assert Account.objects.count() == 1
