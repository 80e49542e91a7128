"""The ledger verified at the press of a button, by a schedule and over REST; the result stands in the ledger."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.operations import sign_checkpoint
from audit.queries import events
from jobs.models import JobRun, RunState
from jobs.operations import carry_out
from kernel.clock import DatabaseClock
from reporting.queries.verification import last_verification, verification_state
from reporting.schedules import scheduled_verification
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.reporting.test_pages import text

pytestmark = pytest.mark.django_db
CENTRE, NOW, FRAGMENT = "/audit/", "/audit/verify/", "/audit/verification/"
REST = "/api/v1/audit/verification/"
CLOCK = DatabaseClock()


def signed_ledger() -> Tenant:
    one = tenant()
    with one.reading():
        sign_checkpoint(organization_id=one.organization.id, clock=CLOCK)
    return one


def worked(one: Tenant) -> JobRun:
    """What a worker does that takes the waiting run up."""
    with one.reading():
        run = JobRun.objects.get(state=RunState.QUEUED)
    carry_out(organization_id=one.organization.id, run_id=run.id, clock=CLOCK)
    with one.reading():
        return JobRun.objects.get(id=run.id)


def test_the_button_verifies_and_the_page_tells() -> None:
    """Pressed, waited for, told: the entries counted, the entry that says so linked, and no second run beside one that
    waits."""
    one = signed_ledger()
    auditor = signed_in(one, "auditor")
    assert "was not verified here yet" in text(auditor, CENTRE)
    assert [auditor.post(NOW).status_code, auditor.post(NOW).status_code] == [302, 302]
    waiting = text(auditor, CENTRE)
    assert "A verification is at work" in waiting
    assert "Verify now" not in waiting
    assert worked(one).state == RunState.DONE
    with one.reading():
        last = last_verification()
        assert last is not None
        assert (last.exit_code, last.problems, last.checkpoints) == (0, 0, 1)
        assert events().get(sequence=last.sequence).kind == "audit.verified"
    page = text(auditor, CENTRE)
    assert "Holds" in page
    assert f"/audit/entries/{last.sequence}/" in page
    assert auditor.get(FRAGMENT)["HX-Refresh"] == "true"


def test_missing_evidence_is_told() -> None:
    """Without a checkpoint nothing vouches for the end of the ledger: told as incomplete, with the reason."""
    one = tenant()
    auditor = signed_in(one, "auditor")
    auditor.post(NOW)
    worked(one)
    page = text(auditor, CENTRE)
    assert "Evidence incomplete" in page
    assert "no signed checkpoint covers the ledger yet" in page


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the app's role may not drop a trigger on PostgreSQL")
def test_an_altered_row_is_named() -> None:
    """Somebody who gets past the protection and alters one row: the page names the row."""
    one = signed_ledger()
    auditor = signed_in(one, "auditor")
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER audit_event_refuse_update")
        cursor.execute(
            "UPDATE audit_event SET actor = 'somebody else' WHERE sequence = 2 AND organization_id = %s",
            [one.organization.id.hex],
        )
    auditor.post(NOW)
    worked(one)
    page = text(auditor, CENTRE)
    assert "Tampered" in page
    assert "/audit/entries/2/" in page


def test_a_failed_run_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the work breaks off, the page says that it says nothing about the ledger, and offers to try again."""
    one = signed_ledger()
    auditor = signed_in(one, "auditor")
    auditor.post(NOW)
    monkeypatch.setattr("reporting.operations.verifying.verify", lambda **_given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        worked(one)
    page = text(auditor, CENTRE)
    assert "did not come to an end" in page
    assert "Verify now" in page


def test_the_schedule_verifies() -> None:
    """The nightly run leaves the same entry, in the name of the task."""
    one = signed_ledger()
    outcome = scheduled_verification(organization_id=one.organization.id, parameters={}, clock=CLOCK)
    assert outcome["exit_code"] == 0
    with one.reading():
        state = verification_state()
        assert state.last is not None
        assert state.last.entries == outcome["entries"]


def test_rest_orders_and_tells() -> None:
    """POST answers 202 while a worker has it, GET the result afterwards; Ledger-Entry is not claimed for an order."""
    one = signed_ledger()
    auditor = signed_in(one, "auditor")
    ordered = auditor.post(REST)
    assert (ordered.status_code, ordered.json()["is_open"], ordered.json()["last"]) == (202, True, None)
    assert "Ledger-Entry" not in ordered
    worked(one)
    told = auditor.get(REST).json()
    assert (told["is_open"], told["error"], told["last"]["exit_code"]) == (False, "", 0)


def test_who_may_not(client: Client) -> None:
    """Visitors sign in first; a role without the right neither verifies nor reads the result; the verification of one
    organisation says nothing of another."""
    one, other = signed_ledger(), signed_ledger()
    visitor = Client(HTTP_HOST="127.0.0.1")
    assert (visitor.post(NOW).status_code, visitor.post(REST).status_code) == (302, 401)
    finance = signed_in(one, "finance")
    assert (finance.post(NOW).status_code, finance.get(FRAGMENT).status_code) == (403, 403)
    assert (finance.post(REST).status_code, finance.get(REST).status_code) == (403, 403)
    scheduled_verification(organization_id=one.organization.id, parameters={}, clock=CLOCK)
    assert signed_in(other, "auditor").get(REST).json()["last"] is None


def test_the_page_costs_the_same_however_often_was_verified() -> None:
    """Two queries tell the state, after one verification as after three."""
    one = signed_ledger()
    counts = []
    for _again in range(3):
        scheduled_verification(organization_id=one.organization.id, parameters={}, clock=CLOCK)
        with one.reading(), CaptureQueriesContext(connection) as asked:
            verification_state()
        counts.append(len(asked))
    assert counts == [2, 2, 2]
