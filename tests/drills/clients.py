"""A client that believes an acknowledgement only when it is on its own disk."""

import json
import os
import threading
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple, Self

import httpx

PAUSE = 0.05
DRAWN = "d" * 32


class Acknowledged(NamedTuple):
    """What the server promised: this row exists, and this ledger entry speaks of it."""

    row: str
    sequence: int


class Journal:
    """One line per acknowledged write, on disk before the next request leaves."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, one: Acknowledged) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(one) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> list[Acknowledged]:
        return [Acknowledged(*json.loads(line)) for line in self.path.read_text(encoding="utf-8").splitlines()]


class Writer(threading.Thread):
    """Adds people over HTTP, one after the other, at the servers in turn, until told to stop. A request that fails, as
    they do while servers are down, promised nothing; the next one is for somebody else."""

    def __init__(self, addresses: Sequence[str], *, email: str, password: str, journal: Journal) -> None:
        super().__init__(daemon=True)
        self.addresses, self.journal = addresses, journal
        self.acknowledged = self.failed = 0
        self._enough = threading.Event()
        self._client = httpx.Client(timeout=15)
        self._sign_in(email, password)

    def _sign_in(self, email: str, password: str) -> None:
        """Cookie and token must agree, whoever drew them; so no page is needed, nor the static files of one."""
        self._client.cookies.set("csrf", DRAWN, domain="127.0.0.1")
        given = {"username": email, "password": password, "csrfmiddlewaretoken": DRAWN}
        answer = self._client.post(f"{self.addresses[0]}/accounts/sign-in/", data=given)
        assert answer.status_code == 302, answer.text
        self._client.headers["X-CSRFToken"] = self._client.cookies["csrf"]

    def run(self) -> None:
        for number in count():
            if self._enough.is_set():
                return
            self._write(self.addresses[number % len(self.addresses)], f"person-{number}")

    def _write(self, address: str, user_name: str) -> None:
        try:
            answer = self._client.post(f"{address}/api/v1/people/", json={"user_name": user_name})
        except httpx.TransportError:
            answer = None
        if answer is None or answer.status_code != 201:
            self.failed += 1
            time.sleep(PAUSE)
            return
        self.journal.add(Acknowledged(answer.json()["id"], int(answer.headers["Ledger-Entry"])))
        self.acknowledged += 1

    def wait_for_more(self, acknowledged: int, *, seconds: float = 60.0) -> None:
        """Returns when so many more writes were acknowledged."""
        wanted, until = self.acknowledged + acknowledged, time.monotonic() + seconds
        while self.acknowledged < wanted:
            if time.monotonic() > until:
                raise TimeoutError(f"{self.acknowledged} of {wanted} writes acknowledged, {self.failed} failed")
            time.sleep(0.01)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self.join(timeout=30)
        self._client.close()
