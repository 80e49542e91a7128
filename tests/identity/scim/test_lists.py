"""Lists: filters, order, pages, and a search over everything."""

from urllib.parse import urlencode

import pytest

from tests.identity.scim.service import ENTERPRISE, SEARCH, USER, Service, error, service

pytestmark = pytest.mark.django_db


@pytest.fixture
def one() -> Service:
    return service()


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
