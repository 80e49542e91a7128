"""The files that take minutes come first: with two processes, one that begins last would be waited for alone."""

import pytest

LONG = (
    "tests/browser/test_walk.py",
    "tests/isolation/test_matrix.py",
    "tests/robustness/test_addresses.py",
    "tests/robustness/test_graphql.py",
    "tests/reporting/test_packages_render.py",
    "tests/reporting/test_packages_built.py",
    "tests/identity/scim/test_conformance.py",
    "tests/journeys/test_step_6_evidence.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps the order of all others."""
    places = {file: number for number, file in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(LONG)))
