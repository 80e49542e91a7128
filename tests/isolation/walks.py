"""The walks: each asks every surface of one kind for rows of the other house, and returns how much it asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.sites import all_sites
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from django.urls import reverse

from tests.isolation.canaries import HINT, owned
from tests.isolation.houses import House
from tests.isolation.routes import WORDS, Route, routes
from tests.isolation.visitor import UUID, Door, Visitor, rolled_back
from tests.robustness.nasty import NOBODY, Operation, operations

GUESSES = 80
SEARCHES = f"?q={HINT}&search={HINT}&term={HINT}"
ROW_FILTERS = ("product", "pool", "person", "publisher", "organization", "subject", "id__in", "parent")
"""What pages outside REST read from a query that could name a row."""
WITHOUT_CONTROL: dict[str, str] = {
    "/admin/r/<path:content_type_id>/<path:object_id>/": "no model has an address of its own: 404 for everybody",
    "/accounts/sessions/<uuid:session_id>/end/": "a session is its own account's alone, also within the house",
    "/api/v1/roles/<str:pk>/": "roles are the program's own and no rows",
    "/saml/<slug:connection>/slo/": "answers to signed messages of the identity provider alone",
    "/saml/<slug:connection>/acs/": "answers to signed messages of the identity provider alone",
    "/saml/<slug:connection>/sign-in/": "the connection of the house is a draft that knows no provider yet",
    "/api/v1/change-requests/<uuid:pk>/approve/": (
        "the words of the house name nobody who asked; tests/compliance/test_change_requests.py closes it to others"
    ),
    "/api/v1/change-requests/<uuid:pk>/withdraw/": "the same: only who asked takes a request back",
    "/my/requests/<uuid:request_id>/withdraw/": "the same; tests/compliance/test_my_software.py closes it to others",
    "/my/seats/<uuid:assignment_id>/give-back/": (
        "a seat of the person who signed in alone; tests/compliance/test_my_software.py closes it to others"
    ),
    "/portal/licenses/<uuid:license_id>/": "for people of partners alone; tests/isolation/customers.py walks it",
    "/accounts/link/<uuid:request_id>/": "opens in the browser that asked the identity provider alone",
    "/organization/single-sign-on/<uuid:connection_id>/tests/<uuid:request_id>/": (
        "shows a sealed answer of an identity provider; tests/identity/saml opens it"
    ),
}
"""Pattern → why not even the owner of the rows gets anything but a refusal there."""
EACH_BY_ITSELF: dict[str, str] = {
    "/api/v1/usage/ events.license": "each event has an answer of its own; tests/licensing/test_usage.py reads it",
}
"""Member of a batch → where it is shown that a row of another house is unknown there, although the batch is taken."""
NOT_DELETED = "/delete/"
"""How the admin's pages end on which rows would be deleted: nobody may, so that 403 says nothing of any row."""


@dataclass
class Chosen:
    """For each address with parameters the rows of the hidden house that it shows to its own people: only with these is
    a 404 to others worth something."""

    hidden: House
    roles: tuple[str, ...]
    door: Door | None = None
    closed_by: tuple[int, ...] = ()
    """Answers after which no other row is tried: whoever looks may not open the address at all."""
    closed: list[str] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)
    _browser: Client | None = None
    _values: dict[str, dict[str, str]] = field(default_factory=dict)

    def values(self, route: Route) -> dict[str, str]:
        if route.pattern not in self._values:
            self._values[route.pattern] = self._tried(route)
        return self._values[route.pattern]

    def _tried(self, route: Route) -> dict[str, str]:
        never = route.kind == "admin" and route.pattern.endswith(NOT_DELETED)
        if route.pattern in WITHOUT_CONTROL or route.kind == "scim" or never:
            return route.values(self.hidden)
        said: dict[str, int] = {}
        for choice in range(GUESSES):
            values = route.values(self.hidden, choice)
            address = route.filled(values)
            if address in said:
                break
            said[address] = self._answered(address, as_json=route.kind == "rest")
            if said[address] in OPENED:
                self.opened.add(route.pattern)
                return values
            if said[address] in self.closed_by:
                break
        broken = {address: status for address, status in said.items() if status >= 500}
        self.closed.append(
            f"{route.pattern}: no row of tests/isolation/houses.py opens it, so that a 404 to others proves nothing. "
            "Furnish one, or name the pattern in WITHOUT_CONTROL of tests/isolation/walks.py with the reason. "
            f"Answers to the row's own people: {broken or sorted(set(said.values()))}"
        )
        return route.values(self.hidden)

    def _answered(self, address: str, *, as_json: bool) -> int:
        """What somebody of the house gets there, 404 for the way back to the admin's first page; what is written on
        the way is rolled back."""
        if self._browser is None:
            self._browser = (self.door or Door(self.hidden, self.roles)).browser()
        with rolled_back():
            got = self._browser.get(address)
            if got.status_code == 405:
                got = self._browser.post(address, {}, content_type="application/json" if as_json else MULTIPART_CONTENT)
        led = got.headers.get("Location", "")
        if led.startswith(SIGN_INS):
            return 403
        return 404 if led.endswith("/admin/") else got.status_code


