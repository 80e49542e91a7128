"""Questions to the live GraphQL view, and houses with a row of every type to ask about."""

import json
from typing import Any

from django.test import Client

NOBODY = "01900000-0000-7000-8000-000000000000"


def ask(browser: Client, query: str, **variables: Any) -> dict[str, Any]:
    """The body of the answer."""
    answer: dict[str, Any] = response(browser, query, **variables).json()
    return answer


def response(browser: Client, query: str, **variables: Any) -> Any:
    body = json.dumps({"query": query, "variables": variables})
    return browser.post("/graphql/", body, content_type="application/json")


def data(browser: Client, query: str, **variables: Any) -> dict[str, Any]:
    """The data of an answer without errors."""
    body = ask(browser, query, **variables)
    assert "errors" not in body, body["errors"]
    found: dict[str, Any] = body["data"]
    return found


def codes(body: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in body.get("errors", ())]
