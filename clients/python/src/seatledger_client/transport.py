"""Requests to the server, by the standard library alone: JSON both ways, no redirects, a deadline."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from seatledger_client.errors import Rejected, Unreachable

LARGEST_ANSWER = 65_536
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Transport(Protocol):
    """Sends one JSON object and answers with another. Raises Unreachable and Rejected."""

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]: ...


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A licence key is sent to the address that the application named, and nowhere else."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class HttpTransport:
    """Raises ValueError for an address that is neither https nor on this machine."""

    def __init__(self, base_url: str, *, timeout: float) -> None:
        parts = urlsplit(base_url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise ValueError("a licence key travels over https only")
        self._base, self._timeout = base_url.rstrip("/"), timeout
        self._opener = urllib.request.build_opener(_NoRedirect)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310  # the scheme was checked above
            f"{self._base}{path}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            method="POST",
        )
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return _object(answer.read(LARGEST_ANSWER))
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code, error.read(LARGEST_ANSWER)) from error
        except OSError as error:
            raise Unreachable(f"{self._base} does not answer: {error}") from error


def _refusal(status: int, body: bytes) -> Rejected | Unreachable:
    """5xx and 429 are the server's trouble and pass; other 4xx and redirects are the application's."""
    if status >= 500 or status == 429:
        return Unreachable(f"The server cannot answer now (HTTP {status}).")
    try:
        problem = json.loads(body)
    except ValueError:
        problem = {}
    said = problem if isinstance(problem, dict) else {}
    return Rejected(status, str(said.get("code", "")), str(said.get("detail", f"HTTP {status}")))


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError as error:
        raise Unreachable("The server's answer is no JSON.") from error
    if not isinstance(value, dict):
        raise Unreachable("The server's answer is no JSON object.")
    return value
