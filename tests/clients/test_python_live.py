"""The Python client against a running server: what it asks is understood, and what it is told verifies."""

import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from kernel.clock import SystemClock
from licensing.operations import Conditions, issue_certificate
from licensing.rules.facts import FeatureGrant
from seatledger_client import Client, Holder, KeySet, Machine, NoSeat, Question, Rejected, TokenRefused
from seatledger_client.tokens import Kind
from tests.factories.tenants import tenant
from tests.licensing.vendors import Vendor, vendor
from tests.plugins.servers import GunicornProcess, free_port
from tests.seats.leasing import floating_of

pytestmark = pytest.mark.postgres
JWKS = "/.well-known/licensing-jwks.json"


@pytest.fixture(scope="module")
def lumen(gunicorn: list[GunicornProcess]) -> Vendor:
    tenant("platform", slug="platform")
    return vendor("lumen")


def client(lumen: Vendor, server: GunicornProcess, folder: Path) -> Client:
    """As an application would be shipped: with the keys that the server publishes."""
    published = httpx.get(f"{server.url}{JWKS}", params={"organization": lumen.slug}).json()
    return Client(
        server.url, issuer=lumen.slug, product="lumen-cad", keys=KeySet.of(published), state=folder / "state.json"
    )


def test_a_licence_is_asked_about(gunicorn: list[GunicornProcess], lumen: Vendor, tmp_path: Path) -> None:
    """Online valid with its feature; without a server still valid, by the answer that was kept."""
    kind = lumen.license_type("perpetual", conditions=Conditions(features=(FeatureGrant("render"),)))
    key = lumen.key(lumen.license(kind))
    asked = Question(features=["render"], version="2.4.0", country="NO", virtual_machine=False)
    decision = client(lumen, gunicorn[0], tmp_path).validate(key, asked)
    assert (decision.valid, decision.code, decision.offline) == (True, "VALID", False)
    missing = client(lumen, gunicorn[1], tmp_path).validate(key, Question(features=["bim"]))
    assert (missing.valid, missing.findings) == (False, ("FEATURE_MISSING",))
    away = f"http://127.0.0.1:{free_port()}"
    keys = KeySet.of(httpx.get(f"{gunicorn[0].url}{JWKS}", params={"organization": lumen.slug}).json())
    lonely = Client(away, issuer=lumen.slug, product="lumen-cad", keys=keys, state=tmp_path / "state.json", timeout=1)
    kept = lonely.validate(key, asked)
    assert (kept.valid, kept.offline) == (True, True)
    assert lonely.validate(key).code == "OVERDUE"


def test_a_machine_takes_a_place_and_gives_it_back(
    gunicorn: list[GunicornProcess], lumen: Vendor, tmp_path: Path
) -> None:
    """Activated, the licence is valid on this machine; another one finds no place until it is given back."""
    _license, key = lumen.on_machines(1, heartbeat="from_creation", connectivity_grace_hours=5)
    here, there = Machine(fingerprint="a" * 64, label="CAD-07"), Machine(fingerprint="b" * 64)
    one = client(lumen, gunicorn[0], tmp_path)
    assert one.validate(key, Question(fingerprints=["a" * 64])).code == "NOT_ACTIVATED"
    place = one.activate(key, here)
    assert (place.active, place.refusal, place.silent_at is not None) == (True, None, True)
    assert one.validate(key, Question(fingerprints=["a" * 64])).valid
    assert one.ping(key, here).active
    assert (one.activate(key, there).active, one.activate(key, there).refusal) == (False, "LIMIT_REACHED")
    assert not one.deactivate(key, here).active
    assert one.activate(key, there).active


def test_a_certificate_is_read_without_the_server(
    gunicorn: list[GunicornProcess], lumen: Vendor, tmp_path: Path
) -> None:
    """The file that the vendor sends verifies with the published keys, and an older one does not come back."""
    license = lumen.license(lumen.license_type("subscription", code="cad-file"))
    with lumen.house.writing() as trail:
        first = issue_certificate(license_id=license.id, trail=trail)
    with lumen.house.writing() as trail:
        second = issue_certificate(license_id=license.id, trail=trail)
    one = client(lumen, gunicorn[0], tmp_path)
    assert one.certificate(first.file).license_id == str(license.id)
    assert one.certificate(second.file).sequence == 2
    with pytest.raises(TokenRefused, match="newer"):
        one.certificate(first.file)


def test_a_floating_seat_is_held_for_as_long_as_the_work_lasts(
    gunicorn: list[GunicornProcess], lumen: Vendor, tmp_path: Path
) -> None:
    """Kept by heartbeats beyond the lease's own length, proved to a validation, refused to the next one who will not
    wait, and given back at the end of the block; a seat that was lost is noticed."""
    one = floating_of(lumen, seats=1, lease_seconds=3, grace_beats=0, offer_seconds=2)
    here = client(lumen, gunicorn[0], tmp_path)
    with here.seat(one.key, Holder(user="anna")) as seat:
        assert here.validate(one.key, Question(lease=seat.lease.token)).valid
        time.sleep(4)
        assert not seat.lost.is_set()
        with (
            pytest.raises(NoSeat, match="STILL_WAITING"),
            client(lumen, gunicorn[1], tmp_path / "b").seat(one.key, Holder(user="ben")),
        ):
            raise AssertionError("there was no seat")
    with here.seat(one.key, Holder(user="ben"), wait=timedelta(seconds=10)) as seat:
        one.late(seat.lease.id, expires_at=SystemClock().now())
        assert seat.lost.wait(timeout=10)


def test_a_seat_goes_along_and_comes_back(gunicorn: list[GunicornProcess], lumen: Vendor, tmp_path: Path) -> None:
    """Borrowed for a day: its certificate reads without the server and proves the seat, until it is given back."""
    one = floating_of(lumen, seats=5, borrow_days=1)
    here = client(lumen, gunicorn[0], tmp_path)
    lease = here.check_out(one.key, Holder(user="anna"))
    lent = here.borrow(one.key, lease.id)
    assert lent is not None
    assert lent.certificate is not None
    assert here.certificate(lent.certificate, kind=Kind.LEASE).license_id == str(one.license.id)
    assert here.validate(one.key, Question(lease=lent.certificate)).valid
    here.give_back(lent.certificate)
    assert here.validate(one.key, Question(lease=lent.certificate)).code == "CHECKOUT_REQUIRED"
    with pytest.raises(Rejected, match="CERTIFICATE_NOT_OUT"):
        here.give_back(lent.certificate)
