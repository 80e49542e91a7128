"""Several machines at once on real commits: offline seats are never exceeded, online and offline machines share them,
and one key signs at a time."""

from functools import partial
from itertools import count

import pytest

from kernel.trail import Trail, run_in_trail
from licensing.keyring import peppers
from licensing.models import Activation, Certificate, License, LicenseKey, SigningKey
from licensing.operations import CheckOut, Conditions, activate, check_out, rotate_signing_key
from licensing.rules.facts import ValidationScope
from licensing.rules.statements import StatedMachine, machine_digests
from tests.licensing.test_issuing_together import CLIENTS, at_once
from tests.licensing.vendors import Vendor, vendor
from tests.plugins.databases import CommittedDatabase

SEATS = 3


@pytest.fixture(scope="module")
def lumen(committed_db: CommittedDatabase) -> Vendor:
    return vendor("lumen")


def out(lumen: Vendor, license: License, machine: str) -> str:
    def work(trail: Trail) -> str:
        return str(check_out(license_id=license.id, asked=CheckOut(fingerprint=machine), trail=trail).row.jti)

    return run_in_trail(work, actor=lumen.house.actor)


def on(lumen: Vendor, license: License, digest: bytes, machine: str) -> str:
    stated = StatedMachine(spellings=machine_digests(fingerprint=machine, components={}, peppers=peppers()))

    def work(trail: Trail) -> str:
        answer = activate(license_id=license.id, digests=[digest], scope=ValidationScope(), machine=stated, trail=trail)
        return "activated" if answer.refusal is None else answer.refusal.value

    return run_in_trail(work, actor=lumen.house.actor)


def _next_machine(lumen: Vendor, license: License, machines: "count[int]") -> str:
    return out(lumen, license, f"m-{next(machines)}")


def test_offline_seats_are_never_exceeded(lumen: Vendor) -> None:
    """Eight machines ask for three seats at once: three get one, five are refused, round after round."""
    kind = lumen.license_type("subscription")
    for _round in range(5):
        license, machines = lumen.license(kind, quantity=SEATS), count()
        got = at_once(partial(_next_machine, lumen, license, machines))
        assert got.count("OFFLINE_SEATS_EXHAUSTED") == CLIENTS - SEATS
        with lumen.house.reading():
            assert Certificate.objects.filter(license=license).values("holder").distinct().count() == SEATS


def test_machines_online_and_offline_never_take_more_than_all_places(lumen: Vendor) -> None:
    """Eight machines, every second one to be activated and the others to go offline, at once: three succeed."""
    kind = lumen.license_type("subscription", code="shared", conditions=Conditions(limits={"activations": SEATS}))
    for _round in range(5):
        license, machines = lumen.license(kind), count()
        lumen.key(license)
        with lumen.house.reading():
            digest = bytes(LicenseKey.objects.get(license=license).digest)

        def one(license: License = license, machines: "count[int]" = machines, digest: bytes = digest) -> str:
            number = next(machines)
            if number % 2:
                return on(lumen, license, digest, f"m-{number}")
            return out(lumen, license, f"m-{number}")

        at_once(one)
        with lumen.house.reading():
            taken = Activation.objects.live().filter(license=license).count()
            assert taken + Certificate.objects.filter(license=license).count() == SEATS


def test_one_key_signs_however_many_replace_it(lumen: Vendor) -> None:
    """Eight rotations at once: each draws a key, one is active afterwards, and all others are published still."""
    with lumen.house.reading():
        before = SigningKey.objects.count()
    got = at_once(partial(run_in_trail, lambda trail: rotate_signing_key(trail=trail).kid, actor=lumen.house.actor))
    with lumen.house.reading():
        states = list(SigningKey.objects.values_list("status", flat=True))
    done = [one for one in got if len(one) == 43]
    assert done
    assert (states.count("active"), states.count("retiring")) == (1, before + len(done) - 1)
