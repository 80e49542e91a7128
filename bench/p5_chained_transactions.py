"""P5: an audited transaction, chained against plain.

Both sides run identity.operations.create_device (one INSERT, one entry) through Django, as the app role, under
row-level security, and commit durably. The path records it in the ledger (lock the head, hash, insert under the
checking trigger, move the head); the baseline writes one plain row instead (bench/baseline/plain_rows.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from uuid import UUID, uuid4

from audit.operations import trail
from bench.baseline.plain_rows import PlainEvent, plain_trail
from bench.processes import Workers, workers
from bench.sandwich import Comparison
from bench.tables import create_table
from identity.operations import create_device, create_organization
from kernel.clock import DatabaseClock
from kernel.database import as_owner
from kernel.principal import system

SECONDS = 0.8
CONNECTIONS = 8
TARGETS = (
    ("P5 1 connection", 1, "own", 0.70, 0.85),
    ("P5 8 connections, 8 organisations", CONNECTIONS, "own", 0.70, 0.90),
    ("P5 8 connections, 1 organisation", CONNECTIONS, "shared", 0.45, 0.60),
)


def _audited(organizations: list[UUID], number: int) -> None:
    organization_id = organizations[number % len(organizations)]
    with trail(organization_id=organization_id, actor=system(organization_id, "bench")) as opened:
        create_device(hostname=uuid4().hex, trail=opened)


def _plain(organizations: list[UUID], number: int) -> None:
    organization_id = organizations[number % len(organizations)]
    with plain_trail(organization_id=organization_id, actor=system(organization_id, "bench")) as opened:
        create_device(hostname=uuid4().hex, trail=opened)


@contextmanager
def comparisons() -> Iterator[list[Comparison]]:
    """The three comparisons, on worker processes that live as long as the context."""
    with as_owner():
        create_table(PlainEvent)
    clock = DatabaseClock()
    own = [
        create_organization(slug=f"bench-{n}", name=f"Bench {n}", kind="buyer", clock=clock).id
        for n in range(CONNECTIONS)
    ]
    units = {
        f"{side}:{where}": partial(run, organizations)
        for side, run in (("audited", _audited), ("plain", _plain))
        for where, organizations in (("own", own), ("shared", own[:1]))
    }
    with workers(CONNECTIONS, units) as pool:
        yield [_comparison(pool, *target) for target in TARGETS]


def _comparison(pool: Workers, name: str, count: int, where: str, must: float, stretch: float) -> Comparison:
    return Comparison(
        name=name,
        must=must,
        stretch=stretch,
        baseline=partial(pool.leg, f"plain:{where}", workers=count, seconds=SECONDS),
        path=partial(pool.leg, f"audited:{where}", workers=count, seconds=SECONDS),
    )
