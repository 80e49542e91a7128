"""Contracts: drawn up, activated, amended by numbered rows alone, terminated; on every interface."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import Event
from kernel.trail import run_in_trail
from licensing.models import Agreement, Amendment
from licensing.operations import (
    NewAgreement,
    NewAmendment,
    activate_agreement,
    amend_agreement,
    create_agreement,
    terminate_agreement,
    update_draft,
)
from licensing.operations.agreements import (
    AMENDABLE,
    AgreementDatesReversed,
    AgreementReasonRequired,
    AgreementStateConflict,
    AmendmentInvalid,
)
from licensing.protection import COLUMNS
from tests.factories import licensing
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.graphs import ask as asked
from tests.graphs import codes, data
from tests.plugins.databases import CommittedDatabase

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2028, 1, 1, tzinfo=UTC)
TERMS = NewAgreement(number="MSA-1", starts_at=START, ends_at=END, currency="EUR", notice_days=30)
AGREEMENTS = "/api/v1/agreements/"
OTHER: dict[str, Any] = {
    "starts_at": START + timedelta(days=1),
    "ends_at": END + timedelta(days=365),
    "notice_days": 90,
    "auto_renew": True,
    "true_up_on": date(2027, 1, 1),
    "co_terminates_on": date(2028, 1, 1),
    "currency": "NOK",
    "affiliate_scope": "affiliates",
}
"""Another value of each term that only an amendment changes."""


@pytest.fixture
def house(db: None) -> Tenant:
    return tenant()


def drawn_up(house: Tenant, *, activate: bool = True, terms: NewAgreement = TERMS) -> Agreement:
    with house.writing() as trail:
        return create_agreement(agreement=terms, activate=activate, trail=trail)


def amend(house: Tenant, row: Agreement, *, reason: str = "Negotiated", **changes: Any) -> Amendment:
    with house.writing() as trail:
        return amend_agreement(
            agreement_id=row.id,
            amendment=NewAmendment(effective_at=START, changes=changes, reason=reason, document="A-1.pdf"),
            trail=trail,
        )


def stored(house: Tenant, row: Agreement) -> Agreement:
    with house.reading():
        return Agreement.objects.get(id=row.id)


def test_amendments_are_numbered_and_say_what_changed(house: Tenant) -> None:
    """From and to of every term, the reason, the document; one entry of the ledger for each."""
    row = drawn_up(house)
    first = amend(house, row, ends_at=OTHER["ends_at"], notice_days=60)
    second = amend(house, row, ends_at=None)
    assert (first.number, second.number, stored(house, row).amended) == (1, 2, 2)
    assert first.changes == {
        "ends_at": ["2028-01-01T00:00:00+00:00", "2028-12-31T00:00:00+00:00"],
        "notice_days": [30, 60],
    }
    assert second.changes == {"ends_at": ["2028-12-31T00:00:00+00:00", None]}
    assert stored(house, row).ends_at is None
    with house.reading():
        assert Event.objects.filter(kind="agreement.amended").count() == 2


def test_what_an_amendment_refuses(house: Tenant) -> None:
    """No change, another column, dates in reverse, no reason, a draft, what was terminated: nothing is written."""
    row = drawn_up(house)
    for refusal, changes in (
        (AmendmentInvalid, {"notice_days": 30}),
        (AmendmentInvalid, {}),
        (AmendmentInvalid, {"number": "MSA-2"}),
        (AmendmentInvalid, {"notice_days": -1}),
        (AgreementDatesReversed, {"ends_at": START - timedelta(days=1)}),
    ):
        with pytest.raises(refusal):
            amend(house, row, **changes)
    with pytest.raises(AgreementReasonRequired):
        amend(house, row, reason=" ", notice_days=1)
    draft = drawn_up(house, activate=False, terms=NewAgreement(number="D", starts_at=START, currency="EUR"))
    with house.writing() as trail:
        terminate_agreement(agreement_id=row.id, reason="Insolvent", trail=trail)
    for one in (draft, row):
        with pytest.raises(AgreementStateConflict):
            amend(house, one, notice_days=1)
    with house.reading():
        assert not Amendment.objects.exists()


def test_a_draft_is_edited_until_it_is_activated(house: Tenant) -> None:
    """Then it is amended instead; activating twice is refused."""
    row = drawn_up(house, activate=False)
    with house.writing() as trail:
        changed = NewAgreement(number="MSA-7", starts_at=START, ends_at=END, currency="NOK")
        update_draft(agreement_id=row.id, agreement=changed, trail=trail)
        activate_agreement(agreement_id=row.id, trail=trail)
    assert (stored(house, row).number, stored(house, row).currency) == ("MSA-7", "NOK")
    for step in (
        lambda trail: update_draft(agreement_id=row.id, agreement=TERMS, trail=trail),
        lambda trail: activate_agreement(agreement_id=row.id, trail=trail),
    ):
        with pytest.raises(AgreementStateConflict), house.writing() as trail:
            step(trail)


def test_the_database_and_the_operation_hold_to_the_same_terms() -> None:
    """What the trigger guards is what an amendment may change."""
    assert COLUMNS == AMENDABLE
    assert set(OTHER) == set(AMENDABLE)


@pytest.mark.parametrize("name", AMENDABLE)
def test_the_database_refuses_terms_that_change_without_an_amendment(house: Tenant, name: str) -> None:
    """On both databases, each column alone, whatever wrote it; a draft's may change."""
    row = drawn_up(house)
    draft = drawn_up(house, activate=False, terms=NewAgreement(number="D", starts_at=START, currency="EUR"))
    with house.writing():
        with pytest.raises(IntegrityError, match="changes_by_amendment"), transaction.atomic():
            Agreement.objects.filter(id=row.id).update(**{name: OTHER[name]})
        with pytest.raises(IntegrityError, match="changes_by_amendment"), transaction.atomic():
            Agreement.objects.filter(id=row.id).update(**{name: OTHER[name], "amended": 1})
        assert Agreement.objects.filter(id=draft.id).update(**{name: OTHER[name]}) == 1


