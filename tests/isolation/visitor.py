"""Somebody signed in to one house who asks for rows of another, and what the answers may not say."""

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.db import transaction
from django.test import Client

from identity.operations import create_account, grant_membership
from kernel.clock import DatabaseClock
from tests.factories.second_factors import enrolled
from tests.factories.tenants import PASSWORD
from tests.isolation.houses import House
from tests.robustness.nasty import NOBODY

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CHANGING = re.compile(
    r'\b[A-Za-z0-9]{64}\b|nonce="[^"]+"|"request_id": ?"[^"]+"|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)'
    r"|\d+ \w+ \d{4}, \d\d:\d\d UTC"
)
"""What differs between two answers to the same question."""
_doors = count(1)
SHORT = 12
"""Shorter words may stand inside others, such as numbers in ids: they are taken out where they stand alone."""
COUNTED = re.compile(r"\d+")
SIGN_IN = re.compile(r"/accounts/sign-in/")
Told = tuple[int, str]
"""Status and words of an answer, without what the question itself said."""


@dataclass(frozen=True)
class Answer:
    """Status, and everything that the answer says: headers that name things, where it led, messages, and the body."""

    status: int
    text: str
    led_to: str = ""
    raw: Any = None

    def without(self, *sent: str) -> Told:
        """The answer with what the question itself said taken out."""
        text = f"{self.led_to}\n{self.text}"
        for one in (*sent, NOBODY):
            if len(one) < SHORT:
                text = re.sub(rf"\b{re.escape(one)}\b", "ID", text)
                continue
            text = text.replace(one, "ID").replace(one.replace("-", ""), "ID").replace(one.replace("-", "_2D"), "ID")
        text = CHANGING.sub("", text)
        # Where something was carried out, messages count it: with what stands there, not with what was sent.
        return self.status, COUNTED.sub("N", UUID.sub("ID", text)) if self.led_to else text


@dataclass
class Door:
    """A member of a house with these roles, who comes in as often as needed: the first browser is kept, so that a walk
    costs no sign-in; a question that ended the session is followed by a new one."""

    house: House
    roles: tuple[str, ...]
    party: uuid.UUID | None = None
    """The business partner of a customer."""
    used: int = 0
    """Recovery codes that are used up; a copy of the database begins with one."""
    _email: str = ""
    _codes: list[str] = field(default_factory=list)
    _cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        email = f"door-{next(_doors)}@example.org"
        account = create_account(email=email, password=PASSWORD, display_name="Kim Member", clock=DatabaseClock())
        with self.house.tenant.writing() as trail:
            grant_membership(account=account, roles=self.roles, party_id=self.party, trail=trail)
            self._codes = list(enrolled(account, trail).recovery)
        self._email = account.email
        self._cookies = {name: one.value for name, one in self._signed_in().cookies.items()}

    def browser(self) -> Client:
        """The browser of the first sign-in."""
        found = Client(HTTP_HOST="127.0.0.1", raise_request_exception=False)
        for name, value in self._cookies.items():
            found.cookies[name] = value
        return found

    def again(self) -> Client:
        """The same member after a sign-in of now."""
        found = self._signed_in()
        found.raise_request_exception = False
        return found

    def _signed_in(self) -> Client:
        found = Client(HTTP_HOST="127.0.0.1")
        found.post("/accounts/sign-in/", {"username": self._email, "password": PASSWORD})
        answer = found.post("/accounts/second-factor/", {"code": self._codes[self.used]})
        self.used += 1
        assert answer.status_code == 302, answer.content
        return found


