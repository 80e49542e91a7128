"""Personal values stay outside the chain: a salted commitment inside, the encrypted opening beside it."""

import os
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import Q

from audit.models import DataKey, Opening
from audit.operations.appending import Entry
from audit.rules.chain import commitment
from kernel.clock import Clock
from kernel.vault import Vault, vault

KEY_BYTES = 32
SALT_BYTES = 32
# Person keys have one version: they are replaced by erasure, not rotated.
ONLY = 1


def seal(*, organization_id: UUID, entries: Sequence[Entry], clock: Clock) -> list[dict[str, bytes]]:
    """Stores the openings of all personal values and returns the commitments, one mapping per entry.

    Runs before the head is locked; costs a fixed number of queries, and none when there is no personal value.
    """
    people = {value.person for entry in entries for value in entry.personal.values()}
    if not people:
        return [{} for _ in entries]
    keys = _person_keys(organization_id, people, clock)
    openings: list[Opening] = []
    committed: list[dict[str, bytes]] = []
    for entry in entries:
        digests: dict[str, bytes] = {}
        for name, personal in entry.personal.items():
            salt = os.urandom(SALT_BYTES)
            digests[name] = commitment(salt, personal.value)
            openings.append(
                Opening(
                    organization_id=organization_id,
                    commitment=digests[name],
                    person=personal.person,
                    salt=salt,
                    sealed_value=Vault({ONLY: keys[personal.person]}).encrypt(
                        personal.value.encode(), aad=_opening_aad(digests[name])
                    ),
                )
            )
        committed.append(digests)
    Opening.objects.bulk_create(openings)
    return committed


def opened(*, organization_id: UUID, commitments: Sequence[bytes]) -> Mapping[bytes, str]:
    """The values behind commitments, as far as they have not been erased; for authorised pages inside a scope."""
    found = list(Opening.objects.filter(organization_id=organization_id, commitment__in=commitments))
    stored = DataKey.objects.filter(Q(person__in={row.person for row in found}) | Q(person__isnull=True))
    keys = _unwrapped(organization_id, list(stored))
    return {
        bytes(row.commitment): Vault({ONLY: keys[row.person]})
        .decrypt(bytes(row.sealed_value), aad=_opening_aad(bytes(row.commitment)))
        .decode()
        for row in found
        if row.person in keys
    }


def organization_key_place(organization_id: UUID) -> str:
    """The associated data of an organisation's data key: it opens for this organisation only."""
    return f"audit_data_key.wrapped:{organization_id}"


def _opening_aad(digest: bytes) -> str:
    return f"audit_opening.sealed_value:{digest.hex()}"


def _person_keys(organization_id: UUID, people: set[UUID], clock: Clock) -> dict[UUID, bytes]:
    """The keys of all these people, drawing what is missing; two writers at once agree by ON CONFLICT DO NOTHING."""
    wanted = Q(person__in=people) | Q(person__isnull=True)
    stored = list(DataKey.objects.filter(wanted))
    known = {row.person for row in stored}
    if None not in known:
        sealed = vault().encrypt(os.urandom(KEY_BYTES), aad=organization_key_place(organization_id))
        DataKey.objects.bulk_create(
            [DataKey(organization_id=organization_id, person=None, wrapped=sealed, created_at=clock.now())],
            ignore_conflicts=True,
        )
        stored = list(DataKey.objects.filter(wanted))
    if missing := people - known:
        wrapper = _organization_vault(organization_id, stored)
        DataKey.objects.bulk_create(
            [
                DataKey(
                    organization_id=organization_id,
                    person=person,
                    wrapped=wrapper.encrypt(
                        os.urandom(KEY_BYTES), aad=f"audit_data_key.wrapped:{organization_id}:{person}"
                    ),
                    created_at=clock.now(),
                )
                # In one order, so that two trails about the same people cannot wait for each other.
                for person in sorted(missing)
            ],
            ignore_conflicts=True,
        )
        stored = list(DataKey.objects.filter(wanted))
    return _unwrapped(organization_id, stored)


def _organization_vault(organization_id: UUID, stored: Sequence[DataKey]) -> Vault:
    own = next(row for row in stored if row.person is None)
    return Vault({ONLY: vault().decrypt(bytes(own.wrapped), aad=organization_key_place(organization_id))})


def _unwrapped(organization_id: UUID, stored: Sequence[DataKey]) -> dict[UUID, bytes]:
    if not stored:
        return {}
    wrapper = _organization_vault(organization_id, stored)
    return {
        row.person: wrapper.decrypt(bytes(row.wrapped), aad=f"audit_data_key.wrapped:{organization_id}:{row.person}")
        for row in stored
        if row.person is not None
    }
