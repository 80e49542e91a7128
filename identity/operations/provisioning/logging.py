"""The provisioning log: one row per write that was asked for. Names of attributes, never their values."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from identity.models import Organization, ProvisioningEntry, ProvisioningOutcome
from kernel.clock import Clock
from kernel.errors import JsonValue
from kernel.principal import system
from kernel.scope import scope
from kernel.trail import Trail, open_trail

KEPT = timedelta(days=90)
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
    """Notes a write that was refused, in a trail of its own after the rollback."""
    row = _entry(asked, ProvisioningOutcome.REFUSED, status, scim_type, _without_values(detail), trail)
    subject = Organization(id=trail.organization_id)
    details: dict[str, JsonValue] = {
        "verb": asked.verb,
        "resource_type": asked.resource_type,
        "resource": asked.resource_id,
        "status": status,
        "scim_type": scim_type,
        "entry": str(row.id),
    }
    trail.record("provisioning.refused", subject=subject, details=details)


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
    asked: Asked, outcome: ProvisioningOutcome, status: int, scim_type: str, detail: str, trail: Trail
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
    )