@dataclass
class Visitor:
    """A browser with these roles in the house that looks; `hidden` is the other one. `asked` counts requests.

    `known` are answers about rows of nobody, by question: these do not depend on the layers, so that who walks again
    with a layer taken away asks for the hidden rows alone and compares with what was answered when all layers stood.
    """

    home: House
    hidden: House
    roles: tuple[str, ...]
    door: Door | None = None
    known: dict[Any, Told] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    asked: int = 0
    _led: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.door = self.door or Door(self.home, self.roles)
        self._enter(self.door.browser())

    def _enter(self, browser: Client) -> None:
        self.browser = browser
        self._session = self._cookie()

    def _cookie(self) -> str:
        return next((one.value for name, one in self.browser.cookies.items() if name.endswith("session")), "")

    @property
    def who(self) -> str:
        return "all roles" if len(self.roles) > 1 else self.roles[0]

    def send(
        self, method: str, address: str, body: Any = None, *, form: bool = False, sent: str = "", **headers: str
    ) -> Answer:
        """The answer; signs in again when the question ended the session, or asks again when one before had ended it.

        Of a redirect the words are the messages that the next page would show, and, the first time that it leads there,
        that page."""
        self.asked += 1
        call = getattr(self.browser, method.lower())
        options: dict[str, Any] = {"headers": headers} if headers else {}
        if body is not None:
            options |= {"data": body} if form else {"data": json.dumps(body), "content_type": "application/json"}
        got = call(address, **options)
        assert self.door is not None
        if SIGN_IN.match(got.headers.get("Location", "")) and not SIGN_IN.match(address):
            self._enter(self.door.again())
            got = getattr(self.browser, method.lower())(address, **options)
        led = urljoin(address, got.headers.get("Location", "")) if 300 <= got.status_code < 400 else ""
        words = [f"{got.headers.get(name, '')}" for name in ("Content-Disposition", "ETag")]
        words += [_content(got), *(self._after(got, led, sent) if led else ())]
        if self._cookie() != self._session:
            self._enter(self.door.again())
        return Answer(got.status_code, "\n".join(words), led, got)

    def _after(self, got: Any, led: str, sent: str) -> list[str]:
        """What the browser would be shown next."""
        kept = getattr(got.wsgi_request, "_messages", None)
        told = [str(one) for one in kept._queued_messages] if kept is not None else []
        where = UUID.sub("ID", urlsplit(led).path)
        if where in self._led or urlsplit(led).netloc not in {"", "127.0.0.1"}:
            self.browser.cookies.pop("messages", None)
            return told
        self._led.add(where)
        self.asked += 1
        page = self.browser.get(led)
        shown = Answer(page.status_code, _content(page)).without(*(sent.split() or [NOBODY]))[1]
        self._judged(f"GET {led[:160]}", shown, page.status_code)
        return told

    def look(self, method: str, address: str, body: Any = None, *, sent: str = "", **options: Any) -> Answer:
        """Sends and judges: the answer holds no word and no id of the hidden house but those that were sent."""
        answer = self.send(method, address, body, sent=sent, **options)
        self._judged(f"{method} {address[:160]}", answer.without(*(sent.split() or [NOBODY]))[1], answer.status)
        return answer

    def _judged(self, question: str, seen: str, status: int) -> None:
        where = f"{question} as {self.who}"
        if self.hidden.mark in seen:
            at = seen.index(self.hidden.mark)
            self.findings.append(f"{where}: a canary: …{' '.join(seen[max(0, at - 60) : at + 40].split())}…")
        if known := self.hidden.ids & set(UUID.findall(seen)):
            self.findings.append(f"{where}: ids of the other house: {sorted(known)[:2]}")
        if status >= 500:
            self.findings.append(f"{where}: {status}")

    def tried(self, method: str, address: str, body: Any = None, *, sent: str = "") -> Any:
        """Sends a form in a copy of the browser, judges the answer, and takes back whatever it did."""
        self.asked += 1
        browser = Client(HTTP_HOST="127.0.0.1", raise_request_exception=False)
        browser.cookies.update(self.browser.cookies)
        with rolled_back():
            got = getattr(browser, method.lower())(address, body)
        answer = Answer(got.status_code, _content(got), got.headers.get("Location", ""))
        self._judged(f"{method} {address[:160]}", answer.without(*(sent.split() or [NOBODY]))[1], got.status_code)
        return got

    def compare(
        self, method: str, where: str, foreign: tuple[str, Any], nobody: tuple[str, Any], **options: Any
    ) -> int:
        """Asks with an id of the hidden house and with one that nobody has, (address, sent ids) each: the answers are
        the same. Returns their status."""
        body = options.pop("body", None)

        def told(address: str, sent: str) -> Told:
            return self.look(method, address, body(sent) if callable(body) else body, sent=sent, **options).without(
                *sent.split()
            )

        about_foreign = told(*foreign)
        key = (self.roles, method, where, *nobody, json.dumps(body(nobody[1]) if callable(body) else body))
        about_nobody = self.known.get(key) or told(*nobody)
        # What is shown to somebody changes while others are at work; refusals do not.
        if about_nobody[0] >= 300:
            self.known[key] = about_nobody
        if about_foreign != about_nobody:
            found = f"{method} {where}: {about_foreign[0]} for another's id, {about_nobody[0]} for nobody's id"
            self.findings.append(found + difference(about_foreign[1], about_nobody[1]))
        return about_foreign[0]


@contextmanager
def rolled_back() -> Iterator[None]:
    """What is written inside is gone afterwards; operations find their own transaction, as in every test."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # how Django's own test case opens its transactions
    with block:
        yield
        transaction.set_rollback(True)


def _content(got: Any) -> str:
    content = b"".join(got.streaming_content) if got.streaming else got.content
    return content.decode(errors="replace")


def difference(one: str, other: str) -> str:
    """Where two texts part, with a little before it."""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f": {one[max(0, at - 40) : at + 60]!r} against {other[max(0, at - 40) : at + 60]!r}"