def test_the_database_refuses_a_way_back_and_a_changed_amendment(house: Tenant) -> None:
    """No agreement in force is a draft again, and no amendment is edited or removed."""
    row = drawn_up(house)
    made = amend(house, row, notice_days=60)
    with house.writing():
        with pytest.raises(IntegrityError, match="changes_by_amendment"), transaction.atomic():
            Agreement.objects.filter(id=row.id).update(state="draft")
        for change in (lambda rows: rows.update(reason="Other"), lambda rows: rows._raw_delete("default")):
            with pytest.raises(Exception, match=r"never_changes|permission denied"), transaction.atomic():
                change(Amendment.objects.filter(id=made.id))


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(days=st.lists(st.integers(0, 400), min_size=1, max_size=6))
def test_the_amendments_lead_from_the_first_terms_to_the_last(house: Tenant, days: list[int]) -> None:
    """Whatever is amended in whatever order: numbers have no gap, each begins where the one before it ended, and the
    last says what is in force."""
    n = Agreement.objects.unscoped(reason="test").count() if connection.vendor == "sqlite" else id(days)
    row = drawn_up(house, terms=NewAgreement(number=f"MSA-{n}-{days}", starts_at=START, currency="EUR"))
    for one in days:
        if stored(house, row).notice_days != one:
            amend(house, row, notice_days=one)
    with house.reading():
        chain = list(Amendment.objects.filter(agreement=row).order_by("number"))
    assert [one.number for one in chain] == list(range(1, len(chain) + 1))
    pairs = [one.changes["notice_days"] for one in chain]
    assert all(before[1] == after[0] for before, after in pairwise(pairs))
    assert stored(house, row).notice_days == (pairs[-1][1] if pairs else 0)


def send(browser: Client, method: str, path: str, **body: Any) -> Any:
    return getattr(browser, method)(path, body, content_type="application/json")


def test_rest_keeps_contracts(house: Tenant) -> None:
    """Draft, edit, activate, amend, list, terminate; each refusal has its code."""
    buyer = signed_in(house, "procurement")
    made = send(
        buyer, "post", AGREEMENTS, number="MSA-1", starts_at="2026-01-01T00:00:00Z", currency="EUR", activate=False
    )
    assert (made.status_code, made.json()["state"]) == (201, "draft")
    here = f"{AGREEMENTS}{made.json()['id']}/"
    assert send(buyer, "patch", here, title="Master").json()["title"] == "Master"
    assert send(buyer, "post", f"{here}activate/").json()["state"] == "active"
    assert send(buyer, "patch", here, title="X").json()["code"] == "AGREEMENT_STATE_CONFLICT"
    body = {"effective_at": "2026-06-01T00:00:00Z", "reason": "Longer", "changes": {"notice_days": 60}}
    amended = send(buyer, "post", f"{here}amend/", **body)
    assert (amended.status_code, amended.json()["changes"]) == (201, {"notice_days": [0, 60]})
    assert send(buyer, "post", f"{here}amend/", **body).json()["code"] == "AMENDMENT_INVALID"
    assert send(buyer, "post", f"{here}amend/", **{**body, "changes": {"notice_days": -1}}).status_code == 400
    listed = buyer.get(f"/api/v1/amendments/?agreement={made.json()['id']}").json()["results"]
    assert [one["number"] for one in listed] == [1]
    assert send(buyer, "post", f"{here}terminate/", reason="Insolvent").json()["state"] == "terminated"
    assert send(buyer, "post", f"{here}terminate/", reason="Again").status_code == 409


