"""The Python client against a running server: what it asks is understood, and what it is told verifies."""

from pathlib import Path

import httpx
import pytest

from licensing.operations import Conditions, issue_certificate
from licensing.rules.facts import FeatureGrant
from seatledger_client import Client, KeySet, Machine, Question, TokenRefused
from tests.factories.tenants import tenant
from tests.licensing.vendors import Vendor, vendor
from tests.plugins.servers import GunicornProcess, free_port

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
