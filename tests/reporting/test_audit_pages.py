"""The audit centre: the state of the ledger, search by kind and id, pages by sequence, one entry."""

import json
import re

import pytest
from django.db import connection

from audit.operations import sign_checkpoint
from audit.queries import events
from kernel.clock import DatabaseClock
from reporting.queries.ledger import PAGE, Search, page_of_events
from tests.compliance.test_scan import planted
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.reporting.test_pages import text

pytestmark = pytest.mark.django_db


def long_ledger(entries: int = 2 * PAGE + 5) -> Tenant:
    one = tenant()
    with one.writing() as opened:
        for _ in range(entries):
            opened.record("settings.changed", subject=one.organization)
    return one


def sequences(page: str) -> list[int]:
    return [int(found) for found in re.findall(r"/audit/entries/(\d+)/", page)]


def test_the_state_is_shown() -> None:
    """Length, the hash of the head, the checkpoint, the key's fingerprint, and that the triggers stand."""
    one = long_ledger()
    with one.reading():
        sign_checkpoint(organization_id=one.organization.id, clock=DatabaseClock())
        head = events().order_by("-sequence")[0]
    page = text(signed_in(one, "auditor"), "/audit/")
    assert "Protected against change" in page
    assert re.search(r"Merkle root over \d+ entries, signed", page)
    assert re.search(r"Fingerprint of the audit key</dt><dd class=\"mono\">[0-9a-f]{8}( [0-9a-f]{8}){7}", page)
    entry = text(signed_in(one, "auditor"), f"/audit/entries/{head.sequence}/")
    assert bytes(head.chain_hash).hex() in entry


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the app's role may not drop a trigger on PostgreSQL")
def test_a_missing_trigger_is_an_alarm() -> None:
    """Without its triggers the database would take a change of the ledger; the page says which are missing."""
    one = long_ledger(1)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER audit_event_refuse_update")
    page = text(signed_in(one, "auditor"), "/audit/")
    assert "Protection missing" in page
    assert "audit_event_refuse_update" in page


def test_pages_follow_the_sequence() -> None:
    """Older and back again: every entry stands on one page, newest first, and none is left out."""
    one = long_ledger()
    auditor = signed_in(one, "auditor")
    with one.reading():
        every = list(events().values_list("sequence", flat=True))[::-1]
    first = sequences(text(auditor, "/audit/"))
    second = sequences(text(auditor, "/audit/", before=str(first[-1])))
    third = sequences(text(auditor, "/audit/", before=str(second[-1])))
    assert first + second + third == every
    assert sequences(text(auditor, "/audit/", after=str(second[0]))) == first
    assert sequences(text(auditor, "/audit/", after=str(third[0]))) == second


def test_new_entries_shift_no_page() -> None:
    """A page by keyset shows the same rows after others were appended."""
    one = long_ledger()
    with one.reading():
        page = page_of_events(Search(before=40))
    with one.writing() as opened:
        opened.record("settings.changed", subject=one.organization)
    with one.reading():
        again = page_of_events(Search(before=40))
        assert [row.sequence for row in again.events] == [row.sequence for row in page.events] == [*range(39, 14, -1)]
        assert (page.older, page.newer) == (15, 39)


def test_search_by_kind_and_id() -> None:
    """Both narrow the list, and pages keep them."""
    one = long_ledger()
    auditor = signed_in(one, "auditor")
    found = text(auditor, "/audit/", kind="settings.changed", subject=str(one.organization.id))
    assert len(sequences(found)) == PAGE
    assert f"&amp;kind=settings.changed&amp;subject={one.organization.id}" in found
    assert "No entry matches" in text(auditor, "/audit/", subject="nobody")


@pytest.mark.parametrize(
    "data", [{"kind": "no.such"}, {"before": "x"}, {"after": "-1"}, {"before": "9" * 30}, {"subject": "a\x00b"}]
)
def test_bad_searches_are_named(data: dict[str, str]) -> None:
    """A kind that does not exist, a sequence that is none, a NUL byte: 400, and no entry is shown."""
    answer = signed_in(long_ledger(1), "auditor").get("/audit/", data)
    assert answer.status_code == 400
    assert sequences(answer.content.decode()) == []


def test_an_entry_shows_its_body() -> None:
    """The JSON on the page is the body that was hashed."""
    one = tenant()
    with one.writing() as opened:
        opened.record("settings.changed", subject=one.organization, details={"name": "<b>", "value": 7})
    with one.reading():
        row = events().filter(kind="settings.changed").get()
    page = text(signed_in(one, "auditor"), f"/audit/entries/{row.sequence}/")
    assert "&lt;b&gt;" in page
    assert json.loads(row.body)["details"]["value"] == 7


@pytest.mark.parametrize("sequence", ["999999", "9" * 30])
def test_an_entry_that_does_not_exist(sequence: str) -> None:
    """Answers 404, also for a number beyond what a sequence can be."""
    assert signed_in(long_ledger(1), "auditor").get(f"/audit/entries/{sequence}/").status_code == 404


def test_other_organisations_have_their_own_numbers() -> None:
    """Entry numbers are per organisation: another one's long ledger gives this one no further entries."""
    long_ledger(60)
    one = tenant()
    assert signed_in(one, "auditor").get("/audit/entries/50/").status_code == 404


def test_an_entry_needs_the_permission() -> None:
    """Who may not read the ledger reads no single entry either; visitors sign in first."""
    one = long_ledger(1)
    browser = signed_in(one, "it_admin")
    assert browser.get("/audit/entries/1/").status_code == 403
    browser.logout()
    assert browser.get("/audit/entries/1/").status_code == 302


def test_a_scan_can_be_followed() -> None:
    """From the button to the entry: what the scan recorded is found by its kind."""
    one = tenant()
    with one.writing():
        planted(one)
    browser = signed_in(one, "owner")
    browser.post("/violations/scan/")
    assert len(sequences(text(browser, "/audit/", kind="scan.completed"))) == 1
