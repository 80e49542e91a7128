"""Somebody signed in to one house who asks for rows of another, and what the answers may not say."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from tests.factories.tenants import signed_in
from tests.isolation.canaries import MARK
from tests.isolation.houses import House
from tests.robustness.nasty import NOBODY

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CHANGING = re.compile(r'\b[A-Za-z0-9]{64}\b|nonce="[^"]+"|"request_id": ?"[^"]+"|\d{4}-\d\d-\d\dT[\d:.]+Z')
"""What differs between two answers to the same question."""


@dataclass(frozen=True)
class Answer:
    """Status, and everything that the answer says: headers that name things, where it led, and the body."""

    status: int
    text: str
    led_to: str = ""

    def without(self, *sent: str) -> tuple[int, str]:
        """The answer with what the question itself said taken out."""
        text = f"{self.led_to}\n{self.text}"
        for one in (*sent, NOBODY):
            text = text.replace(one, "ID").replace(one.replace("-", ""), "ID").replace(one.replace("-", "_2D"), "ID")
        return self.status, CHANGING.sub("", text)


@dataclass
class Visitor:
    """A browser with these roles in the house that looks; `hidden` is the other one. `asked` counts requests."""

    home: House
    hidden: House
    roles: tuple[str, ...]
    findings: list[str] = field(default_factory=list)
    asked: int = 0

    def __post_init__(self) -> None:
        self._enter()

    def _enter(self) -> None:
        self.browser = signed_in(self.home.tenant, *self.roles)
        self.browser.raise_request_exception = False
        self._session = self._cookie()

    def _cookie(self) -> str:
        return next((one.value for name, one in self.browser.cookies.items() if name.endswith("session")), "")

    def send(self, method: str, address: str, body: Any = None, *, form: bool = False, **headers: str) -> Answer:
        """The answer after redirects, which show messages; signs in again when the question ended the session."""
        self.asked += 1
        call = getattr(self.browser, method.lower())
        options: dict[str, Any] = {"follow": True, "headers": headers} if headers else {"follow": True}
        if body is not None:
            options |= {"data": body} if form else {"data": json.dumps(body), "content_type": "application/json"}
        got = call(address, **options)
        if self._cookie() != self._session:
            self._enter()
        led = got.redirect_chain[-1][0] if got.redirect_chain else ""
        status = got.redirect_chain[0][1] if got.redirect_chain else got.status_code
        said = " ".join(got.headers.get(name, "") for name in ("Content-Disposition", "ETag", "Location"))
        content = b"".join(got.streaming_content) if got.streaming else got.content
        return Answer(status, f"{said}\n{content.decode(errors='replace')}", led)

    def look(self, method: str, address: str, body: Any = None, *, sent: str = "", **options: Any) -> Answer:
        """Sends and judges: the answer holds no word and no id of the hidden house but those that were sent."""
        answer = self.send(method, address, body, **options)
        seen = answer.without(*(sent.split() or [NOBODY]))[1]
        who = "all roles" if len(self.roles) > 1 else self.roles[0]
        where = f"{method} {address[:160]} as {who}"
        if MARK in seen:
            at = seen.index(MARK)
            self.findings.append(f"{where}: a canary: …{' '.join(seen[max(0, at - 60) : at + 40].split())}…")
        if known := self.hidden.ids & set(UUID.findall(seen)):
            self.findings.append(f"{where}: ids of the other house: {sorted(known)[:2]}")
        if answer.status >= 500:
            self.findings.append(f"{where}: {answer.status}")
        return answer

    def compare(
        self, method: str, where: str, foreign: tuple[str, Any], nobody: tuple[str, Any], **options: Any
    ) -> int:
        """Asks with an id of the hidden house and with one that nobody has, (address, sent ids) each: the answers are
        the same. Returns their status."""
        body = options.pop("body", None)
        answers: list[tuple[int, str]] = []
        for address, sent in (foreign, nobody):
            told = body(sent) if callable(body) else body
            answer = self.look(method, address, told, sent=sent, **options)
            # Where a question was carried out, the page that it leads to shows what it did.
            answers.append(answer.without(*sent.split()) if answer.status != 302 else (302, ""))
        if answers[0] != answers[1]:
            self.findings.append(f"{method} {where}: {answers[0][0]} for another's id, {answers[1][0]} for nobody's id")
            self.findings[-1] += difference(answers[0][1], answers[1][1])
        return answers[0][0]


def difference(one: str, other: str) -> str:
    """Where two texts part, with a little before it."""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f": {one[max(0, at - 40) : at + 60]!r} against {other[max(0, at - 40) : at + 60]!r}"


def browser_of(house: House, *roles: str) -> Client:
    browser = signed_in(house.tenant, *roles)
    browser.raise_request_exception = False
    return browser
