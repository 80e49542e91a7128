"""The effective licence position: identities that hold for every book, and the cases that auditors ask about."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reporting.rules.position import PoolUse, RightFact, Standing, by_standing, holding, position

AT = datetime(2026, 7, 1, tzinfo=UTC)


def right(count: int | None, *, start: int = -100, end: int | None = None, **more) -> RightFact:
    """A right whose term is counted in days from AT."""
    ends_at = None if end is None else AT + timedelta(days=end)
    values = {"reference": "E-1", "paper": "", **more}
    return RightFact(rights=count, starts_at=AT + timedelta(days=start), ends_at=ends_at, **values)


counts = st.integers(min_value=0, max_value=10_000)
rights = st.builds(
    right,
    st.one_of(st.none(), counts),
    start=st.integers(-500, 500),
    end=st.one_of(st.none(), st.integers(501, 900), st.integers(-400, 0)),
    is_withdrawn=st.booleans(),
)
pools = st.lists(
    st.builds(
        PoolUse,
        rights=st.lists(rights, max_size=4).map(tuple),
        held=counts,
        observed=counts,
        is_open=st.booleans(),
    ),
    max_size=4,
).map(tuple)


@given(pools)
def test_demand_and_rights_are_accounted_for(book):
    """demand = used + needed and owned = used + available, whatever the book; nothing is negative."""
    found = position(book, at=AT)
    demand = sum(pool.held + pool.observed for pool in book)
    assert found.used + found.needed == demand
    assert min(found.used, found.needed) >= 0
    if found.owned is not None:
        assert found.owned == found.used + (found.available or 0)
    assert found.unlimited == (found.available is None)


@given(pools)
def test_one_pool_never_lacks_and_spares_at_once(book):
    """Within one scope of rights needed and available are not both above 0, and used never exceeds owned."""
    for pool in book:
        found = position((pool,), at=AT)
        assert not (found.needed and found.available)
        assert found.owned is None or found.used <= found.owned


@given(pools)
def test_the_inventory_agrees_with_the_position(book):
    """Rights in force are the same number in both, and what has lapsed only adds to what was ever owned."""
    figures, found = holding(book, at=AT), position(book, at=AT)
    assert figures.valid == found.owned
    assert figures.assigned + figures.observed == found.used + found.needed
    if figures.owned is not None:
        assert figures.owned >= (figures.valid or 0)


def test_a_hundred_for_ever_and_twenty_that_ended():
    """110 seats on 100 rights: ten are needed, none is available, and the ended twenty stand in the inventory."""
    book = (PoolUse(rights=(right(100), right(20, end=-1)), held=110),)
    found = position(book, at=AT)
    assert (found.owned, found.used, found.needed, found.available) == (100, 100, 10, 0)
    assert (holding(book, at=AT).owned, holding(book, at=AT).free) == (120, 0)


def test_a_surplus_here_hides_no_shortfall_there():
    """Two pools of one line: ten free in one, ten short in the other; both are told."""
    found = position((PoolUse(rights=(right(20),), held=10), PoolUse(rights=(right(10),), held=20)), at=AT)
    assert (found.owned, found.used, found.needed, found.available) == (30, 20, 10, 10)


def test_observed_use_needs_rights_as_well():
    """Use without a seat takes free rights first and is a shortfall beyond them."""
    found = position((PoolUse(rights=(right(10),), held=8, observed=5),), at=AT)
    assert (found.used, found.needed, found.available) == (10, 3, 0)


def test_an_unlimited_right_covers_everything_while_it_lasts():
    """Any number while in force; nothing at all when it has lapsed."""
    covered = position((PoolUse(rights=(right(None),), held=500, is_open=True),), at=AT)
    assert (covered.owned, covered.used, covered.needed, covered.unlimited) == (None, 500, 0, True)
    lapsed = position((PoolUse(rights=(right(None, end=-1),), held=500, is_open=True),), at=AT)
    assert (lapsed.owned, lapsed.needed, lapsed.unlimited) == (0, 500, False)


def test_software_that_needs_no_right_is_covered_by_an_administrators_word():
    """An open pool without any recorded right is for any number; with none and closed it covers nothing."""
    assert position((PoolUse(held=7, is_open=True),), at=AT).unlimited
    assert position((PoolUse(held=7),), at=AT).needed == 7


def test_a_renewal_chain_counts_once():
    """The term that was renewed is told and not counted twice, neither now nor in what was ever owned."""
    first = right(100, start=-400, end=-35, reference="E-1", renewed_from=AT - timedelta(days=35))
    second = right(100, start=-35, end=330, reference="E-2")
    book = (PoolUse(rights=(first, second), held=90),)
    assert (holding(book, at=AT).owned, holding(book, at=AT).valid) == (100, 100)
    assert [(standing, fact.reference) for standing, fact in by_standing(book, at=AT)] == [
        (Standing.IN_FORCE, "E-2"),
        (Standing.RENEWED, "E-1"),
    ]


def test_the_last_instant_of_a_term_is_half_open():
    """A right is in force at its start and no more at its end."""
    fact = RightFact(reference="E-1", paper="", rights=1, starts_at=AT, ends_at=AT + timedelta(days=1))
    instant = timedelta(microseconds=1)
    moments = (AT - instant, AT, AT + timedelta(days=1) - instant, AT + timedelta(days=1))
    assert [fact.standing(moment) for moment in moments] == [
        Standing.TO_COME,
        Standing.IN_FORCE,
        Standing.IN_FORCE,
        Standing.ENDED,
    ]
