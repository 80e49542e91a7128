"""Signs of life of a machine. They are telemetry: only a return from silence has an entry in the ledger."""

from datetime import datetime

from kernel.trail import Trail
from licensing.models import Activation
from licensing.rules.heartbeats import is_silent, lost_at, silent_at
from licensing.rules.machines import MachineTerms
from licensing.rules.statements import StatedMachine

SEEN = [
    "last_seen_at", "first_ping_at", "last_ping_at", "lost_at", "fingerprint", "components", "pepper_version",
    "platform", "label", "country", "virtual_machine",
]  # fmt: skip


def seen(
    *, row: Activation, machine: StatedMachine, terms: MachineTerms, at: datetime, is_ping: bool, trail: Trail
) -> None:
    """Keeps that the client was heard of at `at` and what it says of its machine. A repeated activation counts as a
    heartbeat once one is demanded. Call it under the row's lock, for one that is not lost."""
    silent = is_silent(terms, row.as_fact, at)
    if is_ping or silent_at(terms, row.as_fact) is not None:
        row.first_ping_at, row.last_ping_at = row.first_ping_at or at, at
    row.last_seen_at = at
    row.lost_at = lost_at(terms, row.as_fact)
    row.platform, row.label = machine.platform or row.platform, machine.label or row.label
    row.country = machine.country or row.country
    if machine.virtual_machine is not None:
        row.virtual_machine = machine.virtual_machine
    _under_newest_pepper(row, machine)
    row.save(update_fields=SEEN)
    if silent:
        trail.record("activation.revived", subject=row, details={"license": str(row.license_id)})


def _under_newest_pepper(row: Activation, machine: StatedMachine) -> None:
    """A row of an older pepper gets the digests of the newest, so that the older one can be retired. A component that
    is another one today keeps what it has: it matches under neither. A client that does not state all components
    leaves the row as it is."""
    newest, before = machine.newest, machine.under(row.pepper_version)
    is_old = row.pepper_version != newest.pepper_version and before.pepper_version == row.pepper_version
    if not is_old or not set(row.components) <= set(newest.components):
        return
    row.fingerprint, row.pepper_version = newest.fingerprint, newest.pepper_version
    row.components = {
        name: newest.components[name] if before.components[name] == digest else digest
        for name, digest in row.components.items()
    }
