"""How a comparison is made: baseline, path, baseline, again and again, so that load on the machine hits both sides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from statistics import mean, median


@dataclass(frozen=True)
class Leg:
    """One measurement of one side: how many units in how many seconds, the CPU seconds that it took, and the memory
    that it needed (MB, where it was measured)."""

    units: int
    seconds: float
    cpu: float
    memory: float | None = None

    @property
    def rate(self) -> float:
        return self.units / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds per unit."""
        return self.cpu * 1000 / self.units


@dataclass(frozen=True)
class Round:
    """A sandwich. The path is compared with the mean of the baseline before and after it."""

    before: Leg
    path: Leg
    after: Leg

    @property
    def baseline_rate(self) -> float:
        return mean((self.before.rate, self.after.rate))

    @property
    def ratio(self) -> float:
        return self.path.rate / self.baseline_rate

    @property
    def drift(self) -> float:
        """How far the two baselines lie apart, as a share of their mean: what the machine did meanwhile."""
        return abs(self.before.rate - self.after.rate) / self.baseline_rate


@dataclass(frozen=True)
class Comparison:
    """A pair of sides under one name; `baseline` and `path` measure one leg each."""

    name: str
    must: float
    stretch: float
    baseline: Callable[[], Leg]
    path: Callable[[], Leg]


@dataclass(frozen=True)
class Result:
    """All rounds of one comparison. The number that counts is the median ratio."""

    name: str
    must: float
    stretch: float
    rounds: Sequence[Round]

    @property
    def ratio(self) -> float:
        return median(each.ratio for each in self.rounds)

    @property
    def extent(self) -> tuple[float, float]:
        ratios = [each.ratio for each in self.rounds]
        return min(ratios), max(ratios)

    @property
    def drift(self) -> float:
        return median(each.drift for each in self.rounds)

    @property
    def memory(self) -> float | None:
        """The most that any round of the path needed, in MB."""
        return max((each.path.memory for each in self.rounds if each.path.memory is not None), default=None)

    @property
    def verdict(self) -> str:
        if self.ratio >= self.stretch:
            return "stretch"
        return "must" if self.ratio >= self.must else "BELOW"


def measured(comparisons: Sequence[Comparison], *, rounds: int, seed: int) -> list[Result]:
    """`rounds` sandwiches of each comparison; in every round the comparisons come in another order."""
    shuffle = Random(seed).shuffle
    found: dict[str, list[Round]] = {comparison.name: [] for comparison in comparisons}
    for _ in range(rounds):
        order = list(comparisons)
        shuffle(order)
        for comparison in order:
            found[comparison.name].append(Round(comparison.baseline(), comparison.path(), comparison.baseline()))
    return [Result(each.name, each.must, each.stretch, found[each.name]) for each in comparisons]