SIGN_INS = ("/admin/login/", "/accounts/sign-in/")
"""Where somebody is led who may not come in at all."""
OPENED = (200, 201, 202, 204, 302, 400, 409, 422)
"""How an address answers whoever may meet its row: with it, with what was done, or with what the empty form lacks."""


def walk_addresses(visitor: Visitor, chosen: Chosen, *, writing: bool = True, share: slice = slice(None)) -> int:
    """Every address, or a share of them, with rows of the hidden house against rows of nobody, read and written to."""
    visited = 0
    for route in list(routes())[share]:
        visited += 1
        kind = route.kind
        if not route.names_rows:
            visitor.look("GET", route.filled(route.values(visitor.hidden)))
            continue
        values = chosen.values(route)
        if kind == "saml":
            _knocked(visitor, route.filled(values), values["connection"], writing=writing)
            continue
        foreign = (route.filled(values), " ".join(values.values()))
        none = {name: value if name in _same(route) else _nobody(value) for name, value in values.items()}
        nobody = (route.filled(none), " ".join(none.values()))
        for method in route.methods if writing else ("GET",):
            options: dict[str, Any] = {} if method in {"GET", "DELETE"} else {"body": {}, "form": kind != "rest"}
            status = visitor.compare(method, route.pattern, foreign, nobody, **options)
            if status not in (REFUSED if method == "GET" else (*REFUSED, 400)) and not (
                kind == "admin" and status == 302
            ):
                visitor.findings.append(f"{method} {route.pattern}: {status} for another's id")
    return visited


def _knocked(visitor: Visitor, address: str, connection: str, *, writing: bool) -> None:
    """The door of the hidden house, which is open to the street: who knocks sees nothing of what is inside. What a
    stranger's message leaves in the house's own ledger is the house's, and is rolled back here."""
    for method in ("GET", "POST") if writing else ("GET",):
        with rolled_back():
            visitor.look(method, address, {} if method == "POST" else None, sent=connection, form=True)


REFUSED = (401, 403, 404, 405)
"""And 400 where a body is wanted and read before the row; then, too, the answer is that of nobody's id."""


def _same(route: Route) -> set[str]:
    return {name for _converter, name in route.parameters if name in WORDS}


def _nobody(value: str) -> str:
    return "999999999" if value.isdigit() else NOBODY


def walk_searches(visitor: Visitor) -> int:
    """Every list and page of the looking house, asked for words that only rows of the other one hold, and filtered by
    the other one's rows."""
    asked = visitor.asked
    for route in routes():
        address = route.filled(route.values(visitor.home))
        visitor.look("GET", address + SEARCHES)
        if route.kind in {"page", "account"} and not route.names_rows:
            foreign = "&".join(f"{name}={key_of(visitor.hidden, name)}" for name in ROW_FILTERS)
            visitor.look(
                "GET", f"{address}?{foreign}", sent=" ".join(key_of(visitor.hidden, name) for name in ROW_FILTERS)
            )
    for one in operations():
        if one.method == "GET" and "{" not in one.path:
            for name in one.queries:
                _filtered(visitor, one.path, name)
    for model, _page in _admin_pages():
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for one in model._meta.local_fields:
            if one.is_relation:
                _filtered(visitor, address, f"{one.name}__id__exact")
    return visitor.asked - asked


def _filtered(visitor: Visitor, address: str, name: str) -> None:
    key = key_of(visitor.hidden, name.split("__")[0])
    foreign, nobody = (f"{address}?{name}={key}", key), (f"{address}?{name}={NOBODY}", NOBODY)
    visitor.compare("GET", f"{address}?{name}=", foreign, nobody)


def key_of(house: House, name: str) -> str:
    """A row of the house that a member or filter of this name could mean."""
    for word in (name, name.replace("_", ""), name.removesuffix("_id"), name.removesuffix("s")):
        if word in house.words:
            return house.words[word]
    ends = [label for label, keys in house.rows.items() if keys and label.endswith(name.replace("_", ""))]
    return house.rows[ends[0]][0] if ends else house.rows["identity.person"][0]


def _admin_pages() -> Iterator[tuple[Any, Any]]:
    for site in all_sites:
        if site.name == "admin":
            yield from site._registry.items()


def walk_bodies(visitor: Visitor) -> tuple[int, int]:
    """Every member of every body of the OpenAPI document that names a row: the other house's row is refused as one
    that does not exist. Returns operations and members."""
    done = members = 0
    for one in operations():
        done += 1
        path = one.path.replace("{id}", _own(visitor.home, one))
        meant = one.body(visitor.home.words)
        for place in _uuids(one, meant):
            members += 1
            for kind in _kinds(one, place):
                _compared(visitor, one, path, {**meant, **kind(meant)}, place)
    return done, members