def test_rest_lets_in_who_may(house: Tenant) -> None:
    """Visitors 401, readers may look and not write, another organisation's contract answers 404."""
    row = drawn_up(house)
    made = amend(house, row, notice_days=60)
    here, there = f"{AGREEMENTS}{row.id}/", f"/api/v1/amendments/{made.id}/"
    assert Client(HTTP_HOST="127.0.0.1").get(there).status_code == 401
    finance, stranger = signed_in(house, "finance"), signed_in(tenant(), "procurement")
    assert finance.get(there).status_code == 200
    assert stranger.get(there).status_code == 404
    for step in ("activate", "amend", "terminate"):
        assert send(finance, "post", f"{here}{step}/", reason="x").status_code == 403
        assert send(stranger, "post", f"{here}{step}/", reason="x").status_code == 404
    assert send(stranger, "patch", here, title="x").status_code == 404


def test_graphql_keeps_contracts(house: Tenant) -> None:
    """Amended and terminated by mutations; the amendments stand below the agreement with what they changed."""
    buyer = signed_in(house, "procurement")
    row = drawn_up(house, activate=False)
    key = {"id": str(row.id)}
    activate = "mutation M($input: ActivateAgreementInput!) { activateAgreement(input: $input) { state } }"
    assert data(buyer, activate, input=key)["activateAgreement"] == {"state": "active"}
    change = """mutation M($input: AmendAgreementInput!) { amendAgreement(input: $input) {
        amended endsAt amendments { nodes { number reason changes { term before after } } } } }"""
    given_ = {**key, "effectiveAt": "2026-06-01T00:00:00Z", "reason": "Open end", "endsAt": None}
    found = data(buyer, change, input=given_)["amendAgreement"]
    assert (found["amended"], found["endsAt"]) == (1, None)
    assert found["amendments"]["nodes"][0]["changes"] == [
        {"term": "ends_at", "before": "2028-01-01T00:00:00+00:00", "after": None}
    ]
    assert codes(asked(buyer, change, input={**given_, "endsAt": None})) == ["AMENDMENT_INVALID"]
    assert codes(asked(buyer, change, input={**given_, "currency": None})) == ["INVALID_INPUT"]
    end = "mutation M($input: TerminateAgreementInput!) { terminateAgreement(input: $input) { state } }"
    assert codes(asked(signed_in(house, "finance"), end, input={**key, "reason": "x"})) == ["PERMISSION_DENIED"]
    assert codes(asked(signed_in(tenant(), "procurement"), end, input={**key, "reason": "x"})) == ["NOT_FOUND"]
    assert data(buyer, end, input={**key, "reason": "Over"})["terminateAgreement"] == {"state": "terminated"}


def test_the_admin_keeps_contracts(house: Tenant) -> None:
    """A page activates, a form amends what was changed in it alone, and the contract's page lists the amendments."""
    buyer = signed_in(house, "procurement")
    row = drawn_up(house, activate=False)
    here = f"/admin/licensing/agreement/{row.id}/"
    assert f"{here}activate/" in buyer.get(f"{here}change/").content.decode()
    assert buyer.post(f"{here}activate/").status_code == 302
    assert buyer.post(f"{here}activate/").status_code == 409
    page = buyer.get(f"{here}amend/").content.decode()
    assert "2026-01-01T00:00" in page
    form = {
        "starts_at": "2026-01-01T00:00", "ends_at": "2028-01-01T00:00", "notice_days": 75, "currency": "EUR",
        "affiliate_scope": "organization", "effective_at": "2026-06-01T00:00", "reason": "Longer notice",
    }  # fmt: skip
    assert buyer.post(f"{here}amend/", form).status_code == 302
    assert buyer.post(f"{here}amend/", {**form, "reason": ""}).status_code == 200
    assert "Longer notice" in buyer.get(f"{here}change/").content.decode()
    with house.reading():
        assert Amendment.objects.get().changes == {"notice_days": [30, 75]}
    assert signed_in(house, "finance").get(f"{here}amend/").status_code == 403
    assert signed_in(tenant(), "procurement").get(f"{here}amend/").status_code == 404
    assert buyer.post(f"{here}terminate/", {"reason": "Insolvent"}).status_code == 302


@pytest.fixture(scope="module")
def halden(committed_db: CommittedDatabase) -> Tenant:
    return tenant(slug="halden-contracts")


@pytest.mark.postgres
def test_amendments_at_once_are_numbered_without_a_gap(halden: Tenant) -> None:
    """Eight amendments at the same moment: numbers one to eight, each beginning where the one before it ended."""
    row = drawn_up(halden)

    def one(days: int) -> int:
        try:
            return run_in_trail(
                lambda trail: (
                    amend_agreement(
                        agreement_id=row.id,
                        amendment=NewAmendment(effective_at=START, changes={"notice_days": days}, reason="At once"),
                        trail=trail,
                    ).number
                ),
                actor=halden.actor,
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(100, 108))) == list(range(1, 9))
    with halden.reading():
        pairs = [each.changes["notice_days"] for each in Amendment.objects.order_by("number")]
    assert all(before[1] == after[0] for before, after in pairwise(pairs))


def test_another_house_has_its_own_numbers(house: Tenant) -> None:
    """An agreement's number is taken within its organisation alone."""
    drawn_up(house)
    assert drawn_up(tenant()).number == "MSA-1"
    with house.writing():
        assert licensing.agreement(house.organization).amended == 0
