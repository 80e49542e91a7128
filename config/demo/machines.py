"""Machines of the demo ask as shipped software does: with the key of their licence and their own name."""

from collections.abc import Callable

from kernel.trail import Trail
from licensing.keyring import peppers
from licensing.models import License
from licensing.operations import ActivationAnswer
from licensing.rules.digests import lookup_digests
from licensing.rules.facts import ValidationScope
from licensing.rules.key_format import normalise
from licensing.rules.statements import StatedMachine, machine_digests


def ask_from(
    machine: str, step: Callable[..., ActivationAnswer], *, license: License, key: str, country: str, trail: Trail
) -> None:
    """Takes one step of an activation; a name that begins with VM is that of a virtual machine."""
    stated = StatedMachine(
        spellings=machine_digests(fingerprint=machine, components={"board": f"{machine} board"}, peppers=peppers()),
        country=country,
        platform="Windows 11",
        label=machine,
        virtual_machine=machine.startswith("VM"),
    )
    digests = [one.digest for one in lookup_digests(key=normalise(key), peppers=peppers())]
    step(license_id=license.id, digests=digests, scope=ValidationScope(), machine=stated, trail=trail)
