"""GraphQL of limits, cuts, reservations, eligibility and transfers."""

import pytest

from tests.factories import identity, seats
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.graphs import ask, codes, data
from tests.seats.books import REASON, fed_pool, fill, held, people, used

pytestmark = pytest.mark.django_db
POOL = "id capacity pendingCapacity overdraft hardLimit restricted reserved undrawn free used"


def mutation(name: str, kind: str, fields: str = POOL) -> str:
    return f"mutation M($input: {kind}!) {{ {name}(input: $input) {{ {fields} }} }}"


def house(filled: int = 0):
    one = tenant()
    with one.writing():
        pool = fed_pool(one)
    return one, pool, fill(one, pool, filled), signed_in(one, "it_admin")


def test_limits_and_cuts() -> None:
    """Set one by one; a cut waits, is called off, and confirmed with exactly the seats it takes."""
    one, pool, held_seats, browser = house(4)
    key = str(pool.id)
    row = data(browser, mutation("setPoolLimits", "SetPoolLimitsInput"), input={"id": key, "overdraft": 1})
    assert (row["setPoolLimits"]["overdraft"], row["setPoolLimits"]["capacity"]) == (1, 10)
    plan = mutation("planCut", "PlanCutInput")
    wanted = {"id": key, "capacity": 2, "reason": REASON}
    assert data(browser, plan, input=wanted)["planCut"]["pendingCapacity"] == 2
    cancelled = data(browser, mutation("cancelCut", "CancelCutInput"), input={"id": key})["cancelCut"]
    assert cancelled["pendingCapacity"] is None
    data(browser, plan, input=wanted)
    confirm = mutation("confirmCut", "ConfirmCutInput")
    assert codes(ask(browser, confirm, input={"id": key, "losers": []})) == ["CUT_CHANGED"]
    newest = max(held_seats, key=lambda seat: seat.id)
    done = data(browser, confirm, input={"id": key, "losers": [str(newest.id)]})["confirmCut"]
    assert (done["capacity"], done["used"]) == (2, 3)
    assert used(one, pool) == held(one, pool) == 3


def test_reservations_and_eligibility() -> None:
    """Set, listed, ended; a pool is closed to all others."""
    one, pool, _seats, browser = house()
    with one.writing():
        unit, group = identity.unit(one.organization), identity.group(one.organization)
    made = data(
        browser,
        mutation("setReservation", "SetReservationInput", "id quantity unit { name } pool { undrawn free }"),
        input={"pool": str(pool.id), "unit": str(unit.id), "quantity": 3, "reason": REASON},
    )["setReservation"]
    assert (made["quantity"], made["unit"]["name"], made["pool"]) == (3, unit.name, {"undrawn": 3, "free": 7})
    assert data(browser, "{ reservations { nodes { id } } }")["reservations"]["nodes"] == [{"id": made["id"]}]
    end = mutation("endReservation", "EndReservationInput")
    assert data(browser, end, input={"id": made["id"], "reason": REASON})["endReservation"]["free"] == 10
    restricted = {"id": str(pool.id), "restricted": True, "reason": REASON}
    assert data(browser, mutation("restrictPool", "RestrictPoolInput"), input=restricted)["restrictPool"]["restricted"]
    named = data(
        browser,
        mutation("makeEligible", "MakeEligibleInput", "id group { displayName }"),
        input={"pool": str(pool.id), "group": str(group.id), "reason": REASON},
    )["makeEligible"]
    assert data(browser, "{ eligibilities { nodes { id } } }")["eligibilities"]["nodes"] == [{"id": named["id"]}]
    data(browser, mutation("endEligibility", "EndEligibilityInput"), input={"id": named["id"], "reason": REASON})
    assert data(browser, "{ eligibilities { nodes { id } } }")["eligibilities"]["nodes"] == []


def test_a_seat_passes_on() -> None:
    """The answer is the new holder's seat."""
    one, pool, [seat], browser = house(1)
    with one.writing():
        [person] = people(one, 1)
    done = data(
        browser,
        mutation("transferSeat", "TransferSeatInput", "id person { id } pool { used }"),
        input={"id": str(seat.id), "person": str(person.id), "reason": REASON},
    )["transferSeat"]
    assert (done["person"]["id"], done["pool"]["used"]) == (str(person.id), 1)
    assert used(one, pool) == held(one, pool) == 1


def given(one: Tenant, mutation_of: Tenant):
    """Every mutation with an input that names rows of one tenant."""
    with mutation_of.writing():
        pool = fed_pool(mutation_of)
        reservation, eligibility = seats.reservation(pool), seats.eligibility(pool)
        unit = identity.unit(mutation_of.organization)
    [seat] = fill(mutation_of, pool, 1)
    key = {"id": str(pool.id), "reason": REASON}
    return [
        ("setPoolLimits", "SetPoolLimitsInput", {"id": str(pool.id), "overdraft": 1}),
        ("planCut", "PlanCutInput", {**key, "capacity": 5}),
        ("confirmCut", "ConfirmCutInput", {"id": str(pool.id), "losers": []}),
        ("cancelCut", "CancelCutInput", {"id": str(pool.id)}),
        ("restrictPool", "RestrictPoolInput", {**key, "restricted": True}),
        (
            "setReservation",
            "SetReservationInput",
            {"pool": str(pool.id), "unit": str(unit.id), "quantity": 1, "reason": REASON},
        ),
        ("endReservation", "EndReservationInput", {"id": str(reservation.id), "reason": REASON}),
        ("makeEligible", "MakeEligibleInput", {"pool": str(pool.id), "reason": REASON}),
        ("endEligibility", "EndEligibilityInput", {"id": str(eligibility.id), "reason": REASON}),
        ("transferSeat", "TransferSeatInput", {"id": str(seat.id), "externalHolder": "Ann", "reason": REASON}),
    ]


@pytest.mark.parametrize("place", range(10))
def test_readers_change_nothing_and_others_rows_do_not_exist(place: int) -> None:
    """An auditor is refused; another organisation's rows are as unknown as invented ones."""
    one, other = tenant(), tenant()
    name, kind, mine = given(one, one)[place]
    _name, _kind, theirs = given(one, other)[place]
    asked = mutation(name, kind, "id")
    assert codes(ask(signed_in(one, "auditor"), asked, input=mine)) == ["PERMISSION_DENIED"]
    assert codes(ask(signed_in(one, "it_admin"), asked, input=theirs)) == ["NOT_FOUND"]
