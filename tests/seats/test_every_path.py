"""Every path on which a seat is given or passed on is refused alike by a full pool. A path is a row of PATHS; a module
that gives seats and stands in none of them fails the last test."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from identity.models import Person
from jobs.models import JobRun, RunState
from jobs.operations import carry_out
from kernel.clock import DatabaseClock
from kernel.errors import Refusal
from licensing.models import ImportBatch, ImportRow, ObservedUse
from licensing.operations.imports import claim_commit, commit, examine
from licensing.work import start_commit
from seats.models import Assignment, SeatPool
from seats.operations import (
    SeatRequest,
    assign,
    assign_in_pools,
    assign_many,
    preview_assign_many,
    set_reservation,
    transfer,
)
from tests.architecture.source import Module, none, written_by_hand
from tests.factories import identity
from tests.factories.moments import NOW
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.graphs import ask
from tests.seats.books import REASON, fed_pool, fill, held, used

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
FIGURES = ("capacity", "used", "free", "requested", "next_free_at", "idle", "reserved", "reclaim_at")


@dataclass
class House:
    """A full pool of two, one of whose seats is idle, and somebody who wants a seat."""

    one: Tenant
    pool: SeatPool
    seats: list[Assignment]
    person: Person

    @property
    def browser(self):
        return signed_in(self.one, "it_admin")

    @property
    def wanted(self) -> SeatRequest:
        return SeatRequest(person=self.person, reason=REASON)


@pytest.fixture
def house() -> House:
    one = tenant()
    with one.writing():
        pool = fed_pool(one, bought=2, name="Sketcher")
        person = identity.person(one.organization, user_name="newcomer")
    seats = fill(one, pool, 2)
    with one.writing():
        ObservedUse.objects.create(
            organization=one.organization,
            product=pool.product,
            person=seats[0].person,
            quantity=1,
            since=NOW - timedelta(days=300),
            last_used_at=NOW - timedelta(days=200),
            source="sign-ins",
            created_at=NOW,
        )
        pool.assignments.filter(id=seats[0].id).update(since=NOW - timedelta(days=300))
    return House(one, pool, seats, person)


Answer = Mapping[str, Any]
"""`code` and the figures, or `said`: the sentence that a person reads, or `row`: the finding of a line of a sheet."""


def refused(work: Callable[[Any], object], house: House) -> Answer:
    """What a direct call raises, in a trail of its own."""
    with pytest.raises(Refusal) as caught, house.one.writing() as trail:
        work(trail)
    return {"code": caught.value.code, **caught.value.details}


def by_assign(house: House) -> Answer:
    return refused(lambda trail: assign(pool=house.pool, person=house.person, reason=REASON, trail=trail), house)


def by_assign_many(house: House) -> Answer:
    return refused(lambda trail: assign_many(pool=house.pool, requests=[house.wanted], trail=trail), house)


def by_assign_in_pools(house: House) -> Answer:
    return refused(lambda trail: assign_in_pools(requests={house.pool.id: [house.wanted]}, trail=trail), house)


def by_partial(house: House) -> Answer:
    """Whoever takes what fits hears the same about the rest."""
    with house.one.writing() as trail:
        [left] = assign_many(pool=house.pool, requests=[house.wanted], partial=True, trail=trail).left_out
    return {"code": left.refusal.code, **left.refusal.details}


def by_preview(house: House) -> Answer:
    with house.one.reading():
        [left] = preview_assign_many(pool=house.pool, requests=[house.wanted], at=NOW).left_out
    return {"code": left.refusal.code, **left.refusal.details}


def by_transfer(house: House) -> Answer:
    """A seat that drew a reservation does not pass out of it when nothing is free."""
    with house.one.writing() as trail:
        unit = identity.unit(house.one.organization)
        Person.objects.filter(assignments=house.seats[0]).update(org_unit=unit)
        set_reservation(pool=house.pool, unit=unit, quantity=1, reason=REASON, trail=trail)
    return refused(
        lambda trail: transfer(assignment=house.seats[0], person=house.person, reason=REASON, trail=trail), house
    )


def _post(house: House, path: str, **body: object) -> Answer:
    answer = house.browser.post(f"/api/v1/pools/{house.pool.id}/{path}/", body, content_type="application/json")
    assert answer.status_code == 409
    found: Answer = answer.json()
    return found


def by_rest(house: House) -> Answer:
    return _post(house, "assign", person=str(house.person.id), reason=REASON)


def by_rest_bulk(house: House) -> Answer:
    return _post(house, "assign-many", people=[str(house.person.id)], reason=REASON)


def by_graphql(house: House) -> Answer:
    query = "mutation M($input: AssignSeatInput!) { assignSeat(input: $input) { id } }"
    given = {"pool": str(house.pool.id), "person": str(house.person.id), "reason": REASON}
    found: Answer = ask(house.browser, query, input=given)["errors"][0]["extensions"]
    return found


def _said(answer) -> Answer:
    return {"said": answer.content.decode()}


def by_page(house: House) -> Answer:
    path = reverse("seats:assign", args=[house.pool.id])
    given = {"holder": f"person:{house.person.id}", "quantity": 1, "reason": REASON}
    return _said(house.browser.post(path, given))


def by_admin_form(house: House) -> Answer:
    path = reverse("admin:seats_seatpool_assign", args=[house.pool.id])
    return _said(house.browser.post(path, {"person": house.person.id, "quantity": 1, "reason": REASON}, follow=True))


def by_admin_action(house: House) -> Answer:
    chosen = {"action": "assign_in_each", "_selected_action": [house.pool.id], "apply": "1"}
    given = {**chosen, "person": house.person.id, "reason": REASON}
    return _said(house.browser.post("/admin/seats/seatpool/", given, follow=True))


SHEET = "product,user name\n{product},newcomer\n"


def _examined(house: House) -> ImportBatch:
    with house.one.writing() as trail:
        return examine(
            kind_name="assignments",
            file_name="sheet.csv",
            data=SHEET.format(product=house.pool.product.name).encode(),
            source="",
            trail=trail,
        )


def _row(house: House) -> Answer:
    with house.one.reading():
        [row] = ImportRow.objects.all()
    [finding] = row.findings
    return {"row": finding["code"]}


def by_import(house: House) -> Answer:
    batch = _examined(house)
    with house.one.writing() as trail:
        claim_commit(batch_id=batch.id, job_run_id=None, trail=trail)
    commit(batch_id=batch.id, actor=house.one.actor, progress=lambda _percent, _stage: None)
    return _row(house)


def by_task(house: House) -> Answer:
    batch = _examined(house)
    with house.one.writing() as trail:
        start_commit(batch_id=batch.id, trail=trail, wake=lambda _organization, _run: None)
    with house.one.reading():
        run = JobRun.objects.get()
    carry_out(organization_id=house.one.organization.id, run_id=run.id, clock=DatabaseClock())
    with house.one.reading():
        assert JobRun.objects.get().state == RunState.DONE
    return _row(house)


def by_command(house: House, tmp_path) -> Answer:
    file = tmp_path / "sheet.csv"
    file.write_text(SHEET.format(product=house.pool.product.name))
    call_command(
        "import_licenses", str(file), "--kind", "assignments", "--commit", "--organization", house.one.organization.slug
    )
    return _row(house)


PATHS: dict[str, Callable[..., Answer]] = {
    "direct operation": by_assign,
    "direct operation, several people": by_assign_many,
    "direct operation, several pools": by_assign_in_pools,
    "direct operation, those that fit": by_partial,
    "preview": by_preview,
    "transfer": by_transfer,
    "REST": by_rest,
    "REST, several people": by_rest_bulk,
    "GraphQL": by_graphql,
    "form of the page": by_page,
    "form of the administration": by_admin_form,
    "action of the administration": by_admin_action,
    "sheet": by_import,
    "task": by_task,
    "management command": by_command,
}

GIVERS: dict[str, tuple[str, ...]] = {
    "seats.operations.assigning": (
        "direct operation",
        "direct operation, several people",
        "direct operation, several pools",
        "direct operation, those that fit",
        "preview",
    ),
    "seats.operations.transferring": ("transfer",),
    "seats.operations.import_assignments": ("sheet", "task", "management command"),
    "seats.rest.pools": ("REST", "REST, several people"),
    "seats.rest.assignments": ("transfer",),
    "seats.graphql.mutations": ("GraphQL",),
    "seats.graphql.shares": ("transfer",),
    "seats.views": ("form of the page",),
    "seats.limit_views": ("transfer",),
    "seats.admin.pools": ("form of the administration", "action of the administration"),
    "seats.admin.assignments": ("transfer",),
    "config.demo.buyer": ("direct operation, those that fit",),
}
"""Module that gives seats → the paths above that go through it."""
LEASED = ("tests/seats/test_lease_calls.py", "test_without_a_queue_a_full_pool_refuses_as_everywhere")
ELSEWHERE: dict[str, tuple[str, str]] = {
    "seats.operations.leases": LEASED,
    "seats.operations.lease_book": LEASED,
    "seats.operations.answering": ("tests/seats/test_reclamation.py", "test_undo_within_seven_days_if_a_seat_is_free"),
    "seats.operations.claims": ("tests/seats/test_group_rules.py", "test_a_full_pool_gives_no_seat_and_forgets_nobody"),
    "compliance.operations.change_requests": (
        "tests/compliance/test_my_software.py",
        "test_a_request_for_a_full_pool_stays_open",
    ),
}
"""Module that gives seats in a way that needs more than a person and a pool → the test with a full pool."""
TAKES_ALONE = frozenset({"seats.operations.reclaiming"})
"""Names rows of seats, and only ends them."""


@pytest.mark.parametrize("name", PATHS)
def test_a_full_pool_refuses_every_path_alike(name: str, house: House, tmp_path) -> None:
    """CAPACITY_EXCEEDED with capacity, use, the next free moment, the idle seats and where to reclaim one; the use
    stays two, and whoever asked holds nothing. A sheet says the same code beside its line."""
    before = {row.id for row in house.seats}
    path = PATHS[name]
    answer = path(house, tmp_path) if path is by_command else path(house)
    if "row" in answer:
        assert answer["row"] == "CAPACITY_EXCEEDED"
    elif "said" in answer:
        assert "Sketcher is full: 2 of 2 seats are in use. 1 of them have not been used" in answer["said"]
    else:
        assert answer["code"] == "CAPACITY_EXCEEDED"
        assert set(FIGURES) <= set(answer)
        assert (answer["capacity"], answer["used"], answer["next_free_at"], answer["idle"]) == (2, 2, None, 1)
        assert answer["reclaim_at"] == reverse("seats:pool", args=[house.pool.id])
    assert used(house.one, house.pool) == held(house.one, house.pool) == 2
    with house.one.reading():
        assert set(Assignment.objects.live().values_list("id", flat=True)) == before


GIVING = {"assign", "assign_many", "assign_in_pools", "transfer"}
ROWS = {"Assignment", "Lease"}
WRITING = {"create", "bulk_create", "get_or_create", "update_or_create", "aget_or_create", "acreate"}


def gives_seats(tree: ast.Module) -> bool:
    """It takes a giving operation from seats.operations, or makes a row of a seat by itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("seats.operations"):
            if GIVING & {one.name for one in node.names}:
                return True
        elif isinstance(node, ast.Call) and _makes_a_row(node.func):
            return True
    return False


