"""REST of reclamation: works, visitor, wrong role, other organisation, bad input, constant cost."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import seats
from tests.factories.moments import NOW, days
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.seats.books import REASON, fed_pool, fill, kinds

pytestmark = pytest.mark.django_db
NOBODY = "01900000-0000-7000-8000-000000000000"
CALLS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("get", "reclamation-rules/", {}),
    ("get", "reclamation-rules/{rule}/", {}),
    ("get", "reclamation-rules/{rule}/preview/", {}),
    ("post", "reclamation-rules/", {"name": "Unused", "pool": "{pool}"}),
    ("patch", "reclamation-rules/{rule}/", {"window_days": 30}),
    ("post", "reclamation-rules/{rule}/stop/", {}),
    ("post", "reclamation-rules/{rule}/resume/", {}),
    ("get", "removal-candidates/", {}),
    ("get", "removal-candidates/{candidate}/", {}),
    ("post", "removal-candidates/{candidate}/decide/", {"keep": True}),
    ("post", "removal-candidates/{candidate}/undo/", {"reason": REASON}),
    ("get", "reclamation-exemptions/", {}),
    ("get", "reclamation-exemptions/{exemption}/", {}),
    ("post", "reclamation-exemptions/", {"pool": "{pool}", "reason": REASON}),
    ("post", "reclamation-exemptions/{exemption}/end/", {}),
)
WRITES = [call for call in CALLS if call[0] != "get"]


def rows_of(one: Tenant) -> dict[str, str]:
    """A pool with one seat whose holder wants to keep it, and an exemption, by what the addresses call them."""
    with one.writing():
        pool = fed_pool(one)
    [seat] = fill(one, pool, 1)
    with one.writing():
        waiting = seats.removal_candidate(
            seat, state="awaiting_approval", outcome="keep_wanted", due_at=days(7), answered_at=NOW, asked_at=NOW
        )
        exempt = seats.exemption(one.organization)
    return {
        "pool": str(pool.id),
        "rule": str(waiting.rule_id),
        "candidate": str(waiting.id),
        "exemption": str(exempt.id),
    }


def called(browser: Client, method: str, path: str, body: dict, ids: dict[str, str]):
    address = f"/api/v1/{path.format(**ids)}"
    if method == "get":
        return browser.get(address)
    sent = {name: value.format(**ids) if isinstance(value, str) else value for name, value in body.items()}
    return getattr(browser, method)(address, sent, content_type="application/json")


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_visitors_are_asked_to_sign_in(method, path, body):
    """401 with a stable code."""
    ids = dict.fromkeys(("pool", "rule", "candidate", "exemption"), NOBODY)
    answer = called(Client(HTTP_HOST="127.0.0.1"), method, path, body, ids)
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_IN_REQUIRED")


def test_each_call_works_for_administrators():
    """Made, changed, previewed, stopped, resumed, decided, exempted, ended; undo says that nothing was taken."""
    one = tenant()
    ids, browser = rows_of(one), signed_in(one, "it_admin")
    codes = [called(browser, method, path, body, ids).status_code for method, path, body in CALLS]
    assert codes == [200, 200, 200, 201, 200, 200, 200, 200, 200, 409, 409, 200, 200, 201, 200]
    # The stop cancelled the candidate, so that nothing was left to decide.
    assert "removal.cancelled" in kinds(one, "removal.")


def test_a_kept_seat_is_decided_and_a_taken_one_given_again():
    """Refused with a reason: completed and free; undone: held again. A refusal without a reason is 400."""
    one = tenant()
    ids, browser = rows_of(one), signed_in(one, "it_admin")
    path = f"/api/v1/removal-candidates/{ids['candidate']}/"
    bad = browser.post(path + "decide/", {"keep": False}, content_type="application/json")
    assert (bad.status_code, bad.json()["code"]) == (400, "REMOVAL_REASON_REQUIRED")
    done = browser.post(path + "decide/", {"keep": False, "reason": "Shared"}, content_type="application/json").json()
    assert (done["state"], done["outcome"], done["pool"]) == ("completed", "keep_refused", ids["pool"])
    again = browser.post(path + "undo/", {"reason": "A mistake"}, content_type="application/json").json()
    assert (again["state"], again["restored"] is not None) == ("undone", True)
    late = browser.post(path + "undo/", {"reason": "A mistake"}, content_type="application/json")
    assert (late.status_code, late.json()["code"]) == (409, "REMOVAL_UNDO_OVER")


def test_savings_are_for_those_who_may_see_money():
    """Finance reads the sums by currency; IT, which decides, does not."""
    one = tenant()
    with one.writing():
        seat = seats.assignment(seats.pool(one.organization))
        seats.removal_candidate(seat, saving="150.00", currency="EUR")
    path = "/api/v1/removal-candidates/savings/"
    assert signed_in(one, "finance").get(path).json() == [{"currency": "EUR", "potential": "150.00", "actual": "0.00"}]
    assert signed_in(one, "it_admin").get(path).status_code == 403
    assert "150.00" in signed_in(one, "finance").get("/it/seats/reclamation/").content.decode()
    assert "150.00" not in signed_in(one, "it_admin").get("/it/seats/reclamation/").content.decode()


def test_a_preview_counts_seats_by_verdict():
    """Nothing is written; without any usage record the feed is silent."""
    one = tenant()
    ids = rows_of(one)
    seen = signed_in(one, "auditor").get(f"/api/v1/reclamation-rules/{ids['rule']}/preview/").json()
    assert (seen["selected"], seen["feed_alive"], seen["seats"]) == (0, False, 0)
    assert set(seen["counts"]) >= {"selected", "feed_silent", "exempt", "too_young"}


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_members_without_the_permission_are_refused(method, path, body):
    """403, and nothing is written."""
    one = tenant()
    answer = called(signed_in(one, "member"), method, path, body, rows_of(one))
    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_readers_cannot_write(method, path, body):
    """An auditor sees all of it and changes nothing."""
    one = tenant()
    assert called(signed_in(one, "auditor"), method, path, body, rows_of(one)).status_code == 403


@pytest.mark.parametrize(("method", "path", "body"), [call for call in CALLS if "{" in call[1]])
def test_another_organisations_rows_do_not_exist(method, path, body):
    """404, as for an id that nobody has."""
    one, other = tenant(), tenant()
    browser, ids = signed_in(one, "it_admin"), rows_of(other)
    foreign = called(browser, method, path, body, ids)
    nobody = called(browser, method, path, body, dict.fromkeys(ids, NOBODY))
    assert (foreign.status_code, foreign.json()) == (404, nobody.json())


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("reclamation-rules/", {"name": "Unused"}, "/pool"),
        ("reclamation-rules/", {"name": "Unused", "pool": NOBODY}, "/pool"),
        ("reclamation-rules/", {"name": " ", "pool": "{pool}"}, "/name"),
        ("reclamation-rules/", {"name": "Unused", "pool": "{pool}", "window_days": 0}, "/window_days"),
        ("reclamation-rules/", {"name": "Unused", "pool": "{pool}", "notice_days": 0}, "/notice_days"),
        ("reclamation-rules/", {"name": "Unused", "pool": "{pool}", "kind": "total_use"}, "/use_limit"),
        ("reclamation-rules/", {"name": "Unused", "pool": "{pool}", "use_limit": 3}, "/use_limit"),
        (
            "reclamation-rules/",
            {"name": "Unused", "pool": "{pool}", "kind": "total_use", "use_limit": -1},
            "/use_limit",
        ),
        ("reclamation-rules/", {"name": "Unused", "pool": "{pool}", "approver": "anybody"}, "/approver"),
        ("reclamation-exemptions/", {"reason": REASON}, "/person"),
        ("reclamation-exemptions/", {"pool": "{pool}", "reason": ""}, "/reason"),
        ("reclamation-exemptions/", {"pool": "{pool}", "reason": "x", "ends_at": "2001-01-01T00:00Z"}, "/ends_at"),
    ],
)
def test_bad_input_points_at_the_mistake(path, body, pointer):
    """400 with a JSON pointer."""
    one = tenant()
    answer = called(signed_in(one, "it_admin"), "post", path, body, rows_of(one))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)


def test_two_rules_have_two_names():
    """409 with a stable code."""
    one = tenant()
    ids, browser = rows_of(one), signed_in(one, "it_admin")
    codes = [called(browser, "post", "reclamation-rules/", {"name": "Unused", "pool": "{pool}"}, ids) for _ in range(2)]
    assert [answer.status_code for answer in codes] == [201, 409]
    assert codes[1].json()["code"] == "RECLAMATION_RULE_EXISTS"


@pytest.mark.parametrize("path", ["reclamation-rules/", "removal-candidates/", "reclamation-exemptions/"])
def test_lists_cost_the_same_for_one_row_and_five(path):
    """No query per row."""
    one = tenant()
    browser = signed_in(one, "it_admin")
    counts = []
    for more in (1, 4):
        for _ in range(more):
            rows_of(one)
        browser.get(f"/api/v1/{path}")
        with CaptureQueriesContext(connection) as queries:
            assert len(browser.get(f"/api/v1/{path}").json()["results"]) in {1, 5}
        counts.append(len(queries))
    assert counts[0] == counts[1]


PAGES = (
    "/it/seats/reclamation/",
    "/it/seats/reclamation/rules/{rule}/",
    "/it/seats/reclamation/{candidate}/",
    "/it/seats/reclamation/exemptions/",
)


@pytest.mark.parametrize("path", PAGES)
def test_pages_for_readers_visitors_and_strangers(path):
    """200 for whoever may see it, the sign-in for visitors, 403 without the permission, 404 from elsewhere."""
    one, other = tenant(), tenant()
    ids = rows_of(one)
    address = path.format(**ids)
    assert signed_in(one, "auditor").get(address).status_code == 200
    assert signed_in(one, "it_admin").get(address).status_code == 200
    assert Client(HTTP_HOST="127.0.0.1").get(address)["Location"].startswith("/accounts/sign-in/")
    assert signed_in(one, "member").get(address).status_code == 403
    if "{" in path:
        assert signed_in(other, "it_admin").get(address).status_code == 404


def test_a_rule_is_made_changed_and_stopped_on_its_page():
    """Each form is one operation; mistakes stand beside their fields."""
    one = tenant()
    ids, browser = rows_of(one), signed_in(one, "it_admin")
    usual = {
        "name": "Unused", "kind": "last_used", "window_days": 90, "minimum_age_days": 60, "notice_days": 14,
        "reminders": 1, "approver": "administrator", "decision_days": 7, "cool_down_days": 90,
    }  # fmt: skip
    new = "/it/seats/reclamation/rules/new/"
    assert browser.get(new).status_code == 200
    assert browser.post(new, usual).status_code == 400
    made = browser.post(new, {**usual, "pool": ids["pool"]})
    assert made.status_code == 302
    assert browser.post(made["Location"], {**usual, "window_days": 120}).status_code == 302
    assert browser.post(made["Location"], {**usual, "window_days": 0}).status_code == 422
    for step in ("stop/", "resume/"):
        assert browser.post(made["Location"] + step).status_code == 302
    assert kinds(one, "reclamation_rule.")[-4:] == [
        "reclamation_rule.created",
        "reclamation_rule.changed",
        "reclamation_rule.stopped",
        "reclamation_rule.resumed",
    ]


def test_a_candidate_is_decided_and_undone_on_its_page():
    """A refusal without a reason stays on the page; with one the seat is free; undone it is held."""
    one = tenant()
    ids, browser = rows_of(one), signed_in(one, "it_admin")
    address = f"/it/seats/reclamation/{ids['candidate']}/"
    assert browser.post(address, {"refuse": "1", "reason": ""}).status_code == 400
    assert signed_in(one, "auditor").post(address, {"keep": "1"}).status_code == 403
    assert browser.post(address, {"refuse": "1", "reason": "Shared"}).status_code == 302
    assert browser.post(address, {"undo": "1", "reason": "A mistake"}).status_code == 302
    assert kinds(one, "seat.", "removal.")[-3:] == ["seat.reclaimed", "seat.assigned", "removal.undone"]


def test_exemptions_are_granted_and_ended_on_their_page():
    """With a reason and one subject."""
    one = tenant()
    ids, browser = rows_of(one), signed_in(one, "it_admin")
    address = "/it/seats/reclamation/exemptions/"
    assert browser.post(address, {"reason": "Servers"}).status_code == 400
    assert browser.post(address, {"reason": "Servers", "pool": ids["pool"]}).status_code == 302
    assert browser.post(f"{address}{ids['exemption']}/end/").status_code == 302
    assert kinds(one, "exemption.") == ["exemption.granted", "exemption.ended"]


def test_the_admin_shows_and_carries_out():
    """Lists and rows open; actions call the operations."""
    one = tenant()
    ids, browser = rows_of(one), signed_in(one, "it_admin")
    for model, key in (("reclamationrule", "rule"), ("removalcandidate", "candidate"), ("exemption", "exemption")):
        assert browser.get(f"/admin/seats/{model}/").status_code == 200
        page = browser.get(f"/admin/seats/{model}/{ids[key]}/change/")
        assert page.status_code == 200
        assert b"nonce-of" not in page.content
    path = "/admin/seats/removalcandidate/"
    chosen = {"_selected_action": ids["candidate"]}
    assert browser.post(path, {"action": "take", **chosen}).status_code == 200
    assert browser.post(path, {"action": "take", "apply": "1", "reason": "Shared", **chosen}).status_code == 302
    assert browser.post(path, {"action": "give_again", "apply": "1", "reason": "Oh", **chosen}).status_code == 302
    assert (
        browser.post("/admin/seats/reclamationrule/", {"action": "stop", "_selected_action": ids["rule"]}).status_code
        == 302
    )
    assert (
        browser.post("/admin/seats/exemption/", {"action": "end", "_selected_action": ids["exemption"]}).status_code
        == 302
    )
    assert {"seat.reclaimed", "removal.undone", "reclamation_rule.stopped", "exemption.ended"} <= set(
        kinds(one, "seat.", "removal.", "reclamation_rule.", "exemption.")
    )


def test_graphql_reads_and_decides():
    """The same rows and operations; another organisation's candidate is not found."""
    one, other = tenant(), tenant()
    ids, foreign, browser = rows_of(one), rows_of(other), signed_in(one, "it_admin")

    def ask(query: str, **variables):
        body = {"query": query, "variables": variables}
        return browser.post("/graphql/", body, content_type="application/json").json()

    seen = ask(
        "{ removalCandidates { edges { node { id state rule { name } assignment { quantity } } } } "
        "reclamationRules { edges { node { windowDays pool { name } } } } "
        "reclamationExemptions { edges { node { reason person { id } } } } }"
    )["data"]
    assert [edge["node"]["id"] for edge in seen["removalCandidates"]["edges"]] == [ids["candidate"]]
    assert seen["reclamationRules"]["edges"][0]["node"]["windowDays"] == 90
    mutation = 'mutation($id: ID!) { decideRemoval(input: {id: $id, keep: false, reason: "Shared"}) { state outcome } }'
    assert "errors" in ask(mutation, id=foreign["candidate"])
    assert ask(mutation, id=ids["candidate"])["data"]["decideRemoval"] == {
        "state": "completed",
        "outcome": "keep_refused",
    }
    undone = ask(
        'mutation($id: ID!) { undoRemoval(input: {id: $id, reason: "Oh"}) { state restored { id } } }',
        id=ids["candidate"],
    )["data"]["undoRemoval"]
    assert undone["state"] == "undone"
    made = ask(
        'mutation($pool: ID!) { createReclamationRule(input: {name: "Unused", pool: $pool, windowDays: 30}) '
        "{ id windowDays stoppedAt } }",
        pool=ids["pool"],
    )["data"]["createReclamationRule"]
    assert made["windowDays"] == 30
    for switch in ("stopReclamationRule", "resumeReclamationRule"):
        assert ask(f"mutation($id: ID!) {{ {switch}(input: {{id: $id}}) {{ id }} }}", id=made["id"])["data"][switch]
    exempt = ask(
        'mutation($pool: ID!) { grantReclamationExemption(input: {pool: $pool, reason: "Servers"}) { id } }',
        pool=ids["pool"],
    )["data"]["grantReclamationExemption"]
    ended = ask("mutation($id: ID!) { endReclamationExemption(input: {id: $id}) { endedAt } }", id=exempt["id"])["data"]
    assert ended["endReclamationExemption"]["endedAt"]
