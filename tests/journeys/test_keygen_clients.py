"""Two clients of other people, unmodified, against gunicorn on PostgreSQL: the PyPI packages keygen-sdk and keygen-py.

They were written for the Keygen API. Whatever they verify (signed answers, files) they verify with code of their own.
"""

import asyncio
import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from licensing.models import Activation, Certificate, License
from licensing.operations import Conditions, suspend_license
from licensing.queries.signing_keys import active_signing_key
from tests.licensing.vendors import Vendor, vendor
from tests.plugins.servers import GunicornProcess

pytestmark = pytest.mark.postgres
MACHINE = "4d:5a/81 x-1"


@dataclass(frozen=True)
class Shop:
    """A vendor at a live server, and the key that its clients carry."""

    vendor: Vendor
    url: str
    public_key: str

    def license(self, code: str, *, machines: int = 1) -> tuple[License, str]:
        conditions = Conditions(limits={"activations": machines})
        kind = self.vendor.license_type(code=code, conditions=conditions)
        license = self.vendor.license(kind)
        return license, self.vendor.key(license)


@pytest.fixture(scope="module")
def shop(gunicorn: list[GunicornProcess]) -> Shop:
    lumen = vendor("lumen")
    with lumen.house.reading():
        key = active_signing_key()
    assert key is not None
    return Shop(lumen, f"{gunicorn[0].url}/compat/keygen/lumen", bytes(key.public).hex())


def client_of(name: str) -> Any:
    """The package; it may only be missed outside CI."""
    if os.environ.get("SEATLEDGER_CI") == "1":
        return importlib.import_module(name)
    return pytest.importorskip(name, reason=f"{name} is not installed: no foreign client judges the compatible router")


@contextmanager
def keygen(shop: Shop, key: str) -> Iterator[Any]:
    """keygen-sdk, set up as an application would."""
    sdk = client_of("keygen")
    before = (sdk.settings.api_url, sdk.settings.license_key, sdk.settings.public_key)
    sdk.settings.api_url, sdk.settings.license_key, sdk.settings.public_key = shop.url, key, shop.public_key
    yield sdk
    sdk.settings.api_url, sdk.settings.license_key, sdk.settings.public_key = before


def test_keygen_sdk_activates_validates_pings_and_deactivates(shop: Shop) -> None:
    """The journey of an application: not activated, activated, valid, alive, listed, gone; every answer verified."""
    license, key = shop.license("sdk-machines")
    with keygen(shop, key) as sdk:
        with pytest.raises(sdk.LicenseNotActivatedError) as refused:
            sdk.validate(MACHINE)
        found = refused.value.license
        assert (found.id, found.key) == (str(license.id), key)
        machine = found.activate(MACHINE)
        assert (machine.fingerprint, machine.license_id) == (MACHINE, str(license.id))
        assert sdk.validate(MACHINE).last_validation.valid is True
        with pytest.raises(sdk.MachineAlreadyActivatedError):
            found.activate(MACHINE)
        with pytest.raises(sdk.MachineLimitExceededError):
            found.activate("another")
        machine.ping()
        assert machine.heartbeat_status == "ALIVE"
        assert found.machine(MACHINE).id == machine.id
        assert len(found.machines()) == 1
        machine.deactivate()
        assert found.machines() == []
        with pytest.raises(sdk.NotFoundError):
            machine.ping()
    with shop.vendor.house.reading():
        assert Activation.objects.get(license=license).end_reason == "deactivated"


def test_keygen_sdk_checks_files_out_and_opens_them(shop: Shop) -> None:
    """Licence and machine files, in the open and encrypted: genuine, with the data of the licence, on our ledger."""
    license, key = shop.license("sdk-files")
    with keygen(shop, key) as sdk:
        found = sdk.me()
        machine = found.activate(MACHINE)
        for encrypt in (True, False):
            file = found.checkout(ttl=timedelta(hours=2), encrypt=encrypt)
            file.verify()
            opened = file.decrypt(key) if encrypt else file.decode()
            assert (opened.license.id, opened.ttl) == (str(license.id), 7200)
            file = machine.checkout(ttl=timedelta(hours=2), encrypt=encrypt)
            file.verify()
            opened = file.decrypt(key + MACHINE) if encrypt else file.decode()
            assert (opened.machine.fingerprint, opened.license.id) == (MACHINE, str(license.id))
        with pytest.raises(sdk.MachineFileNotGenuineError):
            machine.checkout().verify(bytes(32).hex())
        with pytest.raises(sdk.MachineFileError):
            machine.checkout().decrypt("wrong")
    with shop.vendor.house.reading():
        kinds = list(Certificate.objects.filter(license=license).values_list("kind", flat=True))
    assert (kinds.count("license"), kinds.count("activation")) == (2, 4)


def test_keygen_sdk_hears_no(shop: Shop) -> None:
    """A suspended licence, a key of nobody, and answers signed by somebody else, each as the error of its own."""
    license, key = shop.license("sdk-refused")
    with keygen(shop, key) as sdk:
        sdk.settings.public_key = bytes([1, *bytes(31)]).hex()
        with pytest.raises(sdk.SignatureVerificationError):
            sdk.me()
        sdk.settings.public_key = shop.public_key
        with shop.vendor.house.writing() as trail:
            suspend_license(license_id=license.id, reason="unpaid", trail=trail)
        with pytest.raises(sdk.LicenseSuspendedError):
            sdk.validate()
        sdk.settings.license_key = "nobody"
        with pytest.raises(sdk.LicenseKeyError):
            sdk.me()


def test_keygen_py_validates_activates_and_opens_a_machine_file(shop: Shop) -> None:
    """The client that is written in Rust: the same journey, answers and files verified by another implementation."""
    client_of("keygen_sh")
    license, key = shop.license("rust", machines=2)
    with keygen(shop, key) as sdk:
        sdk.me().activate(MACHINE)
    asyncio.run(_rust(shop, str(license.id), key))


async def _rust(shop: Shop, license_id: str, key: str) -> None:
    rust, settings = client_of("keygen_sh"), client_of("keygen_sh.config")
    settings.set_config(
        settings.KeygenConfig(
            api_url=shop.url,
            api_version="1.7",
            api_prefix="v1",
            account="lumen",
            product=str(shop.vendor.product.id),
            license_key=key,
            public_key=shop.public_key,
        )
    )
    found = await rust.validate([MACHINE], [])
    assert (found.id, found.key) == (license_id, key)
    assert len(await found.machines()) == 1
    machine = await found.activate_machine(license_id, "m-2")
    assert (machine.fingerprint, (await machine.ping()).heartbeat_status) == ("m-2", "ALIVE")
    file = await machine.checkout(7200, ["license"])
    file.verify()
    assert file.decrypt(key + "m-2").machine.fingerprint == "m-2"
    await machine.deactivate()
    assert len(await found.machines()) == 1
