"""The two houses with everybody who walks in them, built once for a module; each test walks in a copy of its own."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import override_settings

from tests.architecture.source import none
from tests.factories.tenants import ALL_ROLES
from tests.isolation.customers import Customers, customers
from tests.isolation.houses import House, house
from tests.isolation.visitor import Door, Told, Visitor
from tests.isolation.walks import Chosen, foreign_ids_in
from tests.plugins.databases import clone

EVERY = tuple(ALL_ROLES)
LONG = 24 * 3600


@dataclass
class World:
    """The house that looks and the one that is hidden, the doors of those who sign in, and what is found out once: the
    hidden rows that each address opens (`chosen`), and what it answers about rows of nobody (`known`)."""

    home: House
    hidden: House
    doors: dict[tuple[str, ...], Door]
    theirs: Door
    chosen: Chosen
    customers: Customers
    known: dict[Any, Told] = field(default_factory=dict)

    def visitor(self, *roles: str) -> Visitor:
        return Visitor(self.home, self.hidden, roles or EVERY, door=self.doors[roles or EVERY], known=self.known)

    def unharmed(self, before: dict[str, str], visitor: Visitor) -> None:
        """Nothing was found, the hidden house is as it was, and no row of the looking one names a row of it."""
        none(visitor.findings)
        after = self.hidden.digests()
        none(label for label in after if after[label] != before[label])
        none(foreign_ids_in(self.home, self.hidden))


def built() -> World:
    """In an empty database, with real commits."""
    home, hidden = house(marked=False), house(marked=True)
    doors = {roles: Door(home, roles) for roles in [EVERY, *((role,) for role in ALL_ROLES)]}
    theirs = Door(hidden, EVERY)
    return World(home, hidden, doors, theirs, Chosen(hidden, EVERY, theirs), customers(home))


@contextmanager
def patient() -> Iterator[None]:
    """Nothing ends or is counted in the middle of a walk, however slow or fast the machine is; what is logged about
    thousands of requests would cost as much as a tenth of them."""
    tokens = {**settings.OAUTH2_PROVIDER, "ACCESS_TOKEN_EXPIRE_SECONDS": LONG}
    logging.disable(logging.ERROR)
    try:
        with override_settings(PROOF_SECONDS=LONG, SCIM_REQUESTS_PER_SECOND=10_000, OAUTH2_PROVIDER=tokens):
            yield
    finally:
        logging.disable(logging.NOTSET)


@contextmanager
def copied(world: World, name: str) -> Iterator[World]:
    """The world in a copy of the database `name`, in which it was built."""
    connection.close()
    doors = (world.theirs, *world.doors.values(), world.customers.door, world.customers.theirs)
    for door in doors:
        door.used = 1
    with clone(name):
        yield world