def _kinds(one: Operation, place: tuple[str, ...]) -> Iterator[Callable[[dict[str, Any]], dict[str, Any]]]:
    """What the id is of, where the member beside it says so: each of its values in turn."""
    schema: Any = one.schema
    for name in place[:-1]:
        schema = one._resolved(schema.get("properties", {}).get(name, {}))
    said = one._resolved(schema.get("properties", {}).get("kind", {})).get("enum", ())
    if len(place) < 2 or not said:
        yield lambda meant: {}
    for value in said if len(place) > 1 else ():
        yield lambda meant, value=value: _with(meant, (*place[:-1], "kind"), value)  # type: ignore[misc]


def _own(house: House, one: Operation) -> str:
    word = one.path.split("/{id}")[0].removeprefix("/api/v1/")
    return house.words.get(word) or key_of(house, word.replace("-", "_"))


def _compared(visitor: Visitor, one: Operation, path: str, meant: dict[str, Any], place: tuple[str, ...]) -> None:
    key = key_of(visitor.hidden, place[-1])
    where = f"{path} {'.'.join(place)}"
    options: dict[str, Any] = {"body": lambda sent: _with(meant, place, sent)}
    status = visitor.compare(one.method, where, (path, key), (path, NOBODY), **options)
    if status < 400 and where not in EACH_BY_ITSELF:
        visitor.findings.append(f"{one.method} {where}: {status} with a row of the other house")


KEEPS_IDS: dict[str, str] = {
    "jobs.IdempotencyKey.answer": "the answer as it was given",
    "identity.ProvisioningEntry.resource_id": "the log says what a refused request asked for, whether it exists or not",
}
"""Column → why it may hold an id that was sent."""
TELLS_WHAT_WAS_ASKED = {"provisioning.refused": "what a refused request asked for, whether it exists or not"}
"""Kind of ledger entry → why its body may hold an id that was sent; of all other kinds it may not."""


def _uuids(one: Operation, meant: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Where ids stand in the body, as paths of names."""
    for name, schema in one.schema.get("properties", {}).items():
        yield from _inside(one, (name,), schema, 0)


def _inside(one: Operation, place: tuple[str, ...], schema: Any, depth: int) -> Iterator[tuple[str, ...]]:
    schema = one._resolved(schema)
    if schema.get("format") == "uuid":
        yield place
    if schema.get("type") == "array" and depth < 3:
        yield from _inside(one, place, schema["items"], depth + 1)
    for name, inner in schema.get("properties", {}).items():
        if depth < 3:
            yield from _inside(one, (*place, name), inner, depth + 1)


def _with(value: Any, place: tuple[str, ...], key: str) -> Any:
    """A copy with the id at the place, through lists."""
    if isinstance(value, list):
        return [_with(one, place, key) for one in value]
    if not place:
        return key
    return {**(value or {}), place[0]: _with((value or {}).get(place[0]), place[1:], key)}


def admin_actions() -> Iterator[tuple[str, str, str]]:
    """Address of the list, label of its model and name of each action of the admin."""
    for model, page in _admin_pages():
        label = model._meta.label_lower
        for action in page.actions:
            name = action if isinstance(action, str) else action.__name__
            yield reverse(f"admin:{label.replace('.', '_')}_changelist"), label, name


def walk_admin(visitor: Visitor) -> int:
    """Every action and every search box of the admin."""
    asked = visitor.asked
    for address, label, name in admin_actions():
        for across in ("0", "1"):
            _acted(visitor, address, name, visitor.hidden.rows[label][0], across)
    for model, page in _admin_pages():
        label = model._meta.label_lower
        for box in page.autocomplete_fields:
            query = f"?app_label={label.split('.')[0]}&model_name={label.split('.')[1]}&field_name={box}&term={HINT}"
            visitor.look("GET", reverse("admin:autocomplete") + query)
    return visitor.asked - asked


def _acted(visitor: Visitor, address: str, action: str, key: str, across: str) -> None:
    def body(sent: str) -> dict[str, Any]:
        return {"action": action, "_selected_action": [sent], "index": "0", "select_across": across}

    if across == "1":
        # On all rows of the own list: what it does to these, and to this session, is not the question.
        visitor.tried("POST", address, body(key), sent=key)
    else:
        visitor.compare("POST", f"{address} {action}", (address, key), (address, NOBODY), body=body, form=True)


def foreign_ids_in(home: House, hidden: House) -> list[str]:
    """Columns of the looking house's rows that name a row of the hidden one: after all walks there is none."""
    found: set[str] = set()
    with home.tenant.reading():
        for model in owned():
            for row in model.objects.values():
                if model._meta.label == "audit.Event" and row["kind"] in TELLS_WHAT_WAS_ASKED:
                    continue
                text = {name: str(value) for name, value in row.items()}
                found |= {
                    f"{model._meta.label}.{name}" for name, one in text.items() if hidden.ids & set(UUID.findall(one))
                }
    return sorted(found - set(KEEPS_IDS))
