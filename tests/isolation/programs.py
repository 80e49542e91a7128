"""Walks of the surfaces that programs speak to with a token of their own house: SCIM and OAuth."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from identity.operations.provisioning import create_scim_token
from identity.rules.access_tokens import Audience, audience_of
from tests.factories.oauth import AUTHORIZE, TOKEN, app_client, authorization, basic, own_client, post, token_of
from tests.identity.scim.service import BULK, ENTERPRISE, GROUP, PATCH, SEARCH, USER
from tests.isolation.canaries import HINT
from tests.isolation.houses import House
from tests.isolation.visitor import Visitor, rolled_back
from tests.robustness.nasty import NOBODY

Body = Callable[[str], dict[str, Any]]


@dataclass
class Scim:
    """A directory service of the looking house; `verbs` counts what was asked by what it is.

    `credential` draws what it signs in with, for a house: `drawn_token` or `access_token`."""

    visitor: Visitor
    credential: Callable[[House], str]
    verbs: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.token, self.theirs = self.credential(self.visitor.home), self.credential(self.visitor.hidden)

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


def drawn_token(house: House) -> str:
    """A token of the provisioning page."""
    with house.tenant.writing() as trail:
        return create_scim_token(name="Walking", trail=trail).token


def access_token(house: House) -> str:
    """An access token of a program that may provision."""
    audience = audience_of(settings.BASE_URL, Audience.SCIM)
    return token_of(own_client(house.tenant, "scim"), resource=audience)


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
