"""Worker processes with a connection of their own, which run legs when they are told to."""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from django.db import connection

from bench.sandwich import Leg

Unit = Callable[[int], None]
"""One transaction; gets the number of the worker."""

START_AHEAD = 0.02
WARM_UP = 30
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Workers:
    """`count` processes; a leg runs on the first of them, all beginning at one moment."""

    pipes: list[Connection]
    processes: list[Any]

    @classmethod
    def start(cls, count: int, units: Mapping[str, Unit]) -> "Workers":
        """Forks, so call it while no connection is open. Each worker warms up every kind of unit."""
        connection.close()
        context = get_context("fork")
        pipes, processes = [], []
        for number in range(count):
            here, there = context.Pipe()
            process = context.Process(target=_work, args=(there, number, dict(units)), daemon=True)
            process.start()
            pipes.append(here)
            processes.append(process)
        for pipe in pipes:
            pipe.recv()
        return cls(pipes, processes)

    def leg(self, unit: str, *, workers: int, seconds: float) -> Leg:
        """Runs `unit` for `seconds` on so many workers at once."""
        begin = time.monotonic() + START_AHEAD
        for pipe in self.pipes[:workers]:
            pipe.send((unit, begin, begin + seconds))
        legs: list[Leg] = [pipe.recv() for pipe in self.pipes[:workers]]
        return Leg(
            units=sum(leg.units for leg in legs),
            seconds=max(leg.seconds for leg in legs),
            cpu=sum(leg.cpu for leg in legs),
        )

    def stop(self) -> None:
        for pipe, process in zip(self.pipes, self.processes, strict=True):
            pipe.send(None)
            process.join()


@contextmanager
def workers(count: int, units: Mapping[str, Unit]) -> Any:
    pool = Workers.start(count, units)
    try:
        yield pool
    finally:
        pool.stop()


def _work(pipe: Connection, number: int, units: Mapping[str, Unit]) -> None:
    for unit in units.values():
        for _ in range(WARM_UP):
            unit(number)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = int(cursor.fetchone()[0])
    pipe.send("ready")
    while (order := pipe.recv()) is not None:
        pipe.send(_leg(units[order[0]], number, server, begin=order[1], end=order[2]))
    connection.close()


def _leg(unit: Unit, number: int, server: int, *, begin: float, end: float) -> Leg:
    time.sleep(max(0.0, begin - time.monotonic()))
    cpu, count = time.process_time() + cpu_of(server), 0
    while time.monotonic() < end:
        unit(number)
        count += 1
    seconds = time.monotonic() - begin
    return Leg(units=count, seconds=seconds, cpu=time.process_time() + cpu_of(server) - cpu)


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far; 0 for one that has ended, or that runs on another machine."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS
