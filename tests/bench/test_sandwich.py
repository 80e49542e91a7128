"""How comparisons are made, on sides whose speed is known."""

import pytest

from bench.sandwich import Comparison, Leg, Result, Round, measured


def leg(rate: float, memory: float | None = None) -> Leg:
    return Leg(units=int(rate * 10), seconds=10.0, cpu=0.5, memory=memory)


def result(*ratios: float) -> Result:
    return Result("P0", 0.5, 0.8, [Round(leg(100), leg(100 * ratio), leg(100)) for ratio in ratios])


def test_the_path_is_compared_with_the_baselines_around_it() -> None:
    """On a machine that gets slower, the mean of before and after is what the path had."""
    one = Round(leg(100), leg(75), leg(50))
    assert one.ratio == pytest.approx(1.0)
    assert one.drift == pytest.approx(50 / 75)


def test_the_median_counts() -> None:
    """One disturbed round changes the extent that is shown, not the number that counts."""
    found = result(0.6, 0.61, 0.62, 0.05, 3.0)
    assert found.ratio == pytest.approx(0.61)
    assert found.extent == pytest.approx((0.05, 3.0))


@pytest.mark.parametrize(("ratio", "verdict"), [(0.49, "BELOW"), (0.5, "must"), (0.79, "must"), (0.8, "stretch")])
def test_verdicts(ratio: float, verdict: str) -> None:
    """At the target counts as reached."""
    assert result(ratio).verdict == verdict


def test_memory_is_the_most_of_all_rounds() -> None:
    """A limit that one round broke was broken; where nothing was measured nothing is shown."""
    rounds = [Round(leg(1), leg(1, memory), leg(1)) for memory in (12.0, 40.0, 9.0)]
    assert Result("P0", 0.5, 0.8, rounds).memory == 40.0
    assert result(1.0).memory is None


def test_every_round_is_a_sandwich_and_the_order_changes() -> None:
    """Each comparison is measured baseline, path, baseline in every round; which comes first differs between rounds,
    and is the same again for the same seed."""
    calls: list[str] = []

    def side(name: str) -> Leg:
        calls.append(name)
        return leg(1)

    def comparison(name: str) -> Comparison:
        return Comparison(name, 0.5, 0.8, baseline=lambda: side(f"{name} baseline"), path=lambda: side(f"{name} path"))

    names = ["P0", "P1", "P2", "P3"]
    results = measured([comparison(name) for name in names], rounds=8, seed=3)
    assert [(each.name, len(each.rounds)) for each in results] == [(name, 8) for name in names]
    sandwiches = [calls[start : start + 3] for start in range(0, len(calls), 3)]
    assert all(one == [f"{one[0][:2]} baseline", f"{one[0][:2]} path", f"{one[0][:2]} baseline"] for one in sandwiches)
    orders = {tuple(one[0][:2] for one in sandwiches[start : start + 4]) for start in range(0, 32, 4)}
    assert len(orders) > 1
    first = list(calls)
    calls.clear()
    measured([comparison(name) for name in names], rounds=8, seed=3)
    assert calls == first
