"""The walk of HTML forms: every form of every page and of every step of an admin action, filled in as somebody would,
with rows of the hidden house in each place that names one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.contrib.messages import WARNING

from tests.isolation.forms import NAMES_ROW, Form, Reader, judged, row_fields, unknown_fields
from tests.isolation.houses import House
from tests.isolation.routes import routes
from tests.isolation.visitor import UUID, Visitor
from tests.isolation.walks import Chosen, admin_actions, key_of
from tests.robustness.nasty import NOBODY

PAGES = {"admin", "page", "account", "invitation", "oauth"}
ACTION_BOX = "_selected_action"
TRIES = 20
WORD = "nobody-is-called-so"
IN_SET = re.compile(r"^\w+-\d+-\w+$")
"""Hidden keys of rows that a page of the admin shows below its own: nobody changes these there, so none is read."""
WITHOUT_CONTROL: dict[str, str] = {
    "form /it/seats/ID/reserve/ unit": "for a unit or for a group, and the walk fills both",
    "form /it/seats/reclamation/exemptions/ person": "a person, a group or a pool, and the walk fills all three",
    "form /it/seats/reclamation/rules/new/ pool": "a pool or a product, and the walk fills both",
}
"""Form and field → why not even a row of the own house is taken there."""


@dataclass(frozen=True)
class Place:
    """A control that names a row. `foreign` and `nobody` are what stands in it for a row of each, `own` what could for
    rows of the own house: not each of these may be chosen."""

    name: str
    own: tuple[str, ...]
    foreign: str
    nobody: str


@dataclass
class Forms:
    """Counts what it met: pages, forms, places that name rows, and texts typed."""

    visitor: Visitor
    chosen: Chosen
    pages: int = 0
    forms: int = 0
    places: int = 0
    texts: int = 0
    _met: set[Any] = field(default_factory=set)
    _own: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Both houses are furnished alike: a row of the one has its counterpart at the same place of the other."""
        home, hidden = self.visitor.home, self.visitor.hidden
        for label, keys in hidden.rows.items():
            self._own |= dict(zip(keys, home.rows.get(label, ()), strict=False))
        self._own |= {hidden.names[name]: home.names[name] for name in hidden.names}

    def walk(self) -> None:
        for route in routes():
            if route.kind in PAGES:
                found = self._page(route)
                if found is not None:
                    self._read(*found)
        for address, body in self._steps():
            self._read(address, self.visitor.tried("POST", address, body))

    def _page(self, route: Any) -> tuple[str, Any] | None:
        """The page with the row of the own house that is furnished like the one of the hidden house that opens it."""
        values = route.values(self.visitor.home)
        if route.names_rows:
            values = {name: self._own.get(value, value) for name, value in self.chosen.values(route).items()}
        address = route.filled(values)
        got = self.visitor.tried("GET", address)
        is_page = got.status_code == 200 and got.headers.get("Content-Type", "").startswith("text/html")
        return (address, got) if is_page else None

    def _steps(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The admin's actions on an own row: those that ask something first answer with a form."""
        for address, label, name in admin_actions():
            for key in self.visitor.home.rows[label][:1]:
                yield address, {"action": name, ACTION_BOX: [key], "index": "0", "select_across": "0"}

    def _read(self, address: str, got: Any) -> None:
        self.pages += 1
        read = Reader(got.content.decode())
        fields = list(judged(got.context))
        unknown = [*read.unknown, *(one for form in fields for one in unknown_fields(form))]
        self.visitor.findings += [
            f"{address}: {one}: a kind that nobody has thought about; say in tests/isolation/forms.py what it takes"
            for one in unknown
        ]
        models = {name: model for form in fields for name, model in row_fields(form)}
        for form in read.forms:
            known = (form.method, UUID.sub("ID", urljoin(address, form.action)), tuple(sorted(form.controls)))
            if known in self._met or (ACTION_BOX in form.controls and "action" in form.controls and not models):
                continue
            self._met.add(known)
            self._form(urljoin(address, form.action), form, models)

    def _form(self, address: str, form: Form, models: dict[str, Any]) -> None:
        self.forms += 1
        sent = form.filled()
        for place in self._places(form, models):
            self.places += 1
            self._place(address, form, sent, place)
        texts = [name for name, one in form.controls.items() if one.kind in {"text", "search", "email", "textarea"}]
        if texts:
            self.texts += len(texts)
            self._typed(address, form, sent, texts)

    def _places(self, form: Form, models: dict[str, Any]) -> Iterator[Place]:
        for name, one in form.controls.items():
            if not (one.names_rows or name in models) or name == ACTION_BOX:
                continue
            offered = [value for value in one.values if NAMES_ROW.match(value)]
            # What the walk itself brought into the house (its members, customers) has no counterpart in the hidden one.
            known = next((value for value in offered if _label(self.visitor.home, value)), "")
            label = models[name]._meta.label_lower if models.get(name) else _label(self.visitor.home, known)
            rows = self.visitor.home.rows.get(label) or [key_of(self.visitor.home, name)]
            hidden = next(iter(self.visitor.hidden.rows.get(label, ())), "") or key_of(self.visitor.hidden, name)
            found = NAMES_ROW.match(known or next(iter(offered), ""))
            before = found.string[: found.start(1)] if found else ""
            own = list(dict.fromkeys(filter(None, (known, *offered, *(before + row for row in rows)))))
            yield Place(name, tuple(own[:TRIES]), before + hidden, before + NOBODY)

    def _place(self, address: str, form: Form, sent: dict[str, Any], place: Place) -> None:
        where = f"form {UUID.sub('ID', urlsplit(address).path)} {place.name}"
        foreign, nobody = (address, place.foreign), (address, place.nobody)
        if form.method != "post":
            asked = [(f"{address}?{place.name}={value}", value) for value in (place.foreign, place.nobody)]
            self.visitor.compare("GET", where, *asked)
            return

        def body(value: str) -> dict[str, Any]:
            return {**sent, place.name: value}

        self.visitor.compare("POST", where, foreign, nobody, body=body, form=True)
        answer = self.visitor.look("POST", address, body(place.foreign), sent=place.foreign, form=True)
        if not _refused(answer.raw) and not (form.controls[place.name].kind == "hidden" and IN_SET.match(place.name)):
            self.visitor.findings.append(f"{where}: {answer.status} with a row of the other house")
        if where not in WITHOUT_CONTROL and not any(self._taken(address, body(own), place.name) for own in place.own):
            self.visitor.findings.append(f"{where}: no own row is taken there either, so that nothing is proved")

    def _taken(self, address: str, body: dict[str, Any], name: str) -> bool:
        own = self.visitor.tried("POST", address, body)
        return own.status_code != 404 and name not in _wrong(own)

    def _typed(self, address: str, form: Form, sent: dict[str, Any], texts: list[str]) -> None:
        """What the hidden house's rows are called, in every text at once: answered like a word that nobody has."""
        where = f"form {UUID.sub('ID', urlsplit(address).path)} {' '.join(texts)}"
        asked = []
        for word in (self.visitor.hidden.names["user_name"], WORD):
            values = dict.fromkeys(texts, word)
            if form.method == "post":
                answer = self.visitor.tried("POST", address, {**sent, **values}, sent=word)
            else:
                answer = self.visitor.tried("GET", address, values, sent=word)
            asked.append(answer.status_code)
        if asked[0] != asked[1]:
            self.visitor.findings.append(f"{where}: {asked[0]} for another's name, {asked[1]} for nobody's")


def _label(house: House, value: str) -> str:
    found = NAMES_ROW.match(value)
    return next((label for label, keys in house.rows.items() if found and found[1] in keys), "")


def _wrong(got: Any) -> dict[str, Any]:
    """Field → what a form of the answer says about it, "" for what concerns no field."""
    found: dict[str, Any] = {}
    for one in judged(got.context):
        for name, said in one.errors.items() if one.is_bound else ():
            found["" if name == "__all__" else one.add_prefix(name)] = said.as_text()
    return found


def _refused(got: Any) -> bool:
    """Whether somebody is told that nothing was done."""
    if got.status_code >= 400 or _wrong(got):
        return True
    kept = getattr(got.wsgi_request, "_messages", None)
    return kept is not None and any(one.level >= WARNING for one in kept._queued_messages)
