"""Our keys are drawn once: each takes half a second, and these tests make many connections."""

from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from identity.operations import saml_keys


@lru_cache
def _key(**given: int) -> Any:
    return rsa.generate_private_key(**given)


@pytest.fixture(autouse=True)
def _one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saml_keys, "rsa", SimpleNamespace(generate_private_key=_key))
