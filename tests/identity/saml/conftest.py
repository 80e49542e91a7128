"""Our keys are drawn once: each takes half a second, and these tests make many connections."""

from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache

from identity.operations import saml_keys
from identity.operations.saml_accounts import confirm_link
from tests.factories.tenants import member, tenant
from tests.identity.saml.attacking import ATTACKER, VICTIM
from tests.identity.saml.forge import Trial, connected, trial


@lru_cache
def _key(**given: int) -> Any:
    return rsa.generate_private_key(**given)


@pytest.fixture(autouse=True)
def _one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saml_keys, "rsa", SimpleNamespace(generate_private_key=_key))


@pytest.fixture
def attempt() -> Trial:
    """A browser that asked to sign in, where the provider knows an attacker and an owner."""
    cache.clear()
    one = tenant()
    connection = connected(one)
    for name, role in ((VICTIM, "owner"), (ATTACKER, "viewer")):
        account, _principal = member(one, role)
        with one.writing() as trail:
            confirm_link(connection=connection, name_id=name, account=account, trail=trail)
    return trial(one, connection)
