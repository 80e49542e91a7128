"""Activations over HTTP: two gunicorn processes on PostgreSQL, sixty clients at the same moment."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from licensing.models import Activation, License
from licensing.operations import MachineRules
from tests.licensing.vendors import Vendor, vendor
from tests.plugins.servers import GunicornProcess
from tests.seats.books import kinds

pytestmark = pytest.mark.postgres
CLIENTS, PLACES, ROUNDS = 60, 10, 3
FRESH_CONNECTIONS = httpx.Limits(max_keepalive_connections=0)
Answer = tuple[bool, str, str | None]


@pytest.fixture(scope="module")
def lumen(gunicorn: list[GunicornProcess]) -> Vendor:
    return vendor("lumen")


def at_once(servers: list[GunicornProcess], key: str, machine: Callable[[int], str]) -> list[dict[str, Any]]:
    """What each of sixty clients is answered, half of them by either process, all released together."""
    start = Barrier(CLIENTS)

    def client(number: int) -> dict[str, Any]:
        with httpx.Client(base_url=servers[number % 2].url, timeout=120, limits=FRESH_CONNECTIONS) as http:
            body = {"key": key, "nonce": f"n{number}", "scope": {"fingerprint": machine(number)}}
            start.wait(timeout=60)
            answer = http.post("/api/v1/activations/activate", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    with ThreadPoolExecutor(CLIENTS) as threads:
        return list(threads.map(client, range(CLIENTS)))


def outcomes(answers: list[dict[str, Any]]) -> Counter[Answer]:
    return Counter((body["valid"], body["code"], body["refusal"]) for body in answers)


def live(lumen: Vendor, license: License) -> int:
    with lumen.house.reading():
        return Activation.objects.live().filter(license=license).count()


def test_sixty_machines_on_ten_places(gunicorn: list[GunicornProcess], lumen: Vendor) -> None:
    """Each round exactly ten are activated and fifty hear that no place is left; the ledger has the ten."""
    kind = lumen.license_type("node_locked")
    for number in range(ROUNDS):
        license = lumen.license(kind, limits={"activations": PLACES})
        answers = at_once(gunicorn, lumen.key(license), lambda n: f"machine-{n}")
        assert outcomes(answers) == {
            (True, "VALID", None): PLACES,
            (False, "TOO_MANY_ACTIVATIONS", "LIMIT_REACHED"): CLIENTS - PLACES,
        }
        assert live(lumen, license) == PLACES
        assert len(kinds(lumen.house, "activation.created")) == PLACES * (number + 1)


def test_one_machine_sixty_times_is_one_activation(gunicorn: list[GunicornProcess], lumen: Vendor) -> None:
    """All are told of the same activation, and one place is taken."""
    license = lumen.license(lumen.license_type("node_locked", code="cad-one"), limits={"activations": PLACES})
    answers = at_once(gunicorn, lumen.key(license), lambda _n: "the same machine")
    assert outcomes(answers) == {(True, "VALID", None): CLIENTS}
    assert len({body["activation"]["id"] for body in answers}) == 1
    assert live(lumen, license) == 1


def test_a_limit_of_zero_admits_none(gunicorn: list[GunicornProcess], lumen: Vendor) -> None:
    """Sixty at once, and nobody slips in."""
    license = lumen.license(lumen.license_type("node_locked", code="cad-zero"), limits={"activations": 0})
    answers = at_once(gunicorn, lumen.key(license), lambda n: f"machine-{n}")
    assert outcomes(answers) == {(False, "TOO_MANY_ACTIVATIONS", "LIMIT_REACHED"): CLIENTS}
    assert live(lumen, license) == 0


@pytest.mark.parametrize(("kind", "by", "admitted"), [("absolute", 3, 13), ("percent", 29, 12)])
def test_an_overage_is_as_sharp_as_the_limit(
    gunicorn: list[GunicornProcess], lumen: Vendor, kind: str, by: int, admitted: int
) -> None:
    """Ten and three on top are thirteen; ten and 29 per cent are twelve."""
    license, key = lumen.on_machines(PLACES, overage=kind, overage_by=by, kind={"code": f"cad-{kind}"})
    answers = at_once(gunicorn, key, lambda n: f"machine-{n}")
    assert Counter(body["valid"] for body in answers) == {True: admitted, False: CLIENTS - admitted}
    assert live(lumen, license) == admitted


def test_one_machine_under_two_licences_of_a_product_is_one_activation(
    gunicorn: list[GunicornProcess], lumen: Vendor
) -> None:
    """No lock is shared between two licences: the unique index decides, and the loser is refused in words."""
    kind = lumen.license_type("node_locked", code="cad-product", machines=MachineRules(uniqueness_scope="product"))
    licenses = [lumen.license(kind) for _ in range(2)]
    keys = [lumen.key(one) for one in licenses]
    for turn in range(20):
        answers = Counter(_both(gunicorn, keys, f"shared-{turn}"))
        assert answers == {(True, "VALID", None): 1, (False, "FINGERPRINT_MISMATCH", "FINGERPRINT_IN_USE"): 1}


def _both(servers: list[GunicornProcess], keys: list[str], machine: str) -> list[Answer]:
    start = Barrier(2)

    def client(number: int) -> Answer:
        with httpx.Client(base_url=servers[number].url, timeout=60, limits=FRESH_CONNECTIONS) as http:
            body = {"key": keys[number], "nonce": "n", "scope": {"fingerprint": machine}}
            start.wait(timeout=60)
            told = http.post("/api/v1/activations/activate", json=body).json()
            return told["valid"], told["code"], told["refusal"]

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(client, range(2)))
