"""Counts the questions that a page asks of the database, and not how transactions and scopes are kept."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

FRAME = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "SELECT SET_CONFIG", "SELECT CLOCK_TIMESTAMP")


def queries_of(browser: Client, url: str, **data: Any) -> int:
    """How many statements a GET needs; fails unless the page answers 200."""
    browser.get(url, data)  # caches of templates and of the session are warm, as for the second visitor
    with CaptureQueriesContext(connection) as seen:
        answer = browser.get(url, data)
    assert answer.status_code == 200
    return sum(1 for query in seen.captured_queries if not query["sql"].upper().startswith(FRAME))
