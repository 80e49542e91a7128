"""What this process knows about a key for a moment: who answers for it, by which key, and what its licence says.

Kept for SEATLEDGER_SNAPSHOT_SECONDS, a key that nobody issued for one second at most: so soon is a change of a licence
effective in every process. What is counted (places of machines, quotas, users, leases) is never decided from it.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from identity.queries import issuer_of_credential
from kernel.clock import DatabaseClock
from kernel.scope import scope
from licensing.keyring import ROUTE_KIND, signer_of
from licensing.queries.license_facts import KeyedLicense, license_behind
from licensing.queries.signing_keys import active_signing_key
from licensing.rules.facts import LicenseFacts, ValidationScope
from licensing.signing import Signer

MOST = 20_000
LONGEST_UNKNOWN = 1.0
"""Seconds for which a key that nobody issued is known to be none."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`known` is None for a key that nobody issued. `at` is the database's time when it was read, or is asked about."""

    organization_id: UUID
    issuer: str
    signer: Signer | None
    known: KeyedLicense | None
    at: datetime


@dataclass(frozen=True, slots=True)
class _Kept:
    snapshot: Snapshot
    read_at: float
    until: float


_kept: dict[tuple[bytes, str | None], _Kept] = {}
_lock = threading.Lock()


def snapshot_of(digests: Sequence[bytes], asked: ValidationScope) -> Snapshot | None:
    """What is known of the key with one of these digests, read now or a moment ago; None where no organisation
    answers. Where something is counted for what is asked, the licence is read in any case."""
    name = (digests[0], asked.version)
    kept = _kept.get(name)
    now = time.monotonic()
    if kept is None or now >= kept.until:
        return _read(name, digests, asked)
    # The database's clock, carried on by this machine's for at most as long as a snapshot is kept.
    at = kept.snapshot.at + timedelta(seconds=now - kept.read_at)
    if kept.snapshot.known is None or not is_counted(kept.snapshot.known.facts, asked):
        return replace(kept.snapshot, at=at)
    with scope(kept.snapshot.organization_id):
        fresh = _license(digests, asked, at)
    return replace(kept.snapshot, known=fresh, at=at)


def is_counted(facts: LicenseFacts, asked: ValidationScope) -> bool:
    """Whether the answer hangs on something that others take part in and that changes by use."""
    limited = facts.activations is not None and facts.activations.limit is not None
    return bool(
        limited
        or facts.machines.bound
        or asked.fingerprints
        or facts.quotas
        or facts.user_seats is not None
        or facts.lease_required
    )


def forget(digests: Sequence[bytes]) -> None:
    """This process reads the licence behind the key anew: it has just changed it."""
    with _lock:
        for name in [name for name in _kept if name[0] == digests[0]]:
            del _kept[name]


def forget_all() -> None:
    """For a process that begins, and for tests."""
    with _lock:
        _kept.clear()


def _read(name: tuple[bytes, str | None], digests: Sequence[bytes], asked: ValidationScope) -> Snapshot | None:
    began = time.monotonic()
    organization = issuer_of_credential(ROUTE_KIND, *digests)
    if organization is None:
        return None
    with scope(organization.id):
        at, read_at = DatabaseClock().now(), time.monotonic()
        known = _license(digests, asked, at)
        signing_key = active_signing_key()
    signer = None if signing_key is None else signer_of(signing_key)
    found = Snapshot(organization.id, organization.slug, signer, known, at)
    seconds = float(settings.SNAPSHOT_SECONDS)
    if known is None:
        seconds = min(seconds, LONGEST_UNKNOWN)
    if seconds and signer is not None:
        # Counted from before the read: what was changed while it ran is seen in time as well.
        with _lock:
            if len(_kept) >= MOST:
                _kept.clear()
            _kept[name] = _Kept(replace(found, known=_of_no_machine(known)), read_at, began + seconds)
    return found


def _of_no_machine(known: KeyedLicense | None) -> KeyedLicense | None:
    """Without the machine that happened to ask: the next one may be another, or none."""
    if known is None:
        return None
    return replace(known, facts=replace(known.facts, activation=None, last_check_in_at=None))


def _license(digests: Sequence[bytes], asked: ValidationScope, at: datetime) -> KeyedLicense | None:
    return license_behind(digests=digests, version=asked.version, fingerprints=asked.fingerprints or (), at=at)
