"""What every site of a switched copy asks (mutants_sites): is this filter there, or was it taken away?"""

from typing import TypeVar

T = TypeVar("T")
touched: set[str] = set()
"""The sites that were asked since somebody emptied this."""
_away: set[str] = set()


def take_away(*keys: str) -> None:
    """These filters are gone and all others stand."""
    _away.clear()
    _away.update(keys)


def lookup(key: str, **wanted: T) -> dict[str, T]:
    """The keyword of a query, or none."""
    touched.add(key)
    return {} if key in _away else wanted


def answer(key: str, found: T, lets_through: bool) -> T | bool:
    """What a comparison found, or what it says to whoever may pass."""
    touched.add(key)
    return lets_through if key in _away else found
