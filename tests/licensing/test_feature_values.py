"""Rules of feature values: which grant the catalogue allows, what several grants come to, how they rest in JSON."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.grants import BadValue, grants_from, grants_json, read_value
from licensing.rules.allowances import Overage, OverageKind
from licensing.rules.carried import carried_at, quotas_at
from licensing.rules.facts import FeatureGrant
from licensing.rules.feature_values import (
    FeatureDefinition,
    FeatureKind,
    FeatureValue,
    GrantMistake,
    QuotaPeriod,
    QuotaTerms,
    grant_mistakes,
)
from licensing.rules.terms import Period, overlap
from tests.licensing.cases import A_MICROSECOND, FAR_AWAY, NOW

CATALOGUE = {
    "render": FeatureDefinition("render", FeatureKind.BOOLEAN),
    "export": FeatureDefinition("export", FeatureKind.QUANTITY),
    "support": FeatureDefinition("support", FeatureKind.CHOICE, ("silver", "gold")),
}
HUNDRED = QuotaTerms(limit=100, period=QuotaPeriod.MONTH)
ALLOWED: list[tuple[str, FeatureValue]] = [
    ("render", None),
    ("export", HUNDRED),
    ("export", QuotaTerms(limit=0, period=QuotaPeriod.MONTH)),
    ("export", QuotaTerms(limit=None, period=QuotaPeriod.MONTH)),
    ("support", "gold"),
    ("undescribed", None),
]
REFUSED: list[tuple[str, FeatureValue, GrantMistake]] = [
    ("undescribed", "gold", GrantMistake.FEATURE_NOT_IN_CATALOGUE),
    ("undescribed", HUNDRED, GrantMistake.FEATURE_NOT_IN_CATALOGUE),
    ("render", "gold", GrantMistake.FEATURE_VALUE_UNEXPECTED),
    ("render", HUNDRED, GrantMistake.FEATURE_VALUE_UNEXPECTED),
    ("support", HUNDRED, GrantMistake.FEATURE_VALUE_UNEXPECTED),
    ("export", "gold", GrantMistake.FEATURE_VALUE_UNEXPECTED),
    ("support", None, GrantMistake.FEATURE_VALUE_MISSING),
    ("export", None, GrantMistake.FEATURE_VALUE_MISSING),
    ("support", "platinum", GrantMistake.FEATURE_CHOICE_UNKNOWN),
    ("export", QuotaTerms(limit=-1), GrantMistake.FEATURE_QUOTA_INVALID),
    ("export", QuotaTerms(limit=2**53), GrantMistake.FEATURE_QUOTA_INVALID),
    ("export", QuotaTerms(limit=1, near_percent=0), GrantMistake.FEATURE_QUOTA_INVALID),
    ("export", QuotaTerms(limit=1, near_percent=101), GrantMistake.FEATURE_QUOTA_INVALID),
    ("export", QuotaTerms(limit=1, overage=Overage(amount=5)), GrantMistake.FEATURE_QUOTA_INVALID),
    (
        "export",
        QuotaTerms(limit=1, overage=Overage(kind=OverageKind.PERCENT, amount=10_001)),
        GrantMistake.FEATURE_QUOTA_INVALID,
    ),
]


def test_the_catalogue_allows_what_it_describes_and_plain_switches() -> None:
    """Every allowed grant, alone and together with the others, is no mistake."""
    assert list(grant_mistakes(ALLOWED, CATALOGUE)) == []


@pytest.mark.parametrize(("code", "value", "mistake"), REFUSED)
def test_each_grant_that_does_not_fit_has_its_code(code: str, value: FeatureValue, mistake: GrantMistake) -> None:
    """The position among the grants and one stable code."""
    assert list(grant_mistakes([("render", None), (code, value)], CATALOGUE)) == [(1, mistake)]


def test_every_mistake_has_a_case() -> None:
    """A new code comes with the grant that provokes it."""
    assert {mistake for _code, _value, mistake in REFUSED} | {GrantMistake.FEATURE_PERIOD_DIFFERS} == set(GrantMistake)


def test_one_quantity_is_counted_in_one_period() -> None:
    """Two grants of a quantity may not start again at different times."""
    yearly = QuotaTerms(limit=5, period=QuotaPeriod.YEAR)
    found = list(grant_mistakes([("export", HUNDRED), ("export", yearly)], CATALOGUE))
    assert found == [(1, GrantMistake.FEATURE_PERIOD_DIFFERS)]


def test_quantities_add_up_and_the_last_choice_counts() -> None:
    """100 of the type and 50 of an add-on are 150; gold of the licence goes before silver of the type."""
    fifty = QuotaTerms(limit=50, period=QuotaPeriod.MONTH)
    grants = [
        FeatureGrant("export", value=HUNDRED),
        FeatureGrant("support", value="silver"),
        FeatureGrant("export", value=fifty),
        FeatureGrant("support", value="gold"),
        FeatureGrant("late", Period(NOW + A_MICROSECOND, None)),
        FeatureGrant("over", Period(None, NOW)),
    ]
    carried = carried_at(grants, NOW)
    assert carried == {"export": QuotaTerms(limit=150, period=QuotaPeriod.MONTH), "support": "gold"}
    assert list(quotas_at(grants, NOW)) == ["export"]


def test_no_limit_stays_none_and_overage_stays_allowed() -> None:
    """Adding a number to no limit limits nothing; a grant without overage takes none away."""
    ten = Overage(kind=OverageKind.PERCENT, amount=10)
    grants = [FeatureGrant("export", value=QuotaTerms(limit=None, overage=ten)), FeatureGrant("export", value=HUNDRED)]
    joined = quotas_at(grants, NOW)["export"]
    assert (joined.limit, joined.overage) == (None, ten)


VALUES = st.one_of(
    st.none(),
    st.sampled_from(["gold", "silver"]),
    st.builds(
        QuotaTerms,
        limit=st.none() | st.integers(0, 2**53 - 1),
        period=st.sampled_from(QuotaPeriod),
        near_percent=st.integers(1, 100),
        overage=st.builds(
            Overage,
            kind=st.sampled_from(OverageKind),
            amount=st.integers(0, 10_000),
            until=st.none() | st.datetimes(timezones=st.just(NOW.tzinfo)),
        ),
    ),
)


@given(st.lists(st.builds(FeatureGrant, st.just("export"), st.just(Period(NOW, FAR_AWAY)), VALUES), max_size=5))
def test_grants_come_back_from_their_column(grants: list[FeatureGrant]) -> None:
    """Whatever is stored is read as what it was."""
    assert grants_from(grants_json(grants)) == tuple(grants)


@pytest.mark.parametrize(
    "value",
    [
        5,
        True,
        [],
        {},
        {"limit": "5"},
        {"limit": True},
        {"limit": 1.5},
        {"limit": 1, "period": "week"},
        {"limit": 1, "period": []},
        {"limit": 1, "near_percent": "80"},
        {"limit": 1, "more": 1},
        {"limit": 1, "overage": {}},
        {"limit": 1, "overage": {"kind": "percent"}},
        {"limit": 1, "overage": {"kind": "some", "amount": 1}},
        {"limit": 1, "overage": {"kind": [], "amount": 1}},
        {"limit": 1, "overage": {"kind": "percent", "amount": 1, "until": "2027-01-01"}},
        {"limit": 1, "overage": {"kind": "percent", "amount": 1, "until": 5}},
    ],
)
def test_other_json_is_refused(value: object) -> None:
    """Nothing is guessed, and no member is passed over."""
    with pytest.raises(BadValue):
        read_value(value)


MOMENTS = st.datetimes(timezones=st.just(NOW.tzinfo))


@given(MOMENTS, MOMENTS, MOMENTS, MOMENTS, MOMENTS)
def test_an_overlap_is_what_both_hold(a, b, c, d, at) -> None:
    """A moment lies in the overlap exactly when it lies in both periods."""
    one, other = Period(min(a, b), max(a, b)), Period(min(c, d), max(c, d))
    both = overlap(one, other)
    assert (one.holds_at(at) and other.holds_at(at)) == (both is not None and both.holds_at(at))
    assert overlap(one, Period()) == (one if one.start != one.end else None)
    assert overlap(Period(a, None), Period(None, a + timedelta(0))) is None
