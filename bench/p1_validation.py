"""P1 to P4: `POST /api/v1/validate` over HTTP, in each way of keeping its events, and against Django REST framework.

Every side is a gunicorn of its own (two workers of four threads) with the settings of production. Eight connections
stay open, four on each worker, and ask about fifty licences in random order. P1 to P3 are compared with a view that
answers a constant (bench/baseline/bare.py), P4 with the same endpoint on Django REST framework
(bench/baseline/drf_validation.py). Before anything is timed, every licence is asked about once on every side that
decides, and each signed answer is verified; in each leg every answer has to be a 200, and the last one is verified.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from bench.baseline.drf_validation import DrfValidation
from bench.keyed_licenses import KeyedLicenses, keyed_licenses
from bench.load import Answer, connected, drive
from bench.sandwich import Comparison, Leg
from bench.servers import Gunicorn, gunicorn
from bench.tables import create_table
from identity.operations import create_organization
from kernel.clock import DatabaseClock
from kernel.database import as_owner

LICENSES = 50
"""So few that nearly every answer comes from a snapshot, which is what these rows are about."""
CONNECTIONS = 8
SECONDS = 1.5
WARM = 2.2
"""Seconds before a leg of the product is counted: longer than a snapshot of a licence lives, so that as many are fresh
as in steady use."""
WARM_UNCACHED = 0.3

DURABILITY = "SEATLEDGER_USAGE_DURABILITY"
PRODUCT = "config.wsgi:application"
ANY = "django.core.wsgi:get_wsgi_application()"
SIDES = {
    "bare": (ANY, {"DJANGO_SETTINGS_MODULE": "bench.baseline.bare"}),
    "drf": (ANY, {"DJANGO_SETTINGS_MODULE": "bench.baseline.drf_settings"}),
    "buffered": (PRODUCT, {DURABILITY: "buffered"}),
    "async_commit": (PRODUCT, {DURABILITY: "async_commit"}),
    "sync": (PRODUCT, {DURABILITY: "sync"}),
}
TARGETS = (
    ("P1 validate, buffered / bare view", "bare", "buffered", 0.55, 0.70),
    ("P2 validate, async_commit / bare view", "bare", "async_commit", 0.40, 0.50),
    ("P3 validate, sync / bare view", "bare", "sync", 0.25, 0.35),
    ("P4 validate, async_commit / REST framework", "drf", "async_commit", 2.0, 3.0),
)


@dataclass(frozen=True)
class Side:
    """A server and what it is asked; `check` looks at one answer."""

    server: Gunicorn
    requests: Sequence[bytes]
    warm: float
    check: Callable[[Answer], None]

    def leg(self, draw: Random) -> Leg:
        connections = connected(self.server, CONNECTIONS, self.requests[0])
        found = drive(connections, self.requests, draw=draw, warm=self.warm, seconds=SECONDS, meter=self.server.cpu)
        self.check(found.last)
        return Leg(found.count, found.seconds, found.cpu)

    def ask_all(self) -> None:
        """Every question once; each answer is checked."""
        connections = connected(self.server, CONNECTIONS, self.requests[0])
        for start in range(0, len(self.requests), CONNECTIONS):
            asked = list(zip(connections, self.requests[start : start + CONNECTIONS], strict=False))
            for number, (connection, request) in enumerate(asked, start):
                connection.send(number, request)
            for connection, _request in asked:
                self.check(connection.awaited())
        for each in connections:
            each.socket.close()


@contextmanager
def comparisons() -> Iterator[list[Comparison]]:
    """The four comparisons, on five servers that live as long as the context."""
    create_organization(slug="bench-platform", name="Platform", kind="platform", clock=DatabaseClock())
    with as_owner():
        create_table(DrfValidation)
    house = keyed_licenses("bench-validation", LICENSES)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="seatledger-bench-")))
        sides = {
            name: _side(house, name, stack.enter_context(gunicorn(application, folder=folder, environment=variables)))
            for name, (application, variables) in SIDES.items()
        }
        for side in sides.values():
            side.ask_all()
        draw = Random(1)
        yield [
            Comparison(
                name=name,
                must=must,
                stretch=stretch,
                baseline=partial(sides[baseline].leg, draw),
                path=partial(sides[path].leg, draw),
            )
            for name, baseline, path, must, stretch in TARGETS
        ]


def _side(house: KeyedLicenses, name: str, server: Gunicorn) -> Side:
    warm = WARM_UNCACHED if name in {"bare", "drf"} else WARM
    return Side(server, house.questions(), warm, _constant if name == "bare" else house.check)


def _constant(answer: Answer) -> None:
    assert answer.body.startswith(b'{"valid": true'), answer.body
