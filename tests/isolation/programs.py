"""Walks of the surfaces that programs speak to with a token of their own house: SCIM, GraphQL and OAuth."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLInputObjectType, get_nullable_type

from identity.operations.provisioning import create_scim_token
from tests.factories.oauth import AUTHORIZE, TOKEN, app_client, authorization, basic, own_client, post, token_of
from tests.graphs import MUTATION, QUERY, first_ids, named
from tests.identity.scim.service import BULK, ENTERPRISE, GROUP, PATCH, SEARCH, USER
from tests.isolation.canaries import HINT
from tests.isolation.houses import House
from tests.isolation.visitor import Visitor, browser_of
from tests.isolation.walks import rolled_back
from tests.robustness.nasty import NOBODY
from tests.robustness.test_graphql import SAMPLES, below

Path = tuple[str, ...]
Body = Callable[[str], dict[str, Any]]


@dataclass
class Scim:
    """A directory service of the looking house; `verbs` counts what was asked by what it is."""

    visitor: Visitor
    verbs: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.token, self.theirs = _scim_token(self.visitor.home), _scim_token(self.visitor.hidden)

    def walk(self) -> dict[str, int]:
        for endpoint, model in (("Users", "person"), ("Groups", "directorygroup")):
            self._by_id(endpoint, self._shown(endpoint, model))
        person, group = self._shown("Users", "person"), self._shown("Groups", "directorygroup")
        self._relations(person)
        self._filters(person, group)
        self._bulk(person, group)
        return self.verbs

    def _headers(self, token: str) -> dict[str, Any]:
        return {"authorization": f"Bearer {token}"}

    def _shown(self, endpoint: str, model: str) -> str:
        """A row that the hidden house's own service is shown."""
        for key in self.visitor.hidden.rows[f"identity.{model}"]:
            with rolled_back():
                shown = self.visitor.send("GET", f"/scim/v2/{endpoint}/{key}", **self._headers(self.theirs))
            if shown.status == 200:
                return key
        self.visitor.findings.append(f"/scim/v2/{endpoint}: the hidden house's own service is shown no row")
        return NOBODY

    def _asked(self, what: str, method: str, path: str, key: str, body: Body | None = None) -> int:
        """The same question about another's row and about nobody's."""
        self.verbs[what] = self.verbs.get(what, 0) + 1
        foreign, nobody = ((f"/scim/v2/{path.replace('{id}', one)}", one) for one in (key, NOBODY))
        options: dict[str, Any] = {"body": body} if body else {}
        where = f"/scim/v2/{path} {what}"
        return self.visitor.compare(method, where, foreign, nobody, **options, **self._headers(self.token))

    def _refused(self, what: str, method: str, path: str, key: str, body: Body | None = None) -> None:
        status = self._asked(what, method, path, key, body)
        if status not in (400, 404) or (status == 400 and body is None):
            self.visitor.findings.append(f"{method} /scim/v2/{path} {what}: {status} for another's id")

    def _by_id(self, endpoint: str, key: str) -> None:
        path = f"{endpoint}/{{id}}"
        for method, body in _writes(endpoint):
            self._refused(f"{method} {endpoint}", method, path, key, body)

    def _relations(self, person: str) -> None:
        """Another's person as a manager and as a member."""
        own_person, own_group = (self._own(one) for one in ("person", "directorygroup"))
        for method, path in (("POST", "Users"), ("PUT", f"Users/{own_person}")):
            self._refused(f"{method} manager", method, path, person, _managed)
        for operation in ("add", "replace"):
            body = _patched(operation, f"{ENTERPRISE}:manager", lambda key: {"value": key})
            self._refused(f"PATCH {operation} manager", "PATCH", f"Users/{own_person}", person, body)
            body = _patched(operation, "members", lambda key: [{"value": key}])
            self._refused(f"PATCH {operation} members", "PATCH", f"Groups/{own_group}", person, body)
        for method, path in (("POST", "Groups"), ("PUT", f"Groups/{own_group}")):
            self._refused(f"{method} members", method, path, person, _grouped)
        # Whoever is no member is not one afterwards either, whether the person exists or not.
        self._asked("PATCH remove members", "PATCH", f"Groups/{own_group}", person, _patched("remove", "members", None))

    def _own(self, model: str) -> str:
        return next(
            key
            for key in self.visitor.home.rows[f"identity.{model}"]
            if self.visitor.send(
                "GET",
                f"/scim/v2/{'Users' if model == 'person' else 'Groups'}/{key}",
                **self._headers(self.token),
            ).status
            == 200
        )

    def _filters(self, person: str, group: str) -> None:
        """Every filter by an id, as a query and as the body of a search; and a search for the hidden words."""
        filters = (
            ("Users", 'id eq "{id}"', person),
            ("Users", f'{ENTERPRISE}:manager.value eq "{{id}}"', person),
            ("Users", 'groups.value eq "{id}"', group),
            ("Groups", 'id eq "{id}"', group),
            ("Groups", 'members.value eq "{id}"', person),
        )
        for endpoint, text, key in filters:
            self._asked(f"filter {endpoint}", "GET", f"{endpoint}?filter={text}", key)
            self._asked(f"search {endpoint}", "POST", f"{endpoint}/.search", key, _search(text))
        for path in ("", "Users", "Groups"):
            for text in (f'externalId sw "{HINT}"', f'displayName co "{HINT}"', ""):
                address = f"/scim/v2/{path}" + (f"?filter={text}" if text else "")
                self.visitor.look("GET", address, **self._headers(self.token))
                self.verbs["lists"] = self.verbs.get("lists", 0) + 1

    def _bulk(self, person: str, group: str) -> None:
        """Each write again as an operation of /Bulk."""
        for endpoint, key in (("Users", person), ("Groups", group)):
            for method, body in _writes(endpoint):
                if method != "GET":
                    self._refused_inside(method, f"/{endpoint}/{{id}}", key, body)
        self._refused_inside("POST", "/Groups", person, _grouped)
        self._refused_inside("POST", "/Users", person, _managed)

    def _refused_inside(self, method: str, path: str, key: str, body: Body | None) -> None:
        def bulk(sent: str) -> dict[str, Any]:
            operation: dict[str, Any] = {"method": method, "path": path.replace("{id}", sent)}
            if method == "POST":
                operation["bulkId"] = "one"
            if body:
                operation["data"] = body(sent)
            return {"schemas": [BULK], "Operations": [operation]}

        self._asked(f"Bulk {method}", "POST", "Bulk", key, bulk)
        answer = self.visitor.send("POST", "/scim/v2/Bulk", bulk(key), **self._headers(self.token))
        inside = json.loads(answer.text.split("\n", 1)[1])["Operations"][0]["status"]
        if inside not in ("400", "404"):
            self.visitor.findings.append(f"Bulk {method} {path}: {inside} for another's id")


def _scim_token(house: House) -> str:
    with house.tenant.writing() as trail:
        return create_scim_token(name="Walking", trail=trail).token


def _writes(endpoint: str) -> Iterator[tuple[str, Body | None]]:
    """The methods of a single resource, each with a body that would be good for an own one."""
    whole = (
        {"schemas": [USER], "userName": "walker"}
        if endpoint == "Users"
        else {"schemas": [GROUP], "displayName": "Walkers"}
    )
    yield "GET", None
    yield "PUT", lambda _key: whole
    yield "PATCH", _patched("replace", "displayName", lambda _key: "Walker")
    yield "DELETE", None


def _managed(key: str) -> dict[str, Any]:
    return {"schemas": [USER, ENTERPRISE], "userName": "walker", ENTERPRISE: {"manager": {"value": key}}}


def _grouped(key: str) -> dict[str, Any]:
    return {"schemas": [GROUP], "displayName": "Walkers", "members": [{"value": key}]}


def _patched(operation: str, path: str, value: Callable[[str], Any] | None) -> Body:
    def body(key: str) -> dict[str, Any]:
        change: dict[str, Any] = {"op": operation, "path": path if value else f'{path}[value eq "{key}"]'}
        if value:
            change["value"] = value(key)
        return {"schemas": [PATCH], "Operations": [change]}

    return body


def _search(text: str) -> Body:
    return lambda key: {"schemas": [SEARCH], "filter": text.replace("{id}", key)}


