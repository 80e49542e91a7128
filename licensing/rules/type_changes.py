"""What licences gain and lose when a newer version of their type is applied to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """What one version of a type gives. `territories` None: everywhere; a limit that is missing limits nothing."""

    features: frozenset[str] = frozenset()
    limits: Mapping[str, int]
    territories: frozenset[str] | None = None
    version_range: str = ""
    grace_days: int = 0
    expiry_strategy: str = ""


@dataclass(frozen=True, slots=True)
class RightsDiff:
    """Codes that are gained and lost: `feature:render`, `limit:projects 5 → 8`, `territory:NO`, `grace 7 → 14`."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    changed: tuple[str, ...]


def rights_diff(before: Grants, after: Grants) -> RightsDiff:
    """What `after` gives that `before` did not, what it takes, and what is neither more nor less but different."""
    gained = {f"feature:{code}" for code in after.features - before.features}
    lost = {f"feature:{code}" for code in before.features - after.features}
    for more, less, code in _limits(before.limits, after.limits):
        gained |= {code} if more else set()
        lost |= {code} if less else set()
    gained |= _places(after.territories, before.territories)
    lost |= _places(before.territories, after.territories)
    if after.grace_days != before.grace_days:
        target = gained if after.grace_days > before.grace_days else lost
        target.add(f"grace {before.grace_days} → {after.grace_days}")
    changed = set()
    for name in ("version_range", "expiry_strategy"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            changed.add(f"{name} {old or '*'} → {new or '*'}")
    return RightsDiff(tuple(sorted(gained)), tuple(sorted(lost)), tuple(sorted(changed)))


def _limits(before: Mapping[str, int], after: Mapping[str, int]) -> Iterable[tuple[bool, bool, str]]:
    for code in sorted(before.keys() | after.keys()):
        old, new = before.get(code), after.get(code)
        if old != new:
            is_more = new is None or (old is not None and new > old)
            yield is_more, not is_more, f"limit:{code} {_shown(old)} → {_shown(new)}"


def _shown(limit: int | None) -> str:
    return "∞" if limit is None else str(limit)


def _places(here: frozenset[str] | None, there: frozenset[str] | None) -> set[str]:
    """The territories that are here and not there."""
    if there is None:
        return set()
    return {"territory:*"} if here is None else {f"territory:{code}" for code in here - there}
