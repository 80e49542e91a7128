"""Graphs that may not run in circles: components of bundles, downgrades of editions."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def reachable(edges: Iterable[tuple[Node, Node]], start: Node) -> set[Node]:
    """Every node to which a path leads from `start`; `start` itself only where the graph has a circle through it."""
    after: dict[Node, set[Node]] = defaultdict(set)
    for source, target in edges:
        after[source].add(target)
    found: set[Node] = set()
    waiting = [start]
    while waiting:
        new = after[waiting.pop()] - found
        found |= new
        waiting.extend(new)
    return found


def closes_circle(edges: Iterable[tuple[Node, Node]], source: Node, target: Node) -> bool:
    """Whether one more edge from `source` to `target` would let a path come back to where it began."""
    return source == target or source in reachable(edges, target)


def circles(edges: Iterable[tuple[Node, Node]]) -> set[Node]:
    """The nodes from which a path leads back to themselves; empty for what operations have kept in order."""
    known = list(edges)
    return {source for source, _target in known if source in reachable(known, source)}
