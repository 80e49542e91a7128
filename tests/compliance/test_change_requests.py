"""Changes that need a second person: over pages, REST and GraphQL, by the list, and what the database refuses."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from compliance.models import ChangeRequest
from compliance.operations import approve_change, request_revocation, withdraw_change
from compliance.schedules import expire_changes
from jobs.models import OutboxMessage
from kernel.clock import FixedClock, SystemClock
from kernel.errors import Refusal
from licensing.models import License
from tests.factories import licensing
from tests.factories.tenants import member, signed_in
from tests.licensing.vendors import Vendor, vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


@pytest.fixture
def operator(lumen: Vendor) -> Client:
    return signed_in(lumen.house, "vendor_ops")


@pytest.fixture
def approver(lumen: Vendor) -> Client:
    return signed_in(lumen.house, "approver")


def post(browser: Client, path: str, body: Any = None) -> Any:
    return browser.post(f"/api/v1/{path}/", body or {}, content_type="application/json")


def asked(operator: Client, license: License) -> str:
    """A request to revoke, by its id."""
    answer = post(operator, f"licenses/{license.id}/revoke", {"reason": "returned"})
    assert answer.status_code == 202, answer.content
    return str(answer.json()["id"])


def status(lumen: Vendor, license: License) -> str:
    with lumen.house.reading():
        return License.objects.get(id=license.id).status


def test_revoked_when_somebody_else_approves(lumen: Vendor, operator: Client, approver: Client) -> None:
    """Asked for, nothing is done; approved, it is done in the same transaction; mail goes to both."""
    license = lumen.license()
    request = asked(operator, license)
    assert status(lumen, license) == "active"
    done = post(approver, f"change-requests/{request}/approve", {"reason": "seen the parcel"})
    assert (done.status_code, done.json()["state"]) == (200, "approved")
    assert status(lumen, license) == "revoked"
    again = post(approver, f"change-requests/{request}/approve")
    assert (again.status_code, again.json()["code"]) == (409, "CHANGE_REQUEST_DECIDED")
    with lumen.house.reading():
        kinds = list(Event.objects.order_by("-sequence").values_list("kind", flat=True)[:2])
        assert sorted(kinds) == ["change_request.approved", "license.revoked"]
        assert OutboxMessage.objects.filter(dedupe_key__startswith="change:").count() == 2


@pytest.mark.requirement("REQ-153")
def test_a_transfer_needs_approval(lumen: Vendor, operator: Client, approver: Client) -> None:
    """The other customer holds the licence after the approval and not before."""
    license = lumen.license()
    with lumen.house.reading():
        other = licensing.party(lumen.house.organization, kind="licensee")
    answer = post(operator, f"licenses/{license.id}/transfer", {"reason": "sold", "licensee": str(other.id)})
    assert answer.status_code == 202
    with lumen.house.reading():
        assert License.objects.get().licensee_id == lumen.customer.id
    assert post(approver, f"change-requests/{answer.json()['id']}/approve").status_code == 200
    with lumen.house.reading():
        assert License.objects.get().licensee_id == other.id
    same = post(operator, f"licenses/{license.id}/transfer", {"reason": "sold", "licensee": str(other.id)})
    assert (same.status_code, same.json()["code"]) == (400, "LICENSE_TRANSFEREE_INVALID")


def test_whoever_asks_does_not_decide(lumen: Vendor) -> None:
    """Not with every role, not by rejecting; only taking it back is left, and that is left to nobody else."""
    both, other = signed_in(lumen.house, "vendor_ops", "approver"), signed_in(lumen.house, "approver")
    request = asked(both, lumen.license())
    for step in ("approve", "reject"):
        refused = post(both, f"change-requests/{request}/{step}", {"reason": "me"})
        assert (refused.status_code, refused.json()["code"]) == (403, "APPROVER_IS_REQUESTER")
    assert post(other, f"change-requests/{request}/withdraw").json()["code"] == "NOT_THE_REQUESTER"
    assert post(both, f"change-requests/{request}/withdraw").json()["state"] == "withdrawn"


def test_alone_nothing_is_asked_for(lumen: Vendor, operator: Client) -> None:
    """Where nobody else may approve, the answer says what to do; no request is left behind."""
    answer = post(operator, f"licenses/{lumen.license().id}/revoke", {"reason": "returned"})
    assert (answer.status_code, answer.json()["code"]) == (409, "NOBODY_TO_APPROVE")
    with lumen.house.reading():
        assert not ChangeRequest.objects.exists()


def test_a_task_decides_nothing(lumen: Vendor, operator: Client, approver: Client) -> None:
    """The system may do what its caller coded, but it is no second person."""
    request = asked(operator, lumen.license())
    with pytest.raises(Refusal) as refused, lumen.house.writing() as trail:
        approve_change(request_id=UUID(request), reason="", trail=trail)
    assert refused.value.code == "DECISION_NEEDS_PERSON"


def test_the_same_change_waits_once(lumen: Vendor, operator: Client, approver: Client) -> None:
    """Asked twice, the second is refused; once rejected, it may be asked for again; a reason is needed to reject."""
    license = lumen.license()
    request = asked(operator, license)
    twice = post(operator, f"licenses/{license.id}/revoke", {"reason": "again"})
    assert (twice.status_code, twice.json()["code"]) == (409, "CHANGE_REQUEST_OPEN")
    assert post(approver, f"change-requests/{request}/reject").status_code == 400
    assert post(approver, f"change-requests/{request}/reject", {"reason": "keep it"}).json()["state"] == "rejected"
    assert status(lumen, license) == "active"
    asked(operator, license)


def test_undecided_it_expires_and_is_never_approved(lumen: Vendor, operator: Client, approver: Client) -> None:
    """Fourteen days to the second; a second call of the task changes nothing, and late approval is refused."""
    license = lumen.license()
    request = asked(operator, license)
    with lumen.house.reading():
        due = ChangeRequest.objects.get().due_at
    for moment, state in ((due - timedelta(seconds=1), "open"), (due, "expired"), (due, "expired")):
        expire_changes(lumen.house.organization.id, FixedClock(moment))
        with lumen.house.reading():
            assert ChangeRequest.objects.get().state == state
    assert post(approver, f"change-requests/{request}/approve").json()["code"] == "CHANGE_REQUEST_DECIDED"
    assert status(lumen, license) == "active"


def test_what_cannot_be_carried_out_stays_open(lumen: Vendor, operator: Client, approver: Client) -> None:
    """The customer was barred meanwhile: the approval is refused with the reason, and the request can be rejected."""
    license = lumen.license()
    with lumen.house.reading():
        other = licensing.party(lumen.house.organization, kind="licensee")
    request = post(operator, f"licenses/{license.id}/transfer", {"reason": "sold", "licensee": str(other.id)}).json()
    with lumen.house.reading():
        other.barred_at, other.barred_by, other.barred_reason = SystemClock().now(), "x", "sanctions"
        other.save()
    assert post(approver, f"change-requests/{request['id']}/approve").status_code == 400
    with lumen.house.reading():
        assert ChangeRequest.objects.get().state == "open"


STEPS = ("approve", "reject", "withdraw")


@pytest.mark.parametrize("step", ["", *STEPS])
def test_rest_by_the_list(lumen: Vendor, operator: Client, approver: Client, step: str) -> None:
    """401 for visitors, 403 without the permission, 404 for another organisation's; nothing changes."""
    request = asked(operator, lumen.license())
    path = f"change-requests/{request}" + (f"/{step}" if step else "")

    def call(browser: Client) -> int:
        body = {"reason": "x"}
        return int((post(browser, path, body) if step else browser.get(f"/api/v1/{path}/")).status_code)

    stranger, member_here = signed_in(vendor().house, "owner"), signed_in(lumen.house, "member")
    assert (call(Client(HTTP_HOST="127.0.0.1")), call(member_here), call(stranger)) == (401, 403, 404)
    with lumen.house.reading():
        assert ChangeRequest.objects.get().state == "open"


