"""The provisioning log: one row per write that was asked for. Names of attributes, never their values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, Min, QuerySet

from identity.models import Organization, ProvisioningEntry, ProvisioningOutcome
from kernel.clock import Clock
from kernel.errors import JsonValue
from kernel.principal import system
from kernel.scope import scope
from kernel.trail import Trail, open_trail

KEPT = timedelta(days=90)
WINDOW = timedelta(hours=1)
"""A directory service that is set up wrongly repeats itself each few seconds: the ledger hears of it once an hour."""
EQUAL = ("token_id", "verb", "resource_type", "status", "scim_type")
"""Refusals that differ in nothing else are of one kind, whomever they are about."""
LONGEST_DETAIL = 300
QUOTED = re.compile(r"(\"[^\"]*\"|'[^']*')")


@dataclass(frozen=True)
class Asked:
    """What a directory service asked for, as the log has it."""

    verb: str
    resource_type: str
    token_id: UUID | None
    resource_id: str = ""
    external_id: str = ""
    attributes: Sequence[str] = field(default=())


def log_done(*, asked: Asked, status: int, trail: Trail) -> None:
    """Notes a write in the trail that carried it out."""
    _entry(asked, ProvisioningOutcome.DONE, status, "", "", trail)


def log_refused(*, asked: Asked, status: int, scim_type: str, detail: str, trail: Trail) -> None:
    """Notes a write that was refused, in a trail of its own after the rollback.

    The log has each of them with its cause. The ledger has the first of its kind at once; those that follow within the
    hour are counted there when it is over (`count_refusals`).
    """
    kind = (asked.token_id, asked.verb, asked.resource_type, status, scim_type)
    lately = _refused(dict(zip(EQUAL, kind, strict=True))).filter(at__gt=trail.clock.now() - WINDOW)
    first = not lately.filter(in_ledger=True).exists()
    row = _entry(asked, ProvisioningOutcome.REFUSED, status, scim_type, _without_values(detail), trail, in_ledger=first)
    if first:
        details: dict[str, JsonValue] = {
            "token": str(asked.token_id) if asked.token_id is not None else None,
            "resource": asked.resource_id,
            "entry": str(row.id),
        }
        _tell(asked.verb, asked.resource_type, status, scim_type, count=1, details=details, trail=trail)


def count_refusals(organization_id: UUID, clock: Clock) -> None:
    """Writes into the ledger how often what it was told of came again, for each kind whose hour is over."""
    due = clock.now() - WINDOW
    with scope(organization_id):
        kinds = list(_due(due))
    if not kinds:
        return
    with open_trail(actor=system(organization_id, "provisioning"), clock=clock) as trail:
        for found in kinds:
            kind = {name: found[name] for name in EQUAL}
            # Counted by what is marked here and now: two workers at once never count a row twice.
            count = _refused(kind).filter(in_ledger=False, at__lte=found["until"]).update(in_ledger=True)
            if count:
                details: dict[str, JsonValue] = {
                    "token": str(kind["token_id"]) if kind["token_id"] is not None else None,
                    "since": found["since"].isoformat(),
                    "until": found["until"].isoformat(),
                }
                verb, resource_type, status, scim_type = (found[name] for name in EQUAL[1:])
                _tell(verb, resource_type, status, scim_type, count=count, details=details, trail=trail)


def _due(due: datetime) -> Any:
    """Kinds of refusals of which the oldest that waits is older than `due`."""
    waiting = ProvisioningEntry.objects.filter(in_ledger=False).order_by().values(*EQUAL)
    return waiting.annotate(since=Min("at"), until=Max("at")).filter(since__lte=due)


def _refused(kind: Mapping[str, Any]) -> QuerySet[ProvisioningEntry]:
    return ProvisioningEntry.objects.filter(outcome=ProvisioningOutcome.REFUSED, **kind)


def _tell(
    verb: str,
    resource_type: str,
    status: int,
    scim_type: str,
    *,
    count: int,
    details: Mapping[str, JsonValue],
    trail: Trail,
) -> None:
    trail.record(
        "provisioning.refused",
        subject=Organization(id=trail.organization_id),
        details={
            "verb": verb,
            "resource_type": resource_type,
            "status": status,
            "scim_type": scim_type,
            "count": count,
            **details,
        },
    )


def purge_provisioning_log(organization_id: UUID, clock: Clock) -> None:
    """Drops entries older than 90 days; asks first, so that an hour without any costs one read."""
    before = clock.now() - KEPT
    with scope(organization_id):
        due = ProvisioningEntry.objects.filter(at__lt=before).exists()
    if due:
        with open_trail(actor=system(organization_id, "provisioning"), clock=clock):
            ProvisioningEntry.objects.filter(at__lt=before).delete()


def _without_values(detail: str) -> str:
    """What stands in quotes may be somebody's name."""
    return QUOTED.sub("…", detail)[:LONGEST_DETAIL]


def _entry(
    asked: Asked,
    outcome: ProvisioningOutcome,
    status: int,
    scim_type: str,
    detail: str,
    trail: Trail,
    *,
    in_ledger: bool = True,
) -> ProvisioningEntry:
    return ProvisioningEntry.objects.create(
        organization_id=trail.organization_id,
        at=trail.clock.now(),
        token_id=asked.token_id,
        verb=asked.verb,
        resource_type=asked.resource_type,
        resource_id=asked.resource_id[:255],
        external_id=asked.external_id[:255],
        attributes=sorted(asked.attributes),
        outcome=outcome,
        status=status,
        scim_type=scim_type,
        detail=detail,
        request_id=trail.request_id,
        in_ledger=in_ledger,
    )
