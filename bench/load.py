"""A load generator that leaves the cores to the server: one process, one thread, raw sockets that are kept open.

Requests are bytes made beforehand. Of an answer no more is read than its status line and where it ends. About 10 µs of
CPU a request.
"""

import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from bench.servers import Gunicorn

PATIENCE = 60.0
"""Seconds after which an answer that has not come is a failure; the first of a process loads every page."""
AGAIN = 0.01
"""Seconds before the next try, where the wrong worker has accepted a connection."""
LENGTH = b"content-length:"
END = b"\r\n\r\n"


class BadAnswer(AssertionError):
    """The server closed the connection, was silent, or answered something else than 200."""


@dataclass(frozen=True)
class Answer:
    """Which of the requests was answered, and the body of the answer."""

    request: int
    body: bytes


@dataclass(frozen=True)
class Outcome:
    """What came in the measured time: `cpu` is what the meter says the server used, `latencies` are seconds of each
    request as the client saw it, in no order."""

    count: int
    seconds: float
    cpu: float
    latencies: list[float]
    last: Answer

    def percentile(self, share: float) -> float:
        """Seconds within which this share of the requests was answered."""
        return sorted(self.latencies)[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


def post(path: str, body: bytes) -> bytes:
    """A POST of JSON, as a client with a connection that is kept open sends it."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + END + body


@dataclass
class Connection:
    """One connection with at most one request on its way."""

    socket: socket.socket
    sent: int = -1
    sent_at: float = 0.0
    _got: bytes = field(default=b"", repr=False)

    @classmethod
    def open(cls, port: int) -> "Connection":
        opened = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(opened)

    def send(self, number: int, request: bytes) -> None:
        self.sent, self.sent_at = number, time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> Answer | None:
        """The answer when all of it has come; None before. Raises BadAnswer."""
        more = self.socket.recv(65_536)
        self._got += more
        if not more:
            raise BadAnswer(f"connection closed after {self._got[:200]!r}")
        head = self._got.find(END)
        if head < 0 or len(self._got) < head + 4 + _length(self._got[:head]):
            return None
        answer, self._got = self._got, b""
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise BadAnswer(answer[:500].decode(errors="replace"))
        return Answer(self.sent, answer[head + 4 :])

    def awaited(self) -> Answer:
        """The answer, however long it takes up to PATIENCE."""
        while (answer := self.receive()) is None:
            continue
        return answer


def _length(head: bytes) -> int:
    start = head.lower().find(LENGTH) + len(LENGTH)
    if start < len(LENGTH):
        raise BadAnswer(f"an answer does not say how long it is: {head!r}")
    end = head.find(b"\r", start)
    return int(head[start:] if end < 0 else head[start:end])


def connected(server: Gunicorn, count: int, first: bytes) -> list[Connection]:
    """`count` connections on which one request was answered, the same number on each worker process.

    Which worker accepts a connection is chance, and a server whose second process idles shows half of what it can do.
    """
    share = count // len(server.workers())
    kept: dict[int, list[Connection]] = {worker: [] for worker in server.workers()}
    until = time.monotonic() + PATIENCE
    while any(len(each) < share for each in kept.values()):
        if time.monotonic() > until:
            raise BadAnswer(f"after {PATIENCE:.0f} s one worker has not accepted its share of connections")
        # Many at once: of connections that come one after the other, the same idle worker accepts each.
        burst = [Connection.open(server.port) for _one in range(2 * count)]
        for opened in burst:
            opened.send(0, first)
        for opened in burst:
            opened.awaited()
            owned = kept[server.worker_of(opened.socket)]
            if len(owned) < share:
                owned.append(opened)
            else:
                opened.socket.close()
        # One of them may still be loading its pages, and needs the core for that.
        time.sleep(AGAIN)
    return [connection for each in kept.values() for connection in each]


def drive(
    connections: Sequence[Connection],
    requests: Sequence[bytes],
    *,
    draw: Random,
    warm: float,
    seconds: float,
    meter: Callable[[], float],
) -> Outcome:
    """Keeps every connection busy with requests in random order for `warm + seconds`; only the latter are counted."""
    by_number = {connection.socket.fileno(): connection for connection in connections}
    poll = select.epoll()
    for connection in connections:
        poll.register(connection.socket, select.EPOLLIN)
        number = draw.randrange(len(requests))
        connection.send(number, requests[number])
    begin, cpu, last = time.perf_counter() + warm, 0.0, Answer(-1, b"")
    latencies: list[float] = []
    measuring = False
    while True:
        now = time.perf_counter()
        if not measuring and now >= begin:
            measuring, cpu, begin = True, meter(), time.perf_counter()
        if measuring and now >= begin + seconds:
            break
        ready = poll.poll(PATIENCE)
        if not ready:
            raise BadAnswer(f"no answer within {PATIENCE:.0f} s")
        for descriptor, _event in ready:
            connection = by_number[descriptor]
            answer = connection.receive()
            if answer is None:
                continue
            if measuring:
                latencies.append(time.perf_counter() - connection.sent_at)
                last = answer
            number = draw.randrange(len(requests))
            connection.send(number, requests[number])
    took, cpu = time.perf_counter() - begin, meter() - cpu
    _finish(connections)
    return Outcome(len(latencies), took, cpu, latencies, last)


def _finish(connections: Sequence[Connection]) -> None:
    """Waits for the answers that are on their way, so that the next leg does not share the server with them."""
    for connection in connections:
        connection.awaited()
        connection.socket.close()
