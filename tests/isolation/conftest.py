"""`world`: two furnished houses, built once for a module and copied for each test."""

from collections.abc import Iterator

import pytest

from tests.isolation.world import World, built, copied, patient
from tests.plugins.databases import CommittedDatabase


@pytest.fixture(scope="module")
def built_world(committed_db: CommittedDatabase) -> Iterator[World]:
    with patient():
        yield built()


@pytest.fixture
def world(built_world: World, committed_db: CommittedDatabase) -> Iterator[World]:
    with copied(built_world, committed_db.name) as copy:
        yield copy
