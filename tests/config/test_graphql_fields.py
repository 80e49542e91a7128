"""Every root field of the schema by the same list: works, visitor, wrong role, other organisation, bad input, number of
queries. A field that an app adds is in all of them at once."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config.schema import schema
from identity.models import Membership
from licensing.models import Metric
from tests.factories.tenants import ALL_ROLES, Tenant, signed_in, tenant
from tests.graphs import ABOUT, NOBODY, ask, codes, data, first_ids, furnish, nodes, question, response, roots, type_of

pytestmark = pytest.mark.django_db
OPEN = {"organization", "viewer"}
"""What every member may ask for."""


@pytest.fixture
def house() -> Tenant:
    one = tenant()
    furnish(one)
    return one


@pytest.mark.parametrize("root", [*roots("single"), *roots("list"), *roots("own")])
def test_everything_below_a_root_field_is_answered(house: Tenant, root: str) -> None:
    """Whoever has all permissions gets every field of the type and of those it leads to, without an error."""
    ids = first_ids(house)
    found = data(signed_in(house, *ALL_ROLES), question(root), id=ids.get(type_of(root), NOBODY))[root]
    below = found["nodes"] if root in roots("list") else [found]
    assert below
    assert all(isinstance(row, dict) and any(value is not None for value in row.values()) for row in below)


def test_every_type_is_furnished(house: Tenant) -> None:
    """The tests of this module have a row of every type to ask for."""
    assert set(first_ids(house)) == set(nodes()) | set(ABOUT)


@pytest.mark.parametrize("root", [*roots("single"), *roots("list"), *roots("own")])
def test_visitors_are_asked_to_sign_in(root: str) -> None:
    """401 with the code of all interfaces, whatever is asked for."""
    answer = response(Client(HTTP_HOST="127.0.0.1"), question(root, depth=0), id=NOBODY)
    assert (answer.status_code, codes(answer.json())) == (401, ["SIGN_IN_REQUIRED"])
    assert "data" not in answer.json()


@pytest.mark.parametrize("root", [*roots("single"), *roots("list")])
def test_members_without_the_permission_get_null(house: Tenant, root: str) -> None:
    """The field is null, the error names the permission, and what else was asked for is answered."""
    ids = first_ids(house)
    query = question(root, depth=0).replace("}", "} organization { name }", 1) if root in roots("single") else ""
    query = query or question(root, depth=0)
    body = ask(signed_in(house, "member"), query, id=ids.get(type_of(root), NOBODY))
    assert body["data"][root] is None
    [error] = [one for one in body["errors"] if one["path"] == [root]]
    assert error["extensions"]["code"] == "PERMISSION_DENIED"
    assert error["extensions"]["errorClass"] == "AUTHORIZATION"
    assert error["extensions"]["permission"] in schema.needs[f"Query.{root}"]


@pytest.mark.parametrize("root", sorted(OPEN))
def test_every_member_may_ask_where_and_who(house: Tenant, root: str) -> None:
    """The own organisation and the own permissions are known to everybody who works here."""
    assert data(signed_in(house, "member"), question(root, depth=1))[root]


@pytest.mark.parametrize("root", roots("single"))
def test_another_organisations_row_does_not_exist(house: Tenant, root: str) -> None:
    """null and NOT_FOUND, the same answer as for an id that nobody has."""
    other = tenant()
    furnish(other)
    browser = signed_in(house, *ALL_ROLES)
    foreign = ask(browser, question(root), id=first_ids(other)[type_of(root)])
    assert (foreign["data"], codes(foreign)) == ({root: None}, ["NOT_FOUND"])
    assert foreign == ask(browser, question(root), id=NOBODY)


@pytest.mark.parametrize("root", roots("list"))
def test_lists_show_no_row_of_another_organisation(root: str) -> None:
    """An empty house sees empty pages beside a full one, but for its own member and the metrics it began with."""
    empty, other = tenant(), tenant()
    furnish(other)
    rows = data(signed_in(empty, *ALL_ROLES), question(root, depth=0))[root]
    with empty.reading():
        own = {"memberships": Membership.objects.count(), "metrics": Metric.objects.count()}
    assert len(rows["nodes"]) == own.get(root, 0)


@pytest.mark.parametrize("root", roots("single"))
@pytest.mark.parametrize("text", ["", "1", "x" * 5000, NOBODY + "0", "\u0663"])
def test_what_is_no_id_is_pointed_at(house: Tenant, root: str, text: str) -> None:
    """null and INVALID_INPUT with the pointer of the argument."""
    body = ask(signed_in(house, *ALL_ROLES), question(root, depth=0), id=text)
    [error] = body["errors"]
    assert (body["data"], error["path"]) == ({root: None}, [root])
    assert (error["extensions"]["code"], error["extensions"]["pointer"]) == ("INVALID_INPUT", "/id")


@pytest.mark.parametrize("root", roots("list"))
def test_lists_cost_the_same_for_few_rows_and_many(house: Tenant, root: str) -> None:
    """One query for each relation, however many rows there are: none for each row."""
    browser = signed_in(house, *ALL_ROLES)
    counts = []
    for more in (0, 6):
        for _ in range(more):
            furnish(house)
        ask(browser, question(root))
        with CaptureQueriesContext(connection) as queries:
            data(browser, question(root))
        counts.append(len(queries))
    assert counts[0] == counts[1]
