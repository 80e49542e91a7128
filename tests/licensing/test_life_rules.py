"""Pure rules of a licence's life: which step fits which state, renewals, proration, dunning, pauses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import rounded
from licensing.rules.dunning import DunningStage, DunningTerms, stage_at, without_features_from
from licensing.rules.expiry import in_grace, is_over
from licensing.rules.facts import FeatureGrant, LicenseModel, LicenseStatus
from licensing.rules.life import STEPS, Life, Step, may
from licensing.rules.proration import ChargePeriod, charge, in_cents, period_end
from licensing.rules.renewal import RenewalBasis, anchor_after, next_term
from licensing.rules.terms import Period, Term
from licensing.rules.trials import email_domain
from tests.licensing.cases import A_MICROSECOND, ENDS_NOW, NOW, WITH_GRACE

DRAFT = Life(model=LicenseModel.SUBSCRIPTION, status=LicenseStatus.DRAFT, has_end=True)
ACTIVE = replace(DRAFT, status=LicenseStatus.ACTIVE)
STATES = {
    "draft": DRAFT,
    "active": ACTIVE,
    "endless": replace(ACTIVE, model=LicenseModel.PERPETUAL, has_end=False),
    "over": replace(ACTIVE, is_over=True),
    "paused": replace(ACTIVE, is_paused=True),
    "cancelled": replace(ACTIVE, is_cancelled=True),
    "cancelled and over": replace(ACTIVE, is_cancelled=True, is_over=True),
    "past due": replace(ACTIVE, is_past_due=True),
    "trial": replace(ACTIVE, model=LicenseModel.TRIAL),
    "trial that is over": replace(ACTIVE, model=LicenseModel.TRIAL, is_over=True),
    "suspended": replace(ACTIVE, status=LicenseStatus.SUSPENDED),
    "suspended, past due": replace(ACTIVE, status=LicenseStatus.SUSPENDED, is_past_due=True),
    "revoked": replace(ACTIVE, status=LicenseStatus.REVOKED),
}
ALLOWED: dict[Step, set[str]] = {
    Step.ACTIVATE: {"draft"},
    Step.SUSPEND: set(STATES) - {"draft", "suspended", "suspended, past due", "revoked"},
    Step.REINSTATE: {"suspended"},
    Step.PAUSE: {"active", "endless", "cancelled", "past due", "trial"},
    Step.RESUME: {"paused"},
    Step.CANCEL: {"active", "paused", "past due", "trial", "suspended", "suspended, past due"},
    Step.KEEP: {"cancelled"},
    Step.RENEW: {"active", "over", "past due"},
    Step.RESIZE: {"active", "endless", "cancelled", "past due", "trial"},
    Step.MARK_PAST_DUE: {"active", "endless", "over", "paused", "cancelled", "cancelled and over"},
    Step.SETTLE: {"past due", "suspended, past due"},
    Step.CONVERT: {"trial", "trial that is over"},
    Step.TRANSFER: set(STATES) - {"revoked"},
    Step.REVOKE: set(STATES) - {"revoked"},
}


@pytest.mark.parametrize("step", sorted(STEPS))
def test_each_step_in_each_state(step: Step) -> None:
    """A step is taken from the states that it starts from, and from no other."""
    assert {name for name, life in STATES.items() if may(step, life)} == ALLOWED[step]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bounds are naive
terms = st.builds(Term, months=st.integers(0, 36), days=st.integers(1, 40))


@given(start=moments, months=st.integers(1, 24), count=st.integers(2, 30))
def test_renewals_from_the_end_leave_no_gap_and_no_overlap(start: datetime, months: int, count: int) -> None:
    """Each term begins where the one before ended, and after any number of them the day of the first is kept."""
    term = Term(months=months)
    anchor: datetime | None = start
    ends = next_term(anchor=None, expires_at=start, term=term, basis=RenewalBasis.FROM_EXPIRY, at=start).ends_at
    for _ in range(count):
        found = next_term(anchor=anchor, expires_at=ends, term=term, basis=RenewalBasis.FROM_EXPIRY, at=start)
        assert found.starts_at == ends < found.ends_at
        anchor = anchor_after(anchor=anchor, expires_at=ends, term=term, starts_at=found.starts_at)
        assert anchor == start
        ends = found.ends_at
    assert (ends.month - start.month - months * (count + 1)) % 12 == 0
    assert ends.day == start.day or (ends + timedelta(days=1)).day == 1


@given(anchor=st.none() | moments, expires_at=moments, term=terms, at=moments, basis=st.sampled_from(RenewalBasis))
def test_a_renewal_begins_at_the_end_or_now(
    anchor: datetime | None, expires_at: datetime, term: Term, at: datetime, basis: RenewalBasis
) -> None:
    """From expiry always at the end; from now at the moment; from now if expired at the later of the two."""
    if anchor is not None and anchor > expires_at:
        anchor = None
    found = next_term(anchor=anchor, expires_at=expires_at, term=term, basis=basis, at=at)
    starts = {
        RenewalBasis.FROM_EXPIRY: expires_at,
        RenewalBasis.FROM_NOW: at,
        RenewalBasis.FROM_NOW_IF_EXPIRED: max(at, expires_at),
    }
    assert found.starts_at == starts[basis]
    assert found.ends_at > found.starts_at


def test_months_keep_the_day_of_the_first() -> None:
    """Monthly from 31 January ends on 28 February and then on 31 March; a moved end counts from itself."""
    month = Term(months=1)
    found = next_term(
        anchor=at("2025-01-31"),
        expires_at=at("2025-02-28"),
        term=month,
        basis=RenewalBasis.FROM_EXPIRY,
        at=at("2025-02-28"),
    )
    assert found.ends_at == at("2025-03-31")
    moved = next_term(
        anchor=at("2025-01-31"),
        expires_at=at("2025-03-05"),
        term=month,
        basis=RenewalBasis.FROM_EXPIRY,
        at=at("2025-02-28"),
    )
    assert (moved.ends_at, moved.anchor) == (at("2025-04-05"), at("2025-03-05"))


@pytest.mark.requirement("REQ-142", "REQ-154")
def test_thirty_seats_for_the_rest_of_a_year() -> None:
    """30 × 120 a year from 1 April to the end of 2025: 275 of 365 days are 2,712.33, and as much given back."""
    for units, amount in ((30, "2712.33"), (-30, "-2712.33")):
        owed = charge(
            units=units,
            unit_price=Decimal(120),
            period=ChargePeriod.YEAR,
            anchor=at("2025-01-01"),
            changed_at=at("2025-04-01"),
            ends_at=at("2026-01-01"),
        )
        assert owed.amount == Decimal(amount)
        assert [(line.days, line.of_days) for line in owed.lines] == [(275, 365)]


prices = st.decimals(min_value=0, max_value=10_000, places=4)
periods = st.sampled_from(ChargePeriod)


@given(
    units=st.integers(-500, 500), price=prices, period=periods, anchor=moments, cuts=st.lists(st.integers(0, 1500),
    min_size=2, max_size=2),
)  # fmt: skip
def test_the_lines_of_a_charge_add_up(
    units: int, price: Decimal, period: ChargePeriod, anchor: datetime, cuts: list[int]
) -> None:
    """Lines sum to the total to the cent, days are not counted twice, and fewer units give back what more had cost."""
    first, last = (anchor + timedelta(days=day) for day in sorted(cuts))
    owed = charge(units=units, unit_price=price, period=period, anchor=anchor, changed_at=first, ends_at=last)
    assert sum((line.amount for line in owed.lines), Decimal(0)) == owed.amount
    assert sum(line.days for line in owed.lines) == (last.date() - first.date()).days
    for before, after in pairwise(owed.lines):
        assert before.starts_on + timedelta(days=before.days) == after.starts_on
    back = charge(units=-units, unit_price=price, period=period, anchor=anchor, changed_at=first, ends_at=last)
    assert back.amount == -owed.amount


@given(price=prices, anchor=moments, cuts=st.lists(st.integers(0, 1500), min_size=3, max_size=3))
def test_two_parts_cost_what_the_whole_costs(price: Decimal, anchor: datetime, cuts: list[int]) -> None:
    """Charged until a middle day and from it: within a cent of the whole, since each is rounded once."""
    first, middle, last = (anchor + timedelta(days=day) for day in sorted(cuts))

    def cost(begins: datetime, ends: datetime) -> Decimal:
        return charge(
            units=7, unit_price=price, period=ChargePeriod.YEAR, anchor=anchor, changed_at=begins, ends_at=ends
        ).amount

    assert abs(cost(first, middle) + cost(middle, last) - cost(first, last)) <= Decimal("0.01")


@given(parts=st.lists(st.fractions(min_value=-1000, max_value=1000, max_denominator=1000), max_size=20))
def test_cents_add_up_to_the_total_rounded_once(parts: list[Fraction]) -> None:
    """Whatever the parts, their amounts sum to the exact total, rounded half up as everywhere."""
    total = sum(parts, Fraction(0))
    exact = Decimal(total.numerator) / Decimal(total.denominator)
    assert sum(in_cents(parts), Decimal(0)) == rounded(exact)


def test_a_licence_without_end_is_charged_to_the_end_of_its_period() -> None:
    """A year that began on 1 March ends on the next one; the end itself lies in the period after."""
    anchor = at("2025-03-01")
    assert period_end(period=ChargePeriod.YEAR, anchor=anchor, at=at("2026-02-28")) == at("2026-03-01")
    assert period_end(period=ChargePeriod.YEAR, anchor=anchor, at=at("2026-03-01")) == at("2027-03-01")


STAGES = DunningTerms(restrict_after=timedelta(days=7), suspend_after=timedelta(days=14))


@pytest.mark.parametrize(
    ("after", "stage"),
    [
        (timedelta(0), DunningStage.WARNED),
        (timedelta(days=7) - A_MICROSECOND, DunningStage.WARNED),
        (timedelta(days=7), DunningStage.RESTRICTED),
        (timedelta(days=14) - A_MICROSECOND, DunningStage.RESTRICTED),
        (timedelta(days=14), DunningStage.SUSPENDED),
    ],
)
def test_stages_begin_exactly_at_their_moment(after: timedelta, stage: DunningStage) -> None:
    """Warned at once, restricted on day 7, suspended on day 14."""
    assert stage_at(since=NOW, terms=STAGES, at=NOW + after) is stage


def test_features_end_when_they_are_taken_away() -> None:
    """A grant holds up to the moment, one that begins later never; one that ends before is left as it is."""
    day = timedelta(days=1)
    grants = [
        FeatureGrant("always"),
        FeatureGrant("later", Period(NOW + day)),
        FeatureGrant("before", Period(None, NOW - day), "gold"),
    ]
    always, later, before = without_features_from(grants, NOW)
    assert always.period.holds_at(NOW - A_MICROSECOND)
    assert not always.period.holds_at(NOW)
    assert not any(later.period.holds_at(NOW + days * day) for days in range(-3, 3))
    assert (before.period.end, before.value) == (NOW - day, "gold")


def test_a_paused_licence_does_not_age() -> None:
    """Paused before its end it is never over; paused in grace it stays in grace."""
    long_after = NOW + timedelta(days=400)
    assert not is_over(replace(ENDS_NOW, paused_at=NOW - A_MICROSECOND), long_after)
    assert is_over(ENDS_NOW, long_after)
    assert in_grace(replace(WITH_GRACE, paused_at=NOW + timedelta(days=1)), long_after)


@pytest.mark.parametrize(
    ("address", "domain"),
    [("Kim@Example.ORG", "example.org"), ("a@b@c.de.", "c.de"), ("nobody", ""), ("@example.org", ""), ("x@", "")],
)
def test_the_domain_of_an_address(address: str, domain: str) -> None:
    """The part after the last @, in lower case; none where there is no name or no domain."""
    assert email_domain(address) == domain