@dataclass
class Graph:
    """Every root field of the schema, and every argument of it that is an id, at any depth."""

    visitor: Visitor
    fields: int = 0
    arguments: int = 0

    def __post_init__(self) -> None:
        self.own, self.foreign = first_ids(self.visitor.home.tenant), first_ids(self.visitor.hidden.tenant)
        self._theirs = browser_of(self.visitor.hidden, *self.visitor.roles)

    def walk(self) -> None:
        for operation, stated in (("query", QUERY), ("mutation", MUTATION)):
            for name, asked in stated.fields.items():
                self.fields += 1
                self._field(operation, name, asked)

    def _field(self, operation: str, name: str, asked: Any) -> None:
        query = _question(operation, name, asked)
        good = {one: self._meant(stated.type, _subject(one, name)) for one, stated in asked.args.items()}
        good |= {one: None for one in ("after", "before") if one in good}
        places = [place for one, stated in asked.args.items() for place in _ids(stated.type, (one,))]
        if operation == "query":
            self.visitor.look("POST", "/graphql/", {"query": query, "variables": good})
        for place in places:
            self.arguments += 1
            self._place(operation, name, query, good, place)

    def _place(self, operation: str, name: str, query: str, good: dict[str, Any], place: Path) -> None:
        key = self.foreign.get(_type(_subject(place[-1], name)), self.visitor.hidden.rows["identity.person"][0])

        def body(sent: str) -> dict[str, Any]:
            return {"query": query, "variables": _with(good, place, sent)}

        where = f"{operation} {name} {'.'.join(place)}"
        foreign, nobody = ("/graphql/", key), ("/graphql/", NOBODY)
        self.visitor.compare("POST", where, foreign, nobody, body=body)
        if operation == "mutation":
            told = self.visitor.send("POST", "/graphql/", body(key)).text
            if '"errors"' not in told:
                self.visitor.findings.append(f"{where}: carried out with a row of the other house")
        elif place == ("id",) and not self._opens(name, body(key)):
            self.visitor.findings.append(f"{where}: not even the row's own people see it")

    def _opens(self, name: str, body: dict[str, Any]) -> bool:
        with rolled_back():
            answer = self._theirs.post("/graphql/", json.dumps(body), content_type="application/json").json()
        return bool((answer.get("data") or {}).get(name))

    def _meant(self, stated: Any, name: str) -> Any:
        inner = get_nullable_type(stated)
        if isinstance(inner, GraphQLInputObjectType):
            return {member: self._meant(one.type, member) for member, one in inner.fields.items()}
        return self.own.get(_type(name), NOBODY) if named(inner).name == "ID" else SAMPLES[named(inner).name]


def _question(operation: str, name: str, asked: Any) -> str:
    declared = ", ".join(f"${one}: {stated.type}" for one, stated in asked.args.items())
    given = ", ".join(f"{one}: ${one}" for one in asked.args)
    head = f"{operation} Q({declared})" if declared else operation
    return f"{head} {{ {name}{f'({given})' if given else ''} {below(asked)} }}"


def _subject(argument: str, root: str) -> str:
    """What an id of this name is of: of a query's own `id` its field says it, of a mutation's the last word."""
    return root if argument == "id" else argument


def _type(name: str) -> str:
    return f"{name[0].upper()}{name[1:]}"


def _ids(stated: Any, place: Path) -> Iterator[Path]:
    inner = get_nullable_type(stated)
    if isinstance(inner, GraphQLInputObjectType):
        for member, one in inner.fields.items():
            yield from _ids(one.type, (*place, member))
    elif named(inner).name == "ID":
        yield place


def _with(value: dict[str, Any], place: Path, key: str) -> dict[str, Any]:
    first, *rest = place
    return {**value, first: _with(value[first], tuple(rest), key) if rest else key}


def walk_oauth(visitor: Visitor) -> int:
    """What programs of the hidden house hold is worth nothing to one of the looking house. Returns questions."""
    ours, theirs = own_client(visitor.home.tenant), own_client(visitor.hidden.tenant)
    app, token = app_client(visitor.hidden.tenant), token_of(theirs)
    asked = 0
    for address in ("/oauth/introspect/", "/oauth/revoke/"):
        told = [post(address, {"token": one}, **basic(ours)) for one in (token, "a-token-of-nobody")]
        asked += _alike(visitor, address, told)
    told = [post(TOKEN, {"grant_type": "client_credentials"}, **basic(one, ours.secret)) for one in (theirs, app)]
    asked += _alike(visitor, TOKEN, told)
    if visitor.browser.get(authorization(app)).status_code < 400:
        visitor.findings.append(f"{AUTHORIZE}: an application of the other house is let ask")
    if post("/oauth/introspect/", {"token": token}, **basic(theirs)).json().get("active") is not True:
        visitor.findings.append("/oauth/revoke/: a program of another house ended a token")
    return asked + 2


def _alike(visitor: Visitor, address: str, told: list[Any]) -> int:
    """Both answers are the same, and none says that something is there."""
    one, other = ((answer.status_code, answer.content) for answer in told)
    if one != other or b'"active": true' in one[1] or b"access_token" in one[1]:
        visitor.findings.append(f"{address}: {one} for another's, {other} for nobody's")
    return len(told)
