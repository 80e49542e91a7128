"""The short way of validations: the same answers as with everything round it, and nothing of the pages' business."""

import io
from typing import Any
from unittest import mock

import orjson
import pytest
from django.db import connection
from django.test import Client

from config.client_calls import ClientCallHandler, routed
from tests.factories.tenants import tenant
from tests.licensing.vendors import Vendor, ask, vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def lumen() -> Vendor:
    tenant("platform", slug="platform")
    return vendor("lumen")


def called(body: bytes, *, method: str = "POST", **environ: str) -> tuple[int, dict[str, str], Any]:
    """Status, headers and document of the short way."""
    seen: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]], *_error: Any) -> Any:
        seen.update(status=int(status.split()[0]), headers=dict(headers))

    whole = {
        "REQUEST_METHOD": method,
        "PATH_INFO": "/api/v1/validate",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/json",
        "REMOTE_ADDR": "203.0.113.9",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        **environ,
    }
    # A request of its own begins and ends with a look at connections; this one shares the test's.
    with mock.patch.object(connection, "close_if_unusable_or_obsolete"):
        document = b"".join(ClientCallHandler()(whole, start))
    return seen["status"], seen["headers"], orjson.loads(document)


def test_both_ways_answer_alike(lumen: Vendor) -> None:
    """A valid key, one that nobody issued, a question that cannot be read and another method: the same status, code
    and kind of document."""
    _license, key = lumen.keyed("subscription")
    questions: list[tuple[str, dict[str, Any]]] = [(key, {}), ("no key", {}), (key, {"scope": {"planet": 1}})]
    for typed, members in questions:
        long = ask(typed, **members)
        body = orjson.dumps({"key": typed, "nonce": "bm9uY2U", **members})
        status, headers, short = called(body)
        assert (status, headers["Content-Type"]) == (long.status_code, long["Content-Type"])
        assert (short["code"], short.get("iss")) == (long.json()["code"], long.json().get("iss"))
    assert called(b"", method="GET")[0] == Client(HTTP_HOST="127.0.0.1").get("/api/v1/validate").status_code == 405


def test_it_is_named_and_hardened_as_every_answer(lumen: Vendor) -> None:
    """A request id that a proxy gave comes back, what is none is replaced; no browser guesses the type; no cookie."""
    body = orjson.dumps({"key": "x", "nonce": "bm9uY2U"})
    _status, headers, _document = called(body, HTTP_X_REQUEST_ID="from-the-proxy")
    assert (headers["X-Request-ID"], headers["X-Content-Type-Options"]) == ("from-the-proxy", "nosniff")
    _status, headers, _document = called(body, HTTP_X_REQUEST_ID="no id <b>")
    assert len(headers["X-Request-ID"]) == 36
    assert headers["Content-Length"].isdecimal()
    assert "Set-Cookie" not in headers


def test_nobody_elses_language_is_spoken(lumen: Vendor) -> None:
    """A thread that has just served a German page answers software in English."""
    Client(HTTP_HOST="127.0.0.1", HTTP_ACCEPT_LANGUAGE="de").get("/accounts/sign-in/")
    _status, _headers, document = called(b"[]")
    assert document["detail"].startswith(("The ", "A "))


def test_everything_else_goes_the_long_way() -> None:
    """By its exact address alone."""
    ways = routed(lambda _environ, _start: [b"pages"], lambda _environ, _start: [b"calls"])
    for path, way in (("/api/v1/validate", b"calls"), ("/api/v1/validate/", b"pages"), ("/", b"pages")):
        assert list(ways({"PATH_INFO": path}, None)) == [way]
