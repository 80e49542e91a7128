"""What happened to a licence, its keys and its certificates, as the ledger tells it."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.models import Event
from audit.operations.openings import opened
from audit.queries import events
from identity.actors import actor_label, names_of
from licensing.models import Activation, License, LicenseType, Party

MOST_ENTRIES = 100
NAMED = ("licensee", "from", "license_type", "from_type")
"""Details that are ids of customers and licence types."""
OF_MACHINES = frozenset(
    {
        "activation.created", "activation.revived", "activation.deactivated", "activation.released", "activation.ended",
    }
)  # fmt: skip


@dataclass(frozen=True)
class HistoryEntry:
    """One entry. `actor` is the name of an account or a task; `reason` is "" where none was given or where it was
    erased. `about` is the label of the machine that the entry is about, `names` those of the customers and licence
    types that its details mention by id."""

    sequence: int
    at: datetime
    kind: str
    actor: str
    reason: str
    details: Mapping[str, Any]
    about: str
    names: Mapping[str, str]


def history_of(subjects: Collection[UUID], *, organization_id: UUID) -> list[HistoryEntry]:
    """The latest entries about these rows, newest first, in a constant number of queries. Call it inside a scope."""
    ids = [str(one) for one in subjects]
    found = list(events().filter(subject_id__in=ids).order_by("-sequence")[:MOST_ENTRIES])
    bodies = [json.loads(event.body) for event in found]
    actors = names_of(event.actor for event in found)
    labels = _labels(found, bodies)
    reasons = opened(organization_id=organization_id, commitments=list(_commitments(bodies)))
    return [_entry(event, body, actors, reasons, labels) for event, body in zip(found, bodies, strict=True)]


def _entry(
    event: Event,
    body: Mapping[str, Any],
    actors: Mapping[str, str],
    reasons: Mapping[bytes, str],
    labels: Mapping[str, str],
) -> HistoryEntry:
    committed = body["personal"].get("reason", "")
    return HistoryEntry(
        sequence=event.sequence,
        at=event.occurred_at,
        kind=event.kind,
        actor=actor_label(event.actor, actors),
        reason=reasons.get(bytes.fromhex(committed), ""),
        details=body["details"],
        about=labels.get(event.subject_id, ""),
        names=labels,
    )


def _labels(found: Iterable[Event], bodies: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The names of the machines, customers and licence types that these entries are about or mention, by their ids."""
    machines = Activation.objects.filter(id__in=[event.subject_id for event in found if event.kind in OF_MACHINES])
    mentioned = {str(body["details"][name]) for body in bodies for name in NAMED if body["details"].get(name)}
    parties, types = (
        model.objects.filter(id__in=mentioned).values_list("id", "name") for model in (Party, LicenseType)
    )
    return {
        **{str(row.id): str(row) for row in machines},
        **{str(key): name for key, name in parties.union(types, all=True)},
    }


def _commitments(bodies: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    return (bytes.fromhex(body["personal"]["reason"]) for body in bodies if "reason" in body["personal"])


@dataclass(frozen=True)
class Custody:
    """Who held the licence from a moment on; `sequence` is the entry that says so."""

    since: datetime
    holder: str
    sequence: int


def custody_of(license: License) -> list[Custody]:
    """The chain of those who held a licence, from its issue on, oldest first. Call it inside a scope."""
    found = events().filter(subject_id=str(license.id), kind__in=("license.issued", "license.transferred"))
    bodies = [(event, json.loads(event.body)["details"]) for event in found.order_by("sequence")]
    names = {
        str(key): name
        for key, name in Party.objects.filter(id__in={body["licensee"] for _event, body in bodies}).values_list(
            "id", "name"
        )
    }
    return [
        Custody(event.occurred_at, names.get(body["licensee"], body["licensee"]), event.sequence)
        for event, body in bodies
    ]
