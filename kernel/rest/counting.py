"""Counters in the cache for limits of fairness: simple, and exact enough for that."""

from django.core.cache import cache


def counted(key: str, *, seconds: int) -> int:
    """Which one this is within `seconds`, counted from the first of a window."""
    if cache.add(key, 1, seconds):
        return 1
    try:
        return cache.incr(key)
    except ValueError:
        # The window ended between the two calls.
        cache.add(key, 1, seconds)
        return 1
