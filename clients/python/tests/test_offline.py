"""When nobody answers: the connectivity grace, the clock, and a state file that cannot be made to lie."""

import json
from datetime import timedelta

import pytest

from seatledger_client import Client, Clock, Question
from tests.vendor import KEY, NOON, Server, Vendor

HOUR = timedelta(hours=1)


class House:
    """A client with a file, and a server that can be taken away."""

    def __init__(self, folder, **given):
        self.server, self.now, self.path = Server(Vendor()), NOON, folder / "state.json"
        self.given = given

    def ask(self, key=KEY, question=None):
        started_anew = Client(
            "https://licences.example.com",
            issuer="lumen-cad",
            product="lumen-cad",
            keys=self.server.vendor.keys,
            state=self.path,
            transport=self.server,
            clock=Clock(lambda: self.now),
            **self.given,
        )
        return started_anew.validate(key, question or Question())

    def later(self, by):
        self.now = self.now + by
        self.server.down = True
        return self


@pytest.mark.parametrize(
    ("away", "valid", "code"),
    [
        (HOUR, True, "VALID"),
        (72 * HOUR, True, "VALID"),
        (72 * HOUR + timedelta(microseconds=1), False, "OVERDUE"),
    ],
)
def test_the_last_answer_lasts_as_long_as_the_grace(tmp_path, away, valid, code):
    """Up to and at 72 hours the last valid answer counts, a microsecond later the licence is overdue."""
    house = House(tmp_path)
    house.ask()
    decision = house.later(away).ask()
    assert (decision.valid, decision.code, decision.offline) == (valid, code, True)


def test_failing_open_never_is_overdue(tmp_path):
    """Where the vendor prefers running software to certainty, the last answer stays."""
    house = House(tmp_path, fail_open=True)
    house.ask()
    assert house.later(1000 * HOUR).ask().valid


def test_without_an_answer_there_is_no_grace(tmp_path):
    """A first start without a connection is overdue, also when failing open would be allowed later."""
    house = House(tmp_path)
    house.server.down = True
    assert house.ask().code == "OVERDUE"


def test_an_answer_is_for_one_key_and_one_question(tmp_path):
    """Offline, the answer to another key, or to the same key on another machine, does not count."""
    house = House(tmp_path)
    house.ask(question=Question(fingerprints=["a"]))
    house.later(HOUR)
    assert house.ask(question=Question(fingerprints=["a"])).valid
    assert house.ask(question=Question(fingerprints=["b"])).code == "OVERDUE"
    assert house.ask("7X1W6-4DA8G-KP0FC-Z8MRW-B29QN-M6", Question(fingerprints=["a"])).code == "OVERDUE"


def test_a_copied_answer_does_not_count_elsewhere(tmp_path):
    """Whoever moves a valid answer under the name of another question is found out: its nonce was another."""
    house = House(tmp_path)
    house.ask(question=Question(fingerprints=["a"]))
    house.server.answer = {"valid": False, "code": "FINGERPRINT_MISMATCH"}
    house.ask(question=Question(fingerprints=["b"]))
    state = json.loads(house.path.read_text())
    [kept] = state["answers"].values()
    house.server.answer = {"valid": True, "code": "VALID"}
    house.ask(question=Question(fingerprints=["c"]))
    names = set(json.loads(house.path.read_text())["answers"])
    state["answers"] = dict.fromkeys(names, kept)
    house.path.write_text(json.dumps(state))
    house.later(HOUR)
    assert house.ask(question=Question(fingerprints=["c"])).code == "OVERDUE"


def test_an_invalid_answer_ends_what_was_valid(tmp_path):
    """After the server said no, going offline brings nothing back."""
    house = House(tmp_path)
    house.ask()
    house.server.answer = {"valid": False, "code": "REVOKED"}
    house.ask()
    assert house.later(HOUR).ask().code == "OVERDUE"


def test_a_clock_that_goes_back_is_noticed(tmp_path):
    """More than five minutes behind a moment that has been is tampering; five minutes are not."""
    house = House(tmp_path)
    house.ask()
    house.later(10 * HOUR).ask()
    house.now -= timedelta(minutes=5)
    assert house.ask().valid
    house.now -= timedelta(microseconds=1)
    decision = house.ask()
    assert (decision.valid, decision.code) == (False, "CLOCK_TAMPERED")


def test_a_term_that_ends_offline_ends(tmp_path):
    """The answer warned of the end: from that moment on the grace of the connection does not help."""
    house = House(tmp_path)
    house.server.answer["warnings"] = [{"code": "EXPIRES_SOON", "until": "2026-06-15T14:00:00.000000Z"}]
    house.ask()
    assert house.later(2 * HOUR - timedelta(microseconds=1)).ask().valid
    house.now = NOON + 2 * HOUR
    assert house.ask().code == "EXPIRED"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 1}', '{"format": 1, "latest": 5, "answers": {}, "sequences": {}}']
)
def test_a_damaged_file_counts_as_none(tmp_path, text):
    """No crash at the start of somebody's program: the client has simply forgotten."""
    house = House(tmp_path)
    house.path.write_text(text)
    assert house.ask().valid


def test_the_file_holds_no_key(tmp_path):
    """Neither the licence key nor the fingerprint stands in what is kept, and only its owner reads it."""
    house = House(tmp_path)
    house.ask(question=Question(fingerprints=["0123456789abcdef"]))
    assert KEY not in house.path.read_text()
    assert "0123456789abcdef" not in house.path.read_text()
    assert house.path.stat().st_mode & 0o077 == 0
