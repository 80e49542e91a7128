"""Questions that the server answers: what is believed, and what is not."""

import pytest

from seatledger_client import Client, Clock, Question, TokenRefused, Unreachable
from seatledger_client.transport import HttpTransport
from tests.vendor import KEY, NOON, Server, Vendor


def client(server: Server, vendor: Vendor | None = None, **given):
    return Client(
        "https://licences.example.com",
        issuer="lumen-cad",
        product="lumen-cad",
        keys=(vendor or server.vendor).keys,
        transport=server,
        clock=Clock(lambda: server.at),
        **given,
    )


def test_a_valid_answer_is_read_whole():
    """Code, moment, licence and warnings come out of the signed text."""
    server = Server(Vendor())
    server.answer["warnings"] = [{"code": "EXPIRES_SOON", "until": "2026-07-01T00:00:00.000000Z"}]
    decision = client(server).validate(KEY, Question(features=["render-3d"], version="2.4.0"))
    assert (decision.valid, decision.code, decision.at, decision.offline) == (True, "VALID", NOON, False)
    assert [(one.code, one.until.month) for one in decision.warnings] == [("EXPIRES_SOON", 7)]
    assert decision.license_id == "licence-1"


def test_the_question_says_what_was_asked_and_the_clock():
    """Product, features and version travel with the client's time; the next question carries the server's last one."""
    server = Server(Vendor())
    one = client(server)
    one.validate(KEY, Question(features=["b", "a"], version="2.4.0", virtual_machine=False))
    one.validate(KEY)
    first, second = (body["scope"] for body in server.asked)
    assert first == {
        "product": "lumen-cad",
        "features": ["a", "b"],
        "version": "2.4.0",
        "vm": False,
        "client_at": "2026-06-15T12:00:00.000Z",
    }
    assert second["last_server_at"] == "2026-06-15T12:00:00.000Z"


def test_an_invalid_answer_is_no_error():
    """A refusal is an answer: all its findings are there."""
    server = Server(Vendor(), answer={"valid": False, "code": "EXPIRED", "findings": ["EXPIRED", "VM_DENIED"]})
    decision = client(server).validate(KEY)
    assert (decision.valid, decision.code, decision.findings) == (False, "EXPIRED", ("EXPIRED", "VM_DENIED"))


def test_nobody_else_calls_a_licence_valid():
    """An answer signed by a key that the application does not ship is refused, and so is a known signer's that is not
    the vendor; that signer may say that nobody issued the key."""
    platform = Vendor(b"p" * 32, "platform")
    server = Server(platform)
    with pytest.raises(TokenRefused, match="does not know"):
        client(server, Vendor()).validate(KEY)
    with pytest.raises(TokenRefused, match="Somebody else"):
        client(server).validate(KEY)
    server.answer = {"valid": False, "code": "NOT_FOUND", "sub": None}
    assert client(server).validate(KEY).code == "NOT_FOUND"


def test_an_old_answer_is_no_answer():
    """A recorded answer carries another nonce and is refused."""
    server = Server(Vendor(), forged_nonce="recorded")
    with pytest.raises(TokenRefused, match="nonce"):
        client(server).validate(KEY)


def test_each_question_has_a_new_nonce():
    """The same question twice is asked with two nonces, and neither tells the key."""
    server = Server(Vendor())
    one = client(server)
    one.validate(KEY)
    one.validate(KEY)
    nonces = [body["nonce"] for body in server.asked]
    assert len(set(nonces)) == 2
    assert not any(KEY in nonce for nonce in nonces)


@pytest.mark.parametrize("address", ["http://licences.example.com", "ftp://licences.example.com", "licences"])
def test_keys_travel_encrypted(address):
    """An address without TLS is refused before anything is sent; the own machine is the exception."""
    with pytest.raises(ValueError, match="https only"):
        HttpTransport(address, timeout=1)
    HttpTransport("http://127.0.0.1:8000", timeout=1)


def test_a_server_that_is_not_there_is_unreachable():
    """Nobody listening at the address is the trouble of the network, not of the key."""
    with pytest.raises(Unreachable):
        HttpTransport("http://127.0.0.1:9", timeout=1).post("/api/v1/validate", {})
