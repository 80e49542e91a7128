"""Countries of addresses: read from a file of the operator, before what a client states of itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client, override_settings

from kernel.errors import Misconfigured
from licensing import countries
from licensing.countries import country_of
from licensing.models import Activation
from tests.licensing.maxmind import write_countries
from tests.licensing.vendors import ask, ask_for, vendor

COUNTRIES = {
    "192.0.2.0/24": {"country": {"iso_code": "NO"}},
    "198.51.100.0/25": {"registered_country": {"iso_code": "se"}},
    "203.0.113.0/24": {"continent": {"code": "EU"}},
}


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = write_countries(tmp_path / "countries.mmdb", COUNTRIES)
    countries._version.cache_clear()
    with override_settings(COUNTRY_DATABASE=str(path)):
        yield path
    countries._version.cache_clear()


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("192.0.2.7", "NO"),
        ("198.51.100.127", "SE"),
        ("198.51.100.128", ""),
        ("203.0.113.1", ""),
        ("2001:db8::1", ""),
        ("no address", ""),
        ("", ""),
    ],
)
def test_the_country_of_an_address(file: Path, address: str, country: str) -> None:
    """In capitals; of the network's registration where no country is told; unknown otherwise."""
    assert country_of(address) == country


def test_without_a_file_every_country_is_unknown() -> None:
    """Nothing is looked up, and nothing fails."""
    with override_settings(COUNTRY_DATABASE=""):
        assert country_of("192.0.2.7") == ""


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Missing, or something else: the sentence names the setting."""
    wrong = tmp_path / "text.mmdb"
    wrong.write_text("no database")
    for path in (tmp_path / "missing.mmdb", wrong):
        countries._version.cache_clear()
        with (
            override_settings(COUNTRY_DATABASE=str(path)),
            pytest.raises(Misconfigured, match="SEATLEDGER_COUNTRY_DATABASE"),
        ):
            country_of("192.0.2.7")


def test_an_exchanged_file_is_read_anew(file: Path) -> None:
    """With the next look, once a minute, without a restart."""
    assert country_of("192.0.2.7") == "NO"
    write_countries(file.with_suffix(".new"), {"192.0.2.0/24": {"country": {"iso_code": "DK"}}}).rename(file)
    countries._version.cache_clear()
    assert country_of("192.0.2.7") == "DK"


@pytest.mark.django_db
def test_the_address_decides_before_the_client_does(file: Path) -> None:
    """An activation and a validation from Norway stay Norwegian, whatever is stated; unknown addresses are believed."""
    lumen = vendor("lumen")
    license = lumen.license(lumen.license_type("node_locked"), territories=["NO"])
    key = lumen.key(license)
    norway, unknown = (Client(HTTP_HOST="127.0.0.1", REMOTE_ADDR=one) for one in ("192.0.2.7", "203.0.113.1"))
    assert ask_for("activate", key, "a", browser=norway, scope={"country": "DE"}).json()["valid"]
    assert ask_for("activate", key, "b", browser=unknown, scope={"country": "DE"}).json()["code"] == "COUNTRY_DENIED"
    assert ask_for("activate", key, "b", browser=unknown, scope={"country": "NO"}).json()["valid"]
    assert "COUNTRY_DENIED" not in ask(key, browser=norway, scope={"country": "DE"}).json()["findings"]
    assert "COUNTRY_DENIED" in ask(key, browser=unknown, scope={"country": "DE"}).json()["findings"]
    with lumen.house.reading():
        assert set(Activation.objects.values_list("country", flat=True)) == {"NO"}