def test_pages_show_ask_and_decide(lumen: Vendor, operator: Client, approver: Client) -> None:
    """The list and the page; the asker reads why no button is there, the approver decides, others see nothing."""
    license = lumen.license()
    request = asked(operator, license)
    path = f"/changes/{request}/"
    assert license.number in operator.get("/changes/").content.decode()
    assert "somebody else has to decide" in operator.get(path).content.decode()
    assert operator.post(path, {"approve": "1"}).status_code == 403
    refused = approver.post(path, {"reject": "1", "reason": ""})
    assert (refused.status_code, "reason" in refused.content.decode()) == (422, True)
    assert approver.post(path, {"approve": "1", "reason": ""}).status_code == 302
    assert status(lumen, license) == "revoked"
    assert Client(HTTP_HOST="127.0.0.1").get(path).status_code == 302
    assert signed_in(lumen.house, "member").get(path).status_code == 403
    assert signed_in(vendor().house, "owner").get(path).status_code == 404


def test_lists_cost_the_same_queries_however_long(lumen: Vendor, operator: Client, approver: Client) -> None:
    """One request or four, as page and over REST."""
    counts: dict[str, list[int]] = {"/changes/": [], "/api/v1/change-requests/": []}
    kind = lumen.license_type()
    for more in (1, 3):
        for _number in range(more):
            asked(operator, lumen.license(kind))
        for path, found in counts.items():
            approver.get(path)
            with CaptureQueriesContext(connection) as queries:
                assert approver.get(path).status_code == 200
            found.append(len(queries))
    assert all(first == second <= 25 for first, second in counts.values()), counts


def test_over_graphql(lumen: Vendor, operator: Client, approver: Client) -> None:
    """Asked for, read, and approved by somebody else; the asker gets the code."""
    license = lumen.license()

    def put(browser: Client, query: str) -> Any:
        return browser.post("/graphql/", {"query": query}, content_type="application/json").json()

    given = f'{{license: "{license.id}", reason: "returned"}}'
    ask = f"mutation {{ requestLicenseRevocation(input: {given}) {{ id state }} }}"
    request = put(operator, ask)["data"]["requestLicenseRevocation"]
    assert request["state"] == "open"
    approve = f'mutation {{ approveChange(input: {{id: "{request["id"]}"}}) {{ state license {{ status }} }} }}'
    assert put(operator, approve)["data"] is None or put(operator, approve)["data"]["approveChange"] is None
    done = put(approver, f'mutation {{ approveChange(input: {{id: "{request["id"]}"}}) {{ state }} }}')
    assert done["data"]["approveChange"] == {"state": "approved"}, done
    listed = put(operator, "{ changeRequests { nodes { kind state } } }")
    assert "license.revoke" in str(listed)


def test_asking_and_withdrawing_by_a_task(lumen: Vendor) -> None:
    """A task asks under its pseudonym and takes the request back; no mail goes to nobody."""
    member(lumen.house, "approver")
    license = lumen.license()
    with lumen.house.writing() as trail:
        request = request_revocation(license=license, reason="feed", trail=trail)
        assert request.requester_id is None
    with lumen.house.writing() as trail:
        assert withdraw_change(request_id=request.id, trail=trail).state == "withdrawn"
