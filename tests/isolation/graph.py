"""Walk of GraphQL: every root field, every field below that takes arguments, and every id and cursor among these."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLInputObjectType

from tests.graphs import MUTATION, QUERY, first_ids, named, question
from tests.isolation.canaries import HINT
from tests.isolation.visitor import Door, Visitor, rolled_back
from tests.robustness.nasty import NOBODY
from tests.robustness.test_graphql import SAMPLES, below

Path = tuple[str, ...]
CURSORS = ("after", "before")


@dataclass
class Graph:
    """Every field of the schema that takes arguments, and every argument that is an id, at any depth. An argument of a
    type that SAMPLES does not know fails here."""

    visitor: Visitor
    theirs: Door
    own: dict[str, str] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)
    """Ids by the names of types; where none are given, the first row of each type of either organisation."""
    control: bool = True
    """Whether the row's own people must see it; customers see nothing here yet."""
    fields: int = 0
    below: int = 0
    arguments: int = 0
    cursors: int = 0

    def __post_init__(self) -> None:
        self.own = self.own or first_ids(self.visitor.home.tenant)
        self.foreign = self.foreign or first_ids(self.visitor.hidden.tenant)
        self._theirs = self.theirs.browser()

    def walk(self) -> None:
        for operation, stated in (("query", QUERY), ("mutation", MUTATION)):
            for name, asked in stated.fields.items():
                self.fields += 1
                self._field(operation, name, asked)
                if operation == "query" and "id" in asked.args:
                    self._relations(name, asked)

    def _field(self, operation: str, name: str, asked: Any) -> None:
        query = _question(operation, name, asked.args, below(asked))
        good = self._good(name, asked)
        if operation == "query":
            self._look(query, good)
            self._look(query, {**good, **self._searched(asked)})
            self._look(question(name), {"id": self.own.get(_type(name), NOBODY)} if "id" in good else {})
        self._ids(operation, name, query, self._without_words(good, asked), asked)
        self._cursors(name, query, good, asked)

    def _without_words(self, good: dict[str, Any], asked: Any) -> dict[str, Any]:
        """Optional inputs that name no row are left out: words that nobody understands would be refused before the row
        is looked for, and every id would be answered alike."""
        optional = (one for one, stated in asked.args.items() if isinstance(stated.type, GraphQLInputObjectType))
        return good | {one: None for one in optional if not list(_places(asked.args[one].type, (one,)))}

    def _relations(self, root: str, asked: Any) -> None:
        """What takes arguments below a row: of an own row another's rows are asked for."""
        for name, under in named(asked.type).fields.items():
            if not under.args:
                continue
            self.below += 1
            stated = {"id": asked.args["id"], **under.args}
            selected = f"{{ {root}(id: $id) {{ {name}({_given(under.args)}) {below(under)} }} }}"
            query = f"query Q({_declared(stated)}) {selected}"
            good = {"id": self.own.get(_type(root), NOBODY), **self._good(name, under)}
            self._look(query, {**good, **self._searched(under)})
            self._ids("query", f"{root}.{name}", query, good, under)
            self._cursors(f"{root}.{name}", query, good, under)

    def _good(self, name: str, asked: Any) -> dict[str, Any]:
        found = {one: self._meant(stated.type, _subject(one, name)) for one, stated in asked.args.items()}
        return found | {one: None for one in CURSORS if one in found}

    def _searched(self, asked: Any) -> dict[str, Any]:
        """Every text among the arguments as the beginning of the hidden words."""
        words = [one for one, stated in asked.args.items() if named(stated.type).name == "String"]
        return {one: HINT for one in words if one not in CURSORS}

    def _look(self, query: str, variables: dict[str, Any], sent: str = "") -> str:
        return self.visitor.look("POST", "/graphql/", {"query": query, "variables": variables}, sent=sent).text

    def _ids(self, operation: str, name: str, query: str, good: dict[str, Any], asked: Any) -> None:
        for one, stated in asked.args.items():
            for place in _places(stated.type, (one,)):
                self.arguments += 1
                self._place(operation, name, query, good, place)

    def _cursors(self, name: str, query: str, good: dict[str, Any], asked: Any) -> None:
        """A place in the list that the other house was told of leads to no row of it."""
        if not set(CURSORS) & set(asked.args):
            return
        cursor = self._cursor_of_theirs(query, {**good, **({"id": self._foreign(name)} if "id" in good else {})})
        for one in CURSORS:
            if one in asked.args and cursor:
                self.cursors += 1
                self._look(query, {**good, one: cursor}, sent=cursor)

    def _cursor_of_theirs(self, query: str, variables: dict[str, Any]) -> str:
        body = json.dumps({"query": query, "variables": variables})
        with rolled_back():
            told = self._theirs.post("/graphql/", body, content_type="application/json").json()
        return next(_ends(told.get("data") or {}), "")

    def _foreign(self, name: str) -> str:
        return self.foreign.get(_type(name.split(".")[0]), NOBODY)

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
        elif self.control and place == ("id",) and "." not in name and not self._opens(name, body(key)):
            self.visitor.findings.append(f"{where}: not even the row's own people see it")

    def _opens(self, name: str, body: dict[str, Any]) -> bool:
        with rolled_back():
            answer = self._theirs.post("/graphql/", json.dumps(body), content_type="application/json").json()
        return bool((answer.get("data") or {}).get(name))

    def _meant(self, stated: Any, name: str) -> Any:
        inner = named(stated)
        if isinstance(inner, GraphQLInputObjectType):
            return {member: self._meant(one.type, member) for member, one in inner.fields.items()}
        return self.own.get(_type(name), NOBODY) if inner.name == "ID" else SAMPLES[inner.name]


def _declared(stated: Any) -> str:
    return ", ".join(f"${one}: {argument.type}" for one, argument in stated.items())


def _given(stated: Any) -> str:
    return ", ".join(f"{one}: ${one}" for one in stated)


def _question(operation: str, name: str, stated: Any, selected: str) -> str:
    head = f"{operation} Q({_declared(stated)})" if stated else operation
    return f"{head} {{ {name}{f'({_given(stated)})' if stated else ''} {selected} }}"


def _subject(argument: str, root: str) -> str:
    """What an id of this name is of: of a query's own `id` its field says it, of a mutation's the last word."""
    return root if argument == "id" else argument


def _type(name: str) -> str:
    return f"{name[0].upper()}{name[1:]}"


def _places(stated: Any, place: Path) -> Iterator[Path]:
    """Where ids stand in an argument; one value stands for a list of them."""
    inner = named(stated)
    if isinstance(inner, GraphQLInputObjectType):
        for member, one in inner.fields.items():
            yield from _places(one.type, (*place, member))
    elif inner.name == "ID":
        yield place


def _ends(value: Any) -> Iterator[str]:
    """Cursors anywhere in an answer."""
    if isinstance(value, list):
        for one in value:
            yield from _ends(one)
    for name, one in value.items() if isinstance(value, dict) else ():
        if name == "endCursor" and one:
            yield one
        else:
            yield from _ends(one)


def _with(value: dict[str, Any], place: Path, key: str) -> dict[str, Any]:
    first, *rest = place
    return {**value, first: _with(value[first], tuple(rest), key) if rest else key}
