"""Shared fixtures. Databases, servers and the requirement report each stand in a plugin of their own."""

from collections.abc import Iterator

import pytest
from django.utils import translation

pytest_plugins = [
    "tests.plugins.requirements",
    "tests.plugins.databases",
    "tests.plugins.servers",
    "tests.plugins.counts",
    "tests.plugins.order",
]


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """A page that was read in German leaves its language with the thread; the next test begins in English."""
    yield
    translation.deactivate()
