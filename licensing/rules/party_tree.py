"""The tree of business partners: a group and its companies, by the keys of rows and of what stands above each."""

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


def leads_to(parents: Mapping[K, K | None], *, start: K | None, target: K) -> bool:
    """Whether `target` is `start` or stands above it. Ends also where the tree is broken already."""
    seen: set[K] = set()
    while start is not None and start not in seen:
        if start == target:
            return True
        seen.add(start)
        start = parents.get(start)
    return False


def in_cycles(parents: Mapping[K, K | None]) -> set[K]:
    """The rows that stand below themselves; none in a tree. Each row is walked over a constant number of times."""
    found: set[K] = set()
    done: set[K] = set()
    for first in parents:
        path: list[K] = []
        here: K | None = first
        while here is not None and here not in done:
            done.add(here)
            path.append(here)
            here = parents.get(here)
        if here is not None and here in path:
            found.update(path[path.index(here) :])
    return found


def below(parents: Mapping[K, K | None], roots: Iterable[K]) -> set[K]:
    """The roots themselves and all that stands below them, at any depth."""
    children: dict[K, list[K]] = {}
    for row, above in parents.items():
        if above is not None:
            children.setdefault(above, []).append(row)
    found: set[K] = set()
    waiting = list(roots)
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting.extend(children.get(here, ()))
    return found
