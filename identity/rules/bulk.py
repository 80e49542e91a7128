"""In which order the operations of a bulk request can be carried out, when some wait for what others create."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

MARK: Final = "bulkId:"


def references(value: Any) -> set[str]:
    """The bulkIds that a value speaks of, in whatever depth."""
    if isinstance(value, str):
        return {value[len(MARK) :]} if value.startswith(MARK) else set()
    if isinstance(value, Mapping):
        return set().union(*(references(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(references(item) for item in value))
    return set()


def resolved(value: Any, ids: Mapping[str, str]) -> Any:
    """The value with each known bulkId replaced by the id that was created for it."""
    if isinstance(value, str):
        return ids.get(value[len(MARK) :], value) if value.startswith(MARK) else value
    if isinstance(value, Mapping):
        return {key: resolved(item, ids) for key, item in value.items()}
    return [resolved(item, ids) for item in value] if isinstance(value, list) else value


def order(waits: Sequence[tuple[str, set[str]]]) -> tuple[list[int], list[int]]:
    """`waits` gives each operation's own bulkId, or nothing, and those that it waits for.

    Returns the positions of the operations in an order in which nobody waits for a later one, as close to the order
    given as that allows, and those of operations that wait for each other in a circle.
    """
    creators = {own for own, _others in waits if own}
    done: set[str] = set()
    ordered: list[int] = []
    left = list(range(len(waits)))
    while left:
        ready = next((place for place in left if not (waits[place][1] & creators) - done), None)
        if ready is None:
            break
        left.remove(ready)
        ordered.append(ready)
        done.add(waits[ready][0])
    return ordered, left
