"""The REST interface is a contract: docs/openapi.json is kept (test_documented compares it), valid and complete."""

import json
from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from tests.architecture.documented import openapi_document


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(openapi_document())
    return parsed


def test_the_document_is_valid_openapi_and_nothing_in_it_was_guessed() -> None:
    """The document follows OpenAPI 3, and the generator had no warning and no error."""
    GENERATOR_STATS.reset()
    validate_schema(json.loads(openapi_document()))
    assert not GENERATOR_STATS


@pytest.mark.parametrize("path", ["/api/v1/pools/{id}/assign/", "/api/v1/entitlements/", "/api/v1/audit/events/"])
def test_resources_others_rely_on_are_documented(document: dict[str, Any], path: str) -> None:
    """Addresses that are a contract stand in the document."""
    assert path in document["paths"]