def _makes_a_row(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in ROWS
    if not isinstance(function, ast.Attribute) or function.attr not in WRITING:
        return False
    manager = function.value
    while isinstance(manager, ast.Attribute | ast.Call):
        manager = manager.func if isinstance(manager, ast.Call) else manager.value
    return isinstance(manager, ast.Name) and manager.id in ROWS


def _givers() -> list[Module]:
    return [one for one in written_by_hand() if one.name != "seats.operations" and gives_seats(one.tree)]


def test_every_module_that_gives_seats_is_on_the_list() -> None:
    """A new way to a seat needs a row above, and with it a proof that a full pool refuses it."""
    known = {*GIVERS, *ELSEWHERE, *TAKES_ALONE}
    none(module.relative for module in _givers() if module.name not in known)
    none(known - {module.name for module in _givers()})
    none(name for file, name in ELSEWHERE.values() if f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8"))
    none(path for paths in GIVERS.values() for path in paths if path not in PATHS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from seats.operations import assign", True),
        ("from seats.operations.assigning import assign_many as give", True),
        ("from seats.operations import release", False),
        ("Assignment.objects.create(pool=pool)", True),
        ("Assignment.objects.live().filter(x=1).get_or_create(pool=pool)", True),
        ("Lease.objects.bulk_create(rows)", True),
        ("Assignment(pool=pool)", True),
        ("Assignment.objects.live().filter(pool=pool)", False),
        ("Invitation.objects.create(pool=pool)", False),
    ],
)
def test_what_counts_as_giving(text: str, found: bool) -> None:
    """Taking the operation or making the row counts, reading does not."""
    assert gives_seats(ast.parse(text)) is found
