"""GraphQL of the directory: what a person, a group and a membership show, and the two mutations of people."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from identity.models import Membership, Person
from tests.factories import identity
from tests.factories.moments import NOW
from tests.factories.tenants import Tenant, member, signed_in, tenant
from tests.graphs import NOBODY, ask, codes, data, response
from tests.seats.books import fed_pool, fill, held, kinds, used

pytestmark = pytest.mark.django_db
CREATE = "mutation M($input: CreatePersonInput!) { createPerson(input: $input) { id userName displayName active } }"
DEACTIVATE = "mutation M($input: DeactivatePersonInput!) { deactivatePerson(input: $input) { id active leftAt } }"


@pytest.fixture
def house() -> Tenant:
    return tenant(name="Halden Energy")


def test_the_own_organisation_is_the_only_one(house: Tenant) -> None:
    """Its name and settings, whoever asks; there is no argument that could name another."""
    tenant()
    found = data(signed_in(house, "member"), "{ organization { id slug name kind timeZone currency } }")
    assert found["organization"] == {
        "id": str(house.organization.id),
        "slug": house.organization.slug,
        "name": "Halden Energy",
        "kind": "buyer",
        "timeZone": "UTC",
        "currency": "EUR",
    }


def test_the_viewer_knows_what_the_own_roles_allow(house: Tenant) -> None:
    """A client can leave out of a query what it would be refused."""
    viewer = data(signed_in(house, "auditor"), "{ viewer { label roles permissions } }")["viewer"]
    assert (viewer["label"], viewer["roles"]) == ("Kim Member", ["auditor"])
    assert "licensing.money.view" in viewer["permissions"]
    assert "seats.assignment.manage" not in viewer["permissions"]


def test_people_are_found_by_documented_names(house: Tenant) -> None:
    """Each member of the filter narrows by itself and together; null asks for nothing."""
    with house.writing():
        unit = identity.unit(house.organization)
        identity.person(house.organization, user_name="Ann", employee_number="7", org_unit=unit)
        identity.person(house.organization, user_name="Ben", external_id="x-1")
    reader = signed_in(house, "it_admin")

    def found(**members: Any) -> list[str]:
        query = "query Q($f: PersonFilter) { people(filter: $f) { nodes { userName } } }"
        return [row["userName"] for row in data(reader, query, f=members)["people"]["nodes"]]

    assert found(userName="ANN") == found(employeeNumber="7") == found(orgUnit=str(unit.id)) == ["Ann"]
    assert found(externalId="x-1", active=True, userName=None) == ["Ben"]
    assert found(active=False) == found(userName="Ann", externalId="x-1") == found(orgUnit=NOBODY) == []
    assert found() == ["Ben", "Ann"]


def test_a_filter_by_what_is_no_id_is_pointed_at(house: Tenant) -> None:
    """INVALID_INPUT at the member of the filter."""
    body = ask(signed_in(house, "it_admin"), '{ devices(filter: { person: "Ann" }) { nodes { id } } }')
    assert codes(body) == ["INVALID_INPUT"]
    assert body["errors"][0]["extensions"]["pointer"] == "/filter/person"


def test_a_group_shows_its_members_and_a_person_the_groups(house: Tenant) -> None:
    """Membership of a group is a row of its own, which says since when."""
    with house.writing():
        person = identity.person(house.organization, user_name="ann")
        identity.group_member(identity.group(house.organization, display_name="Design"), person)
    found = data(
        signed_in(house, "it_admin"),
        "{ groups { nodes { displayName members { nodes { person { userName } } } } }"
        " people { nodes { groups { nodes { group { displayName } } } } } }",
    )
    [group] = found["groups"]["nodes"]
    assert group["members"]["nodes"] == [{"person": {"userName": "ann"}}]
    [person_row] = found["people"]["nodes"]
    assert person_row["groups"]["nodes"] == [{"group": {"displayName": "Design"}}]


def test_memberships_show_accounts_of_this_organisation_alone(house: Tenant) -> None:
    """Who signs in and with which roles; an account that works elsewhere too shows nothing of that."""
    account, _principal = member(house, "viewer", email="both@example.org")
    other = tenant()
    with other.writing():
        identity.membership(other.organization, account, roles=["owner"])
    query = "{ memberships { nodes { roles endedAt account { email isActive } } } }"
    rows = data(signed_in(house, "auditor"), query)["memberships"]["nodes"]
    assert [row["roles"] for row in rows if row["account"]["email"] == "both@example.org"] == [["viewer"]]
    assert len(rows) == 2


def test_a_membership_shows_what_no_group_gives_it(house: Tenant) -> None:
    """Roles that were taken away by hand, for whoever sees members; nothing of them for others or elsewhere."""
    account, _principal = member(house, "viewer")
    with house.writing():
        row = Membership.objects.get(account=account)
        identity.withheld_role(row)
    query = "query Q($id: ID!) { membership(id: $id) { withheldRoles { nodes { role withheldAt } } } }"
    [found] = data(signed_in(house, "auditor"), query, id=str(row.id))["membership"]["withheldRoles"]["nodes"]
    assert (found["role"], found["withheldAt"][:10]) == ("finance", f"{NOW:%Y-%m-%d}")
    assert codes(ask(signed_in(house, "member"), query, id=str(row.id))) == ["PERMISSION_DENIED"]
    assert ask(signed_in(tenant(), "owner"), query, id=str(row.id))["data"] == {"membership": None}


def test_a_person_is_created_as_over_rest(house: Tenant) -> None:
    """The object back, one entry in the ledger, texts without blanks round them."""
    person = {"userName": " Kim ", "givenName": "Kim", "familyName": "Lee", "email": "kim@example.org"}
    made = data(signed_in(house, "it_admin"), CREATE, input=person)["createPerson"]
    assert (made["userName"], made["displayName"], made["active"]) == ("Kim", "Kim Lee", True)
    assert kinds(house, "person.") == ["person.created"]
    with house.reading():
        assert Person.objects.get(id=made["id"]).emails.get().value == "kim@example.org"


def test_a_person_who_leaves_gives_the_seats_back(house: Tenant) -> None:
    """One operation: inactive, and nothing held; a second time changes nothing and writes nothing."""
    with house.writing():
        pool = fed_pool(house)
    [seat] = fill(house, pool, 1)
    browser = signed_in(house, "it_admin")
    gone = {"id": str(seat.person_id)}
    first = data(browser, DEACTIVATE, input=gone)["deactivatePerson"]
    assert (first["active"], first["leftAt"] is not None) == (False, True)
    assert used(house, pool) == held(house, pool) == 0
    assert ask(browser, DEACTIVATE, input=gone) == {"data": {"deactivatePerson": first}}
    assert kinds(house, "person.", "seat.") == ["seat.assigned", "person.deactivated", "seat.released"]


@pytest.mark.parametrize(
    ("person", "code", "pointer"),
    [
        ({"userName": ""}, "INVALID_INPUT", "/input/userName"),
        ({"userName": "  "}, "INVALID_INPUT", "/input/userName"),
        ({"userName": "x" * 256}, "INVALID_INPUT", "/input/userName"),
        ({"userName": "kim", "territory": "NOR"}, "INVALID_INPUT", "/input/territory"),
        ({"userName": "kim", "email": "no address"}, "INVALID_INPUT", "/input/email"),
        ({"userName": "ANN"}, "PERSON_EXISTS", "/input/userName"),
    ],
)
def test_bad_people_are_pointed_at(house: Tenant, person: dict[str, str], code: str, pointer: str) -> None:
    """null, a code and a pointer into the input; nothing is half-written."""
    with house.writing():
        identity.person(house.organization, user_name="ann")
    body = ask(signed_in(house, "it_admin"), CREATE, input=person)
    assert (body["data"], codes(body)) == ({"createPerson": None}, [code])
    assert body["errors"][0]["extensions"]["pointer"] == pointer
    with house.reading():
        assert Person.objects.count() == 1


@pytest.mark.parametrize("person", [{}, {"userName": None}, {"userName": 1}, {"userName": "a", "isOwner": True}, "x"])
def test_input_of_another_shape_is_refused_as_a_whole(house: Tenant, person: Any) -> None:
    """400 before anything is carried out: the schema says what a person is."""
    answer = response(signed_in(house, "it_admin"), CREATE, input=person)
    assert (answer.status_code, codes(answer.json())) == (400, ["QUERY_INVALID"])


MUTATIONS = ((CREATE, {"userName": "kim"}), (DEACTIVATE, {"id": NOBODY}))


@pytest.mark.parametrize(("mutation", "given"), MUTATIONS)
def test_visitors_change_nobody(mutation: str, given: dict[str, str]) -> None:
    """401, whatever they send."""
    answer = response(Client(HTTP_HOST="127.0.0.1"), mutation, input=given)
    assert (answer.status_code, codes(answer.json())) == (401, ["SIGN_IN_REQUIRED"])


@pytest.mark.parametrize("role", ["member", "auditor", "viewer"])
@pytest.mark.parametrize(("mutation", "given"), MUTATIONS)
def test_readers_change_nobody(house: Tenant, mutation: str, given: dict[str, str], role: str) -> None:
    """The mutation is refused before it looks at what it is given."""
    body = ask(signed_in(house, role), mutation, input=given)
    assert (codes(body), list(body["data"].values())) == (["PERMISSION_DENIED"], [None])
    with house.reading():
        assert not Person.objects.exists()


def test_another_organisations_person_cannot_be_deactivated(house: Tenant) -> None:
    """NOT_FOUND, the same as for an id that nobody has, and the person is as active as before."""
    other = tenant()
    with other.writing():
        foreign = identity.person(other.organization)
    browser = signed_in(house, "it_admin")
    body = ask(browser, DEACTIVATE, input={"id": str(foreign.id)})
    assert (body["data"], codes(body)) == ({"deactivatePerson": None}, ["NOT_FOUND"])
    assert body == ask(browser, DEACTIVATE, input={"id": NOBODY})
    assert codes(ask(browser, DEACTIVATE, input={"id": "Ann"})) == ["INVALID_INPUT"]
    with other.reading():
        assert Person.objects.get(id=foreign.id).active


def test_a_mutation_costs_the_same_in_a_full_house(house: Tenant) -> None:
    """Neither creating nor deactivating reads more when there are more people."""
    browser = signed_in(house, "it_admin")
    counts = []
    for turn in range(2):
        with house.writing():
            for _person in range(30 * turn):
                identity.person(house.organization)
        with CaptureQueriesContext(connection) as queries:
            made = data(browser, CREATE, input={"userName": f"kim{turn}"})["createPerson"]
            data(browser, DEACTIVATE, input={"id": made["id"]})
        counts.append(len(queries))
    assert counts[0] == counts[1]
