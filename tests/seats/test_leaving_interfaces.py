"""Leavers, group rules and claims at every interface: works, nobody, wrong role, other house, bad input, queries."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from identity.operations import deactivate_person
from identity.operations.group_members import change_members
from seats.models import Departure, GroupRule, LeavingPolicy, SeatClaim, SeatPool
from seats.operations import assign, create_group_rule, set_leaving_policy
from tests.factories import identity, seats
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.graphs import ask, codes, data
from tests.seats.books import REASON, fed_pool, used

pytestmark = pytest.mark.django_db
API = "/api/v1"


class House:
    """A full pool, a rule that somebody waits for, and two leavers of whom the second waits for a person."""

    def __init__(self) -> None:
        self.one: Tenant = tenant()
        with self.one.writing() as trail:
            self.pool: SeatPool = fed_pool(self.one, bought=2)
            set_leaving_policy(grace_days=0, return_days=14, most_leavers=1, trail=trail)
            people = [identity.person(self.one.organization) for _ in range(3)]
            for person in people[:2]:
                assign(pool=self.pool, person=person, reason=REASON, trail=trail)
            self.group, self.other = identity.group(self.one.organization), identity.group(self.one.organization)
        for person in people[:2]:
            with self.one.writing() as trail:
                deactivate_person(person=person, trail=trail)
        with self.one.writing() as trail:
            assign(pool=self.pool, person=identity.person(self.one.organization), reason=REASON, trail=trail)
            change_members(group=self.group, joining=[people[2].id], trail=trail)
            self.rule = create_group_rule(group=self.group, pool=self.pool, trail=trail)
        with self.one.reading():
            self.stopped = Departure.objects.get(state="stopped")
            self.claim = SeatClaim.objects.get()

    def browser(self, *roles: str) -> Client:
        return signed_in(self.one, *(roles or ("it_admin",)))


@pytest.fixture
def house() -> House:
    return House()


def post(browser: Client, path: str, body: Any = None) -> Any:
    return browser.post(f"{API}/{path}", body or {}, content_type="application/json")


def decision(house: House) -> dict[str, Any]:
    return {"departures": [str(house.stopped.id)], "reason": "Site closed"}


def test_rest_confirms_leavers(house: House):
    """The seat is free when the answer arrives; a second time there is nothing to decide."""
    browser = house.browser()
    listed = browser.get(f"{API}/departures/", {"state": "stopped"}).json()["results"]
    assert [row["id"] for row in listed] == [str(house.stopped.id)]
    answer = post(browser, "departures/confirm/", decision(house))
    assert (answer.status_code, answer.json()[0]["state"]) == (200, "released")
    assert answer["Ledger-Entry"]
    assert used(house.one, house.pool) == 1
    again = post(browser, "departures/confirm/", decision(house))
    assert (again.status_code, again.json()["code"]) == (404, "DEPARTURE_NOT_FOUND")


def test_rest_keeps_leavers(house: House):
    """Nothing is released."""
    answer = post(house.browser(), "departures/keep/", decision(house))
    assert (answer.status_code, answer.json()[0]["state"]) == (200, "kept")
    assert used(house.one, house.pool) == 2


def test_rest_makes_changes_and_ends_rules(house: House):
    """A rule from its making to its end, with how many hold and wait."""
    browser = house.browser()
    made = post(browser, "group-rules/", {"group": str(house.other.id), "pool": str(house.pool.id)})
    assert (made.status_code, made.json()["waiting"]) == (201, 0)
    path = f"{API}/group-rules/{made.json()['id']}/"
    changed = browser.patch(path, {"priority": 7}, content_type="application/json").json()
    assert (changed["priority"], changed["grace_days"]) == (7, 0)
    twice = post(browser, "group-rules/", {"group": str(house.other.id), "pool": str(house.pool.id)})
    assert (twice.status_code, twice.json()["code"]) == (409, "GROUP_RULE_EXISTS")
    ended = post(browser, f"group-rules/{made.json()['id']}/end/", {"release_seats": True})
    assert ended.json()["ended_at"]
    assert browser.get(f"{API}/group-rules/{house.rule.id}/").json()["waiting"] == 1


def test_rest_shows_and_withdraws_claims(house: House):
    """Who waits, why, and that the wait can end."""
    browser = house.browser()
    [row] = browser.get(f"{API}/seat-claims/", {"assignment__isnull": "true"}).json()["results"]
    assert (row["code"], row["rule"]) == ("CAPACITY_EXCEEDED", str(house.rule.id))
    assert post(browser, f"seat-claims/{row['id']}/withdraw/").json()["end_reason"] == "withdrawn"
    assert post(browser, f"seat-claims/{row['id']}/withdraw/").json()["code"] == "SEAT_CLAIM_NOT_FOUND"


def test_rest_reads_and_sets_the_policy(house: House):
    """The defaults are told before anything was set; days out of order are refused by their field."""
    browser = house.browser()
    assert browser.get(f"{API}/leaving-policy/").json()["most_leavers"] == 1
    wanted = {"grace_days": 3, "return_days": 20, "most_leavers": None}
    assert post(browser, "leaving-policy/", wanted).json() == wanted
    wrong = post(browser, "leaving-policy/", {**wanted, "return_days": 2})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "LEAVING_POLICY_INVALID")
    assert wrong.json()["errors"][0]["pointer"] == "/return_days"


def writes(house: House) -> list[tuple[str, dict[str, Any]]]:
    rule = {"group": str(house.other.id), "pool": str(house.pool.id)}
    return [
        ("departures/confirm/", decision(house)),
        ("departures/keep/", decision(house)),
        ("group-rules/", rule),
        (f"group-rules/{house.rule.id}/end/", {"release_seats": True}),
        (f"seat-claims/{house.claim.id}/withdraw/", {}),
        ("leaving-policy/", {"grace_days": 1, "return_days": 2, "most_leavers": None}),
    ]


def test_rest_refuses_nobody_and_the_wrong_role(house: House):
    """401 for a visitor, 403 for a viewer, and nothing is written."""
    viewer = house.browser("viewer")
    for path, body in writes(house):
        assert post(Client(HTTP_HOST="127.0.0.1"), path, body).status_code == 401, path
        assert post(viewer, path, body).status_code == 403, path
    assert viewer.get(f"{API}/departures/").status_code == 403
    with house.one.reading():
        assert Departure.objects.get(id=house.stopped.id).state == "stopped"
        assert (GroupRule.objects.count(), LeavingPolicy.objects.get().grace_days) == (1, 0)


def test_rest_of_another_house_finds_nothing(house: House):
    """Foreign ids are answered like ids that do not exist."""
    stranger = signed_in(tenant(), "it_admin")
    for path in (f"departures/{house.stopped.id}/", f"group-rules/{house.rule.id}/", f"seat-claims/{house.claim.id}/"):
        assert stranger.get(f"{API}/{path}").status_code == 404
    for path, body in writes(house)[:5]:
        assert post(stranger, path, body).status_code in {400, 404}, path


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("departures/confirm/", {"departures": [], "reason": "x"}),
        ("departures/confirm/", {"departures": ["no id"], "reason": "x"}),
        ("departures/keep/", {"departures": ["01a217ad-54ad-73db-8af8-9997adfa696e"], "reason": ""}),
        ("group-rules/", {"group": "x", "pool": "y"}),
        ("leaving-policy/", {"grace_days": -1, "return_days": 1, "most_leavers": 0}),
    ],
)
def test_rest_names_the_mistake(house: House, path: str, body: dict[str, Any]):
    """400 as problem+json with pointers."""
    answer = post(house.browser(), path, body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"]


def test_lists_cost_the_same_for_few_and_many(house: House):
    """No query per departure, rule or claim, at REST and on the pages."""
    browser = house.browser()
    paths = [f"{API}/{name}/" for name in ("departures", "group-rules", "seat-claims")]
    paths += ["/it/leavers/?state=", "/it/seats/rules/", f"/it/seats/rules/{house.rule.id}/", "/my/products/"]

    def counts() -> list[int]:
        found = []
        for path in paths:
            browser.get(path)
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(path).status_code == 200, path
            found.append(len(queries))
        return found

    few = counts()
    with house.one.writing():
        for _ in range(12):
            seats.departure(house.one.organization)
            rule = seats.group_rule(house.one.organization)
            seats.claim(rule.pool, kind="rule", rule=house.rule)
    assert counts() == few


CONFIRM = "mutation M($input: ConfirmDeparturesInput!) { confirmDepartures(input: $input) { id state person { id } } }"
KEEP = "mutation M($input: KeepDeparturesInput!) { keepDepartures(input: $input) { id state } }"
MAKE = "mutation M($input: CreateGroupRuleInput!) { createGroupRule(input: $input) { id groupName pool { id } } }"
END = "mutation M($input: EndGroupRuleInput!) { endGroupRule(input: $input) { id endedAt } }"
WITHDRAW = "mutation M($input: WithdrawSeatClaimInput!) { withdrawSeatClaim(input: $input) { id waiting endReason } }"
HOLD = "mutation M($input: PlaceLegalHoldInput!) { placeLegalHold(input: $input) { id legalHold } }"
LIFT = "mutation M($input: LiftLegalHoldInput!) { liftLegalHold(input: $input) { id legalHold } }"


def test_graphql_reads_what_rest_reads(house: House):
    """Departures, rules and claims with their relations."""
    browser = house.browser()
    [row] = data(browser, '{ departures(filter: { state: "stopped" }) { nodes { id seats person { id } } } }')[
        "departures"
    ]["nodes"]
    assert (row["id"], row["seats"]) == (str(house.stopped.id), 1)
    [row] = data(browser, "{ groupRules { nodes { id groupName group { id } } } }")["groupRules"]["nodes"]
    assert row["group"]["id"] == str(house.group.id)
    [row] = data(browser, "{ seatClaims(filter: { waiting: true }) { nodes { code waiting rule { id } } } }")[
        "seatClaims"
    ]["nodes"]
    assert (row["code"], row["waiting"]) == ("CAPACITY_EXCEEDED", True)


def test_graphql_decides(house: House):
    """Each mutation is the operation of REST; the wrong role and the other house are refused."""
    browser, given = house.browser(), {"ids": [str(house.stopped.id)], "reason": "Site closed"}
    assert codes(ask(house.browser("viewer"), CONFIRM, input=given)) == ["PERMISSION_DENIED"]
    assert codes(ask(signed_in(tenant(), "it_admin"), CONFIRM, input=given)) == ["NOT_FOUND"]
    assert data(browser, KEEP, input=given)["keepDepartures"][0]["state"] == "kept"
    assert data(browser, CONFIRM, input=given)["confirmDepartures"][0]["state"] == "released"
    assert data(browser, WITHDRAW, input={"id": str(house.claim.id)})["withdrawSeatClaim"]["waiting"] is False
    made = data(browser, MAKE, input={"group": str(house.other.id), "pool": str(house.pool.id)})["createGroupRule"]
    assert data(browser, END, input={"id": made["id"], "releaseSeats": True})["endGroupRule"]["endedAt"]


@pytest.mark.parametrize("way", ["rest", "graphql", "page"])
def test_a_legal_hold_is_placed_and_lifted(house: House, way: str):
    """With a reason, by whoever may: legal, not IT."""
    legal, person = house.browser("legal"), str(house.stopped.person_id)
    states = []
    for lifting in (False, True):
        if way == "rest":
            path = f"people/{person}/{'lift-hold' if lifting else 'hold'}/"
            assert post(legal, path, {"reason": ""}).status_code == 400
            assert post(house.browser(), path, {"reason": "Dispute"}).status_code == 403
            states.append(post(legal, path, {"reason": "Dispute"}).json()["legal_hold"])
        elif way == "graphql":
            found = data(legal, LIFT if lifting else HOLD, input={"id": person, "reason": "Dispute"})
            states.append(next(iter(found.values()))["legalHold"])
        else:
            assert legal.post(f"/organization/people/{person}/hold/", {"reason": "Dispute"}).status_code == 302
            with house.one.reading():
                states.append(Departure.objects.select_related("person").get(id=house.stopped.id).person.legal_hold)
    assert states == [True, False]


def test_the_page_of_leavers(house: House):
    """Those who wait stand first with a warning; confirming needs a reason and frees the seat."""
    browser = house.browser()
    page = browser.get("/it/leavers/").content.decode()
    assert "wait until somebody confirms" in page
    chosen = {"departures": [str(house.stopped.id)]}
    assert browser.post("/it/leavers/", {**chosen, "confirm": "1", "reason": ""}).status_code == 422
    assert browser.post("/it/leavers/", {**chosen, "keep": "1", "reason": "Wrong"}).status_code == 302
    assert used(house.one, house.pool) == 2
    assert browser.post("/it/leavers/", {**chosen, "confirm": "1", "reason": "Gone"}).status_code == 302
    assert used(house.one, house.pool) == 1
    assert house.browser("auditor").post("/it/leavers/", {**chosen, "reason": "x"}).status_code == 403
    assert house.browser("auditor").get("/it/leavers/").status_code == 200
    assert house.browser("viewer").get("/it/leavers/").status_code == 403


def test_the_page_of_the_policy(house: House):
    """A mistake stands beside its field."""
    browser = house.browser()
    wrong = browser.post("/it/leavers/policy/", {"grace_days": "9", "return_days": "3"})
    assert (wrong.status_code, "At least as long as the grace" in wrong.content.decode()) == (400, True)
    assert browser.post("/it/leavers/policy/", {"grace_days": "9", "return_days": "30"}).status_code == 302
    with house.one.reading():
        assert LeavingPolicy.objects.get().grace_days == 9


def test_the_pages_of_group_rules(house: House):
    """Making one, seeing who waits, ending the wait and the rule; the pool shows its queue."""
    browser = house.browser()
    given = {"group": str(house.other.id), "pool": str(house.pool.id), "priority": "5", "grace_days": "2"}
    assert browser.post("/it/seats/rules/", given).status_code == 302
    assert browser.post("/it/seats/rules/", given).status_code == 409
    assert "The pool is full" in browser.get(f"/it/seats/rules/{house.rule.id}/").content.decode()
    assert "Who waits for a seat" in browser.get(f"/it/seats/{house.pool.id}/").content.decode()
    assert browser.post(f"/it/seats/claims/{house.claim.id}/withdraw/").status_code == 302
    assert browser.post(f"/it/seats/rules/{house.rule.id}/", {"release_seats": "on", "end": "1"}).status_code == 302
    assert house.browser("viewer").post("/it/seats/rules/", given).status_code == 403


def test_the_admin_decides_as_well(house: House):
    """The lists open, and their actions are the operations."""
    browser = house.browser()
    chosen = {"_selected_action": [str(house.stopped.id)], "action": "confirm", "apply": "1", "reason": "Gone"}
    for name in ("departure", "grouprule", "seatclaim"):
        assert browser.get(f"/admin/seats/{name}/").status_code == 200
    assert browser.post("/admin/seats/departure/", chosen).status_code in {200, 302}
    assert used(house.one, house.pool) == 1
    for action, name, row in (("withdraw", "seatclaim", house.claim), ("end_and_leave", "grouprule", house.rule)):
        browser.post(f"/admin/seats/{name}/", {"_selected_action": [str(row.id)], "action": action})
    with house.one.reading():
        assert SeatClaim.objects.get().end_reason == "withdrawn"
        assert GroupRule.objects.get().ended_at is not None
