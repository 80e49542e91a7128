"""The protocol: who may ask, what a refusal looks like, versions, selections, lists, and hostile input."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client
from django_scim.views import UsersView

from audit.operations import trail as open_trail
from identity.models import Account, Membership, Person, ScimToken
from identity.operations.provisioning import create_scim_token, revoke_scim_token, rotate_scim_token
from identity.ports import bindings
from kernel.clock import DatabaseClock, FixedClock
from kernel.principal import Principal
from tests.factories.tenants import member, signed_in, tenant
from tests.identity.scim.service import ENTERPRISE, ERROR, SEARCH, USER, Service, service

pytestmark = pytest.mark.django_db


@pytest.fixture
def one() -> Service:
    return service()


def error(answer, status: int, scim_type: str = "") -> None:
    """The answer is a SCIM error with this status, as text, and type."""
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert answer["Content-Type"] == "application/scim+json"
    assert body["schemas"] == [ERROR]
    assert body["status"] == str(status)
    assert body.get("scimType", "") == scim_type


# --- Who may ask -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["Users", "Groups", "Me", "ServiceProviderConfig", "Schemas", "Nothing", ""])
def test_anonymous(path: str):
    """Every address answers a visitor with 401 in JSON; one that does not exist too."""
    error(Client(HTTP_HOST="127.0.0.1").get(f"/scim/v2/{path}"), 401)


def test_browser_sessions_do_not_authenticate(one: Service):
    """The owner of the organisation, signed in, is nobody here: neither reading nor writing."""
    browser = signed_in(one.tenant, "owner")
    error(browser.get("/scim/v2/Users"), 401)
    error(browser.post("/scim/v2/Users", {"userName": "x"}, content_type="application/json"), 401)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer slscim_x", "Bearer a.b.c", "Bearer " + "x" * 9000]
)
def test_wrong_credentials(header: str):
    """Wrong schemes, unknown tokens and endless ones are 401."""
    error(Client(HTTP_HOST="127.0.0.1").get("/scim/v2/Users", headers={"authorization": header}), 401)


def test_revoked_and_expired(one: Service):
    """A token ends when it is revoked, and when its time is over."""
    with one.tenant.writing() as trail:
        revoke_scim_token(token_id=ScimToken.objects.get().id, trail=trail)
    error(one.get("Users"), 401)
    past = FixedClock(DatabaseClock().now() - timedelta(days=3))
    early = tenant(clock=past)
    with open_trail(organization_id=early.organization.id, actor=early.actor, clock=past) as opened:
        issued = create_scim_token(name="short", days=1, trail=opened)
    error(Service(early, issued.token).get("Users"), 401)


def test_rotation_overlaps(one: Service):
    """Both tokens work until the overlap ends; without an overlap the old one ends at once."""
    with one.tenant.writing() as trail:
        first = rotate_scim_token(token_id=ScimToken.objects.get().id, trail=trail)
    new = Service(one.tenant, first.token)
    assert one.get("Users").status_code == new.get("Users").status_code == 200
    with one.tenant.writing() as trail:
        rotate_scim_token(token_id=first.row.id, overlap=timedelta(0), trail=trail)
    error(new.get("Users"), 401)


def test_use_is_remembered_once_a_minute(one: Service):
    """`last_used_at` is written by the first request of a minute."""
    one.get("Users")
    with one.tenant.reading():
        used = ScimToken.objects.get().last_used_at
    assert used is not None
    one.get("Users")
    with one.tenant.reading():
        assert ScimToken.objects.get().last_used_at == used


def test_rate_limit(one: Service, settings):
    """Beyond the limit a token gets 429 with Retry-After."""
    settings.SCIM_REQUESTS_PER_SECOND = 1
    answers = [one.get("ServiceProviderConfig") for _ in range(6)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    error(refused[0], 429)
    assert refused[0]["Retry-After"] == "1"


def test_an_emptied_cache_is_no_error(one: Service, monkeypatch):
    """A count that the cache lost between two steps counts as the first one."""

    def lost(key: str) -> int:
        raise ValueError(key)

    monkeypatch.setattr(cache, "incr", lost)
    assert one.get("Users").status_code == 200


def test_plan(one: Service, monkeypatch):
    """An organisation whose plan has no provisioning gets 403."""
    monkeypatch.setattr(bindings, "plan", lambda **_asked: False)
    error(one.get("Users"), 403)


def test_access_tokens_need_the_permission_too(one: Service, monkeypatch):
    """An access token works within the permissions of the roles behind it; /Me is the person of its account."""
    account, principal = member(one.tenant, "it_admin")
    person = one.user("me")
    with one.tenant.writing():
        Membership.objects.filter(account=account).update(person_id=person["id"])
    who: list[Principal] = [principal]
    monkeypatch.setattr(bindings, "access_token", lambda *, token, audience, at: who[0])
    holder = Service(one.tenant, "an.access.token")
    assert holder.get("Users").status_code == 200
    assert holder.get("Me").json()["id"] == person["id"]
    assert holder.patch("Me", {"op": "replace", "path": "title", "value": "Chief"}).json()["title"] == "Chief"
    who[0] = member(one.tenant, "viewer")[1]
    error(holder.get("Users"), 403)
    error(holder.post("Users", {"schemas": [USER], "userName": "x"}), 403)


def test_me_of_a_provisioning_token(one: Service):
    """A directory service is nobody."""
    error(one.get("Me"), 404)


# --- Other organisations ---------------------------------------------------------------------------------------------


def test_other_organisations_do_not_exist(one: Service):
    """Reading, writing, filtering and referring find nothing of another organisation, and say so alike."""
    other = service()
    theirs = other.user("theirs", displayName="Theirs")["id"]
    group = other.group("Theirs", theirs)["id"]
    nobody = "01a217ad-54ad-73db-8af8-9997adfa696e"
    for path in (f"Users/{theirs}", f"Groups/{group}"):
        kind = path.split("/")[0]
        assert (
            one.get(path).json()["detail"].replace(path.split("/")[1], nobody)
            == one.get(f"{kind}/{nobody}").json()["detail"]
        )
        error(one.get(path), 404)
        error(one.send("DELETE", path), 404)
        error(one.patch(path, {"op": "replace", "path": "displayName", "value": "Ours"}), 404)
    error(one.send("PUT", f"Users/{theirs}", {"schemas": [USER], "userName": "ours"}), 404)
    for asked in ('userName eq "theirs" or title pr', 'userName pr or displayName eq "Theirs"', f'id eq "{theirs}"'):
        assert one.get(f"Users?filter={asked}").json()["totalResults"] == 0
    mine = one.group("Mine")["id"]
    error(
        one.patch(f"Groups/{mine}", {"op": "add", "path": "members", "value": [{"value": theirs}]}), 400, "invalidValue"
    )
    me = one.user("me")["id"]
    manager = {"op": "add", "path": f"{ENTERPRISE}:manager", "value": {"value": theirs}}
    error(one.patch(f"Users/{me}", manager), 400, "invalidValue")
    assert other.get(f"Users/{theirs}").json()["displayName"] == "Theirs"
    assert other.user("me")["id"] != me


# --- Versions and selections -----------------------------------------------------------------------------------------


def test_head_is_a_get_without_a_body(one: Service):
    """HEAD answers with the headers of GET."""
    made = one.user("head")
    answer = one.send("HEAD", f"Users/{made['id']}")
    assert (answer.status_code, answer.content, answer["ETag"]) == (200, b"", 'W/"1"')


def test_versions(one: Service):
    """ETag on every resource, 304 for a version that is known, 412 for a write on an old one."""
    made = one.user("versions")
    path, tag = f"Users/{made['id']}", made["meta"]["version"]
    answer = one.get(path)
    assert answer["ETag"] == tag == 'W/"1"'
    assert one.get(path, **{"if-none-match": tag}).status_code == 304
    title = {"op": "replace", "path": "title", "value": "Chief"}
    changed = one.patch(path, title, **{"if-match": tag})
    assert changed["ETag"] == 'W/"2"'
    assert one.get(path, **{"if-none-match": tag}).status_code == 200
    error(one.patch(path, title, **{"if-match": tag}), 412)
    error(one.send("DELETE", path, **{"if-match": tag}), 412)
    error(one.patch(path, title, **{"if-match": '"x"'}), 412)
    assert one.patch(path, title, **{"if-match": "*"}).status_code == 200
    assert one.send("DELETE", path, **{"if-match": f'W/"1", {changed["ETag"]}'}).status_code == 204


def test_selections(one: Service):
    """`attributes` and `excludedAttributes` decide what is sent, on reads, lists and writes; the id is always there."""
    made = one.user("select", title="Chief", displayName="Select", **{ENTERPRISE: {"department": "Grid"}})
    path = f"Users/{made['id']}"
    assert set(one.get(f"{path}?attributes=title").json()) == {"schemas", "id", "title"}
    assert set(one.get("Users?attributes=title").json()["Resources"][0]) == {"schemas", "id", "title"}
    assert "title" not in one.get(f"{path}?excludedAttributes=title,userName").json()
    only = one.get(f"{path}?attributes={ENTERPRISE}:department").json()
    assert only[ENTERPRISE] == {"department": "Grid"}
    answer = one.send(
        "PATCH", f"{path}?attributes=title", {"Operations": [{"op": "replace", "path": "title", "value": "T"}]}
    )
    assert set(answer.json()) == {"schemas", "id", "title"}
    error(one.get(f"{path}?attributes=title&excludedAttributes=userName"), 400, "invalidValue")


# --- Lists -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def house(one: Service) -> Service:
    """Four people and two groups."""
    boss = one.user(
        "Anna",
        displayName="Anna Berg",
        title="Chief",
        emails=[{"value": "anna@x.test", "type": "work", "primary": True}],
    )
    one.user("bert", title="engineer", **{ENTERPRISE: {"department": "Grid", "manager": {"value": boss["id"]}}})
    one.user("cara", active=False, emails=[{"value": "CARA@home.test", "type": "home"}], name={"familyName": "Dahl"})
    dora = one.user("dora", title="Engineer II")
    one.group("Engineers", dora["id"], boss["id"])
    one.group("Empty")
    return one


FILTERS = {
    'userName eq "ANNA"': ["Anna"],
    'userName ne "anna"': ["bert", "cara", "dora"],
    'userName sw "b" or userName sw "c"': ["bert", "cara"],
    'title co "engineer"': ["bert", "dora"],
    'title ew "II"': ["dora"],
    "title pr": ["Anna", "bert", "dora"],
    "not (title pr)": ["cara"],
    "title eq null": ["cara"],
    "active eq false": ["cara"],
    'active eq true and not (title co "ii")': ["Anna", "bert"],
    'emails.value eq "cara@HOME.test"': ["cara"],
    'emails co "x.test"': ["Anna"],
    'emails[type eq "work" and primary eq true]': ["Anna"],
    'emails[type eq "work"] or emails[not (type eq "work")]': ["Anna", "cara"],
    "emails pr": ["Anna", "cara"],
    "name pr": ["cara"],
    'name.familyName eq "dahl"': ["cara"],
    'userName gt "bert"': ["cara", "dora"],
    'userName ge "bert" and userName lt "dora"': ["bert", "cara"],
    f'{ENTERPRISE}:department eq "grid"': ["bert"],
    f"{ENTERPRISE}:manager.value pr": ["bert"],
    'meta.created gt "2020-01-01T00:00:00Z"': ["Anna", "bert", "cara", "dora"],
    'meta.lastModified lt "2020-01-01T00:00:00Z"': [],
    'meta.resourceType eq "User"': ["Anna", "bert", "cara", "dora"],
    'groups.display eq "engineers"': ["Anna", "dora"],
    "groups pr": ["Anna", "dora"],
    f'schemas eq "{USER}"': ["Anna", "bert", "cara", "dora"],
    'id eq "no id"': [],
    'userName eq "%" or userName co "_"': [],
    'userName eq "x\' OR 1=1 --"': [],
}


@pytest.mark.parametrize("asked", FILTERS)
def test_filters(house: Service, asked: str):
    """Every operator, in any case, on columns, on rows of their own, and in brackets."""
    answer = house.post("Users/.search", {"schemas": [SEARCH], "filter": asked, "sortBy": "userName"})
    assert answer.status_code == 200, answer.content
    assert [row["userName"] for row in answer.json()["Resources"]] == FILTERS[asked]


@pytest.mark.parametrize(
    "asked",
    [
        'unknown eq "x"',
        'emails.unknown eq "x"',
        "userName",
        "userName eq",
        'userName xx "y"',
        "active gt true",
        'id co "x"',
        'meta.location eq "x"',
        "(" * 40 + "title pr" + ")" * 40,
        "not (" * 25 + "title pr" + ")" * 25,
        'userName eq "' + "x" * 3000 + '"',
        'emails[unknown eq "x"]',
        'emails[type eq "work"',
        "userName eq 12345678901234567890123456789",
        'meta.created gt "yesterday"',
        'title["x"]',
    ],
)
def test_hostile_filters(one: Service, asked: str):
    """Unknown attributes and what cannot be read are 400 invalidFilter, by GET and by POST; nothing is ignored."""
    answer = one.post("Users/.search", {"schemas": [SEARCH], "filter": asked})
    assert answer.status_code == 400, answer.content
    error(answer, 400, "invalidFilter")
    error(one.get("Users?" + urlencode({"filter": asked})), 400, "invalidFilter")


@pytest.mark.parametrize("text", [r"\u0000", r"\ud800", "\u2028", "%"])
@pytest.mark.parametrize("op", ["eq", "co", "sw", "gt"])
def test_texts_that_no_row_holds(one: Service, text: str, op: str):
    """NUL and halves of characters match nothing, in each operator, and are no error of the server."""
    one.user("somebody")
    for name in ("userName", "title", "externalId", "id" if op == "eq" else "locale"):
        answer = one.post("Users/.search", {"schemas": [SEARCH], "filter": f'{name} {op} "{text}"'})
        assert answer.status_code == 200, answer.content


def test_sorting(house: Service):
    """In any case, both ways; rows without a value come last, and first when descending."""

    def names(query: str) -> list[str]:
        return [row["userName"] for row in house.get(f"Users?{query}").json()["Resources"]]

    assert names("sortBy=title") == ["Anna", "bert", "dora", "cara"]
    assert names("sortBy=title&sortOrder=descending") == ["cara", "dora", "bert", "Anna"]
    assert names("sortBy=emails.value")[:2] == ["Anna", "cara"]
    assert names("sortBy=meta.created&sortOrder=descending") == ["dora", "cara", "bert", "Anna"]
    error(house.get("Users?sortBy=unknown"), 400, "invalidPath")
    error(house.get("Users?sortBy=name"), 400, "invalidPath")


@pytest.mark.parametrize(
    ("query", "start", "size"),
    [
        ("", 1, 4),
        ("startIndex=0", 1, 4),
        ("startIndex=-7&count=2", 1, 2),
        ("count=-1", 1, 0),
        ("count=0", 1, 0),
        ("startIndex=4", 4, 1),
        ("startIndex=99999999999999999999999999", 2147483647, 0),
        ("count=99999999999999999999999999", 1, 4),
        ("startIndex=5", 5, 0),
    ],
)
def test_pages(house: Service, query: str, start: int, size: int):
    """startIndex below 1 is 1, a negative count is 0, and huge numbers are no error."""
    found = house.get(f"Users?{query}").json()
    assert (found["totalResults"], found["startIndex"], found["itemsPerPage"]) == (4, start, size)


@pytest.mark.parametrize("query", ["count=x", "startIndex=1.5", "sortOrder=up"])
def test_queries_that_cannot_be_read(one: Service, query: str):
    """A 400 that says so."""
    assert one.get(f"Users?{query}").status_code == 400


def test_search_over_everything(house: Service):
    """The root and its /.search look into people and groups; an attribute of one type matches no row of the other."""
    found = house.post(".search", {"schemas": [SEARCH], "filter": 'displayName sw "e" or title co "chief"'}).json()
    assert [row["meta"]["resourceType"] for row in found["Resources"]] == ["User", "Group", "Group"]
    assert found["totalResults"] == 3
    page = house.post(".search", {"schemas": [SEARCH], "startIndex": 4, "count": 2}).json()
    assert [row["meta"]["resourceType"] for row in page["Resources"]] == ["User", "Group"]
    assert page["totalResults"] == 6
    ordered = house.post(
        ".search", {"schemas": [SEARCH], "sortBy": "displayName", "attributes": ["displayName"]}
    ).json()
    assert [row.get("displayName") for row in ordered["Resources"]] == [
        "Anna Berg",
        "Dahl",
        None,
        None,
        "Empty",
        "Engineers",
    ]
    assert house.get("?count=1").json()["totalResults"] == 6
    assert house.post("Groups/.search", {"schemas": [SEARCH]}).json()["totalResults"] == 2
    error(house.get('?filter=unknown eq "x"'), 400, "invalidFilter")


# --- Bodies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'"x"',
        b"{",
        b'{"userName": "\xff"}',
        b'{"userName": "\\ud800"}',
        b'{"schemas": []}',
        b'{"userName": 5, "schemas": ["x"]}',
        b'{"userName": {"a": 1}}',
        b'{"userName": ""}',
        b'{"userName": "x\\u0000y", "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}',
        b'{"userName": "' + b"x" * 300 + b'", "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}',
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b'{"userName": "x", "emails": [{"value": "a", "primary": true}, {"value": "b", "primary": true}]}',
        b'{"userName": "x", "emails": "x"}',
        b'{"userName": "x", "emails": [5]}',
        b'{"userName": "x", "active": "perhaps"}',
        b'{"userName": "x", "name": 7}',
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_bad_bodies(one: Service, body: bytes, method: str):
    """Whatever is wrong with a body is a SCIM error, never an error of the server, and nothing is written."""
    path = "Users" if method == "POST" else f"Users/{one.user('already')['id']}"
    answer = one.send(method, path, body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["schemas"] == [ERROR]
    with one.tenant.reading():
        assert Person.objects.exclude(user_name="already").count() == 0


def test_large_bodies(one: Service):
    """More than 1 MiB is 413."""
    error(one.send("POST", "Users", b'{"userName": "' + b"x" * (1024 * 1024) + b'"}'), 413)


def test_media_types(one: Service):
    """JSON under either name; everything else is 415."""
    for kind, status in (("application/json", 201), ("application/scim+json; charset=utf-8", 201), ("text/xml", 415)):
        answer = Client(HTTP_HOST="127.0.0.1").post(
            "/scim/v2/Users",
            f'{{"schemas": ["{USER}"], "userName": "u{len(kind)}"}}',
            content_type=kind,
            headers={"authorization": f"Bearer {one.token}"},
        )
        assert answer.status_code == status, answer.content


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "smash", "path": "title", "value": "x"},
        {"op": "replace", "path": "id", "value": "x"},
        {"op": "replace", "path": "groups", "value": []},
        {"op": "remove"},
        {"op": "remove", "path": "userName"},
        {"op": "replace", "path": "title[", "value": "x"},
        {"op": "add", "path": "title"},
        {"op": "replace", "path": "active", "value": "perhaps"},
        {"op": "replace", "path": 'emails[type co "w"].value', "value": "x"},
        {"op": "replace", "path": "userName", "value": ""},
        {"op": "add", "path": "manager", "value": "no id"},
        {"op": 5},
        7,
    ],
)
def test_bad_operations(one: Service, operation):
    """An operation that cannot be carried out is 400 with a type, and the person stays as it was."""
    made = one.user("patched", title="Chief")
    answer = one.patch(f"Users/{made['id']}", operation)
    assert answer.status_code == 400, answer.content
    assert answer.json()["schemas"] == [ERROR]
    assert one.get(f"Users/{made['id']}").json() == made


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "Users", 405),
        ("DELETE", "Groups", 405),
        ("POST", "Schemas", 405),
        ("POST", "Users/01a217ad-54ad-73db-8af8-9997adfa696e", 405),
        ("OPTIONS", "Users", 405),
        ("GET", "Bulk", 405),
        ("GET", "Nothing", 404),
        ("GET", "Users/x/y", 404),
        ("GET", "Users/no-id", 404),
        ("GET", "Schemas/x", 404),
        ("GET", "Schemas?filter=id pr", 403),
    ],
)
def test_addresses_and_methods(one: Service, method: str, path: str, status: int):
    """Methods and addresses that do not exist are SCIM errors as well."""
    error(one.send(method, path, {} if method in {"PUT", "POST"} else None), status)


def test_a_mounted_view_of_the_library_stays_shut(rf):
    """A view of django_scim that somebody routes by mistake answers 401, whoever is signed in."""
    request = rf.get("/elsewhere/Users")
    request.user = Account(email="x@example.org")
    answer = UsersView.as_view()(request)
    assert answer.status_code == 401
