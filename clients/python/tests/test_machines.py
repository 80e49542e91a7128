"""Places of machines: taken, kept by heartbeats, given back; and what the vendor says about lost connections."""

from datetime import timedelta

import pytest

from seatledger_client import Client, Clock, Machine, Question, TokenRefused, Unreachable
from tests.vendor import KEY, NOON, Server, Vendor

HERE = Machine(fingerprint="a" * 64, components={"cpu": "x"}, virtual_machine=False, platform="Linux", label="CAD-07")
ACTIVE = {
    "valid": True,
    "code": "VALID",
    "refusal": None,
    "activation": {"state": "active", "silent_at": "2026-06-15T12:10:00.000000Z"},
    "machine_rules": {
        "heartbeat": "from_creation",
        "heartbeat_seconds": 600,
        "connectivity_grace_hours": 2,
        "connectivity_fail_open": False,
    },
}


class House:
    """A client that is started anew for each call."""

    def __init__(self, folder):
        self.server, self.now, self.folder = Server(Vendor(), answer=dict(ACTIVE)), NOON, folder

    @property
    def client(self):
        return Client(
            "https://licences.example.com",
            issuer="lumen-cad",
            product="lumen-cad",
            keys=self.server.vendor.keys,
            state=self.folder / "state.json",
            transport=self.server,
            clock=Clock(lambda: self.now),
        )


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def test_a_machine_takes_a_place(house):
    """The answer says that it has one and until when it has to be heard of; the question described the machine."""
    found = house.client.activate(KEY, HERE)
    assert (found.active, found.refusal, found.decision.valid) == (True, None, True)
    assert found.silent_at == NOON + timedelta(minutes=10)
    assert found.rules.heartbeat == timedelta(minutes=10)
    [asked] = house.server.asked
    assert asked["scope"] == {"product": "lumen-cad", "fingerprint": "a" * 64, "components": {"cpu": "x"}, "vm": False}
    assert asked["machine"] == {"platform": "Linux", "label": "CAD-07"}


def test_no_place_is_no_error(house):
    """A refusal is an answer, with its reason."""
    house.server.answer |= {"valid": False, "code": "TOO_MANY_ACTIVATIONS", "refusal": "NO_PLACE", "activation": None}
    found = house.client.activate(KEY, HERE)
    assert (found.active, found.refusal, found.decision.code) == (False, "NO_PLACE", "TOO_MANY_ACTIVATIONS")


@pytest.mark.parametrize("step", ["activate", "ping", "deactivate"])
def test_places_need_the_server(house, step):
    """Without an answer there is none: nothing is taken or given back by guessing."""
    house.server.down = True
    with pytest.raises(Unreachable):
        getattr(house.client, step)(KEY, HERE)


def test_an_answer_to_another_step_is_refused(house):
    """A recorded ping does not stand in for an activation."""
    house.server.answer["asked"] = "ping"
    with pytest.raises(TokenRefused, match="another question"):
        house.client.activate(KEY, HERE)


def test_the_vendors_grace_goes_before_the_applications(house):
    """Two hours as the licence says, not the 72 of the application; a vendor that fails open is believed as well."""
    house.client.activate(KEY, HERE)
    house.client.validate(KEY, Question(fingerprints=["a" * 64]))
    house.server.down, house.now = True, NOON + timedelta(hours=2)
    assert house.client.validate(KEY, Question(fingerprints=["a" * 64])).valid
    house.now += timedelta(microseconds=1)
    assert house.client.validate(KEY, Question(fingerprints=["a" * 64])).code == "OVERDUE"
    house.server.down = False
    house.server.answer["machine_rules"] = {**ACTIVE["machine_rules"], "connectivity_fail_open": True}
    house.client.ping(KEY, HERE)
    house.server.down = True
    assert house.client.validate(KEY, Question(fingerprints=["a" * 64])).valid


def test_what_the_vendor_leaves_open_the_application_decides(house):
    """No hours in the answer: the application's own count."""
    house.server.answer["machine_rules"] = {**ACTIVE["machine_rules"], "connectivity_grace_hours": None}
    house.client.activate(KEY, HERE)
    house.client.validate(KEY)
    house.server.down, house.now = True, NOON + timedelta(hours=72)
    assert house.client.validate(KEY).valid
