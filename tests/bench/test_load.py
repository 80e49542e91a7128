"""The load generator, against a server thread of this file whose answers are known."""

import socket
import threading
from collections.abc import Iterator
from random import Random

import pytest

from bench.load import BadAnswer, Connection, drive, post

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"
BODY = b'{"valid": 1}'


@pytest.fixture
def server() -> Iterator[tuple[socket.socket, dict[str, list[bytes]]]]:
    """Answers each request with the pieces of `answer`, one send each."""
    listening = socket.create_server(("127.0.0.1", 0))
    told = {"answer": [OK, BODY]}

    def serve(client: socket.socket) -> None:
        with client:
            while client.recv(65_536):
                for piece in told["answer"]:
                    client.sendall(piece)
                if not told["answer"]:
                    return

    def accept() -> None:
        while True:
            try:
                client, _address = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield listening, told
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(timeout=5)


def ask(listening: socket.socket) -> bytes:
    connection = Connection.open(listening.getsockname()[1])
    try:
        connection.send(7, post("/", b"{}"))
        return connection.awaited().body
    finally:
        connection.socket.close()


def test_an_answer_may_come_in_pieces(server) -> None:
    """Wherever the network cuts an answer, it is read to the end and no further."""
    listening, told = server
    whole = OK + BODY
    for cut in (5, len(OK) - 2, len(OK), len(whole) - 1):
        told["answer"] = [whole[:cut], whole[cut:]]
        assert ask(listening) == BODY


@pytest.mark.parametrize(
    "answer",
    [
        [b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
        [],
    ],
    ids=["refused", "of no stated length", "closed"],
)
def test_nothing_but_a_whole_200_counts(server, answer: list[bytes]) -> None:
    """A server that fails fast does not look fast: the first answer that is none ends the measurement."""
    listening, told = server
    told["answer"] = answer
    with pytest.raises(BadAnswer):
        ask(listening)


def test_all_connections_are_kept_busy_and_counted(server) -> None:
    """What is counted was answered within the measured time, with a latency each; the meter is read at both ends."""
    listening, _told = server
    connections = [Connection.open(listening.getsockname()[1]) for _ in range(3)]
    draw = Random(1)  # noqa: S311  # an order of requests, no secret
    readings = iter((2.0, 3.5))
    requests = [post("/", str(number).encode()) for number in range(20)]
    found = drive(connections, requests, draw=draw, warm=0.01, seconds=0.05, meter=lambda: next(readings))
    assert found.count == len(found.latencies) > 0
    assert found.cpu == pytest.approx(1.5)
    assert found.seconds >= 0.05
    assert found.last.body == BODY
    assert 0 < found.percentile(0.5) <= found.percentile(0.99)
