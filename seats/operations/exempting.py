"""Exemptions from reclamation: granted for a reason, perhaps until a day, and ended before."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from identity.models import DirectoryGroup, Person
from kernel.errors import InvalidInput, NotFound
from kernel.trail import Personal, Trail
from seats.models import Exemption, RemovalCandidate, SeatPool
from seats.operations.reclaiming import cancel
from seats.rules.candidates import Happening


class ExemptionNotFound(NotFound):
    """There is no such exemption in this organisation."""

    code = "EXEMPTION_NOT_FOUND"


class ExemptionInvalid(InvalidInput):
    """An exemption is for one person, group or pool, has a reason, and ends in the future if it ends."""

    code = "EXEMPTION_INVALID"


def grant_exemption(
    *,
    reason: str,
    trail: Trail,
    person: Person | None = None,
    group: DirectoryGroup | None = None,
    pool: SeatPool | None = None,
    ends_at: datetime | None = None,
) -> Exemption:
    """No rule asks these seats back any more, and what is open about them is cancelled. Raises ExemptionInvalid."""
    now = trail.clock.now()
    if [person, group, pool].count(None) != 2:
        raise ExemptionInvalid(_("An exemption is for one person, one group or one pool."), pointer="/person")
    if not reason.strip():
        raise ExemptionInvalid(_("Say why these seats are exempt."), pointer="/reason")
    if ends_at is not None and ends_at <= now:
        raise ExemptionInvalid(_("An exemption ends in the future."), pointer="/ends_at")
    row = Exemption.objects.create(
        organization_id=trail.organization_id,
        person=person,
        group=group,
        pool=pool,
        reason=reason.strip(),
        ends_at=ends_at,
        created_at=now,
        created_by=str(trail.actor.pseudonym),
    )
    cancelled = cancel(candidate_ids=_open_about(row), event=Happening.PROTECTED, trail=trail)
    trail.record(
        "exemption.granted",
        subject=row,
        details={
            "person": str(person.pseudonym) if person else None,
            "group": str(group.id) if group else None,
            "pool": str(pool.id) if pool else None,
            "ends_at": ends_at.isoformat() if ends_at else None,
            "cancelled": cancelled,
        },
        personal={"reason": Personal(person.pseudonym if person else row.id, row.reason)},
    )
    return row


def end_exemption(*, exemption_id: UUID, trail: Trail) -> Exemption:
    """The seats may be asked back again; one that was ended stays as it was. Raises ExemptionNotFound."""
    row = Exemption.objects.select_for_update(no_key=True).filter(id=exemption_id).first()
    if row is None:
        raise ExemptionNotFound(_("There is no such exemption in your organisation."))
    if row.ended_at is None:
        row.ended_at, row.ended_by = trail.clock.now(), str(trail.actor.pseudonym)
        row.save(update_fields=["ended_at", "ended_by"])
        trail.record("exemption.ended", subject=row)
    return row


def _open_about(row: Exemption) -> list[UUID]:
    if row.pool_id is not None:
        about = Q(assignment__pool=row.pool_id)
    elif row.person_id is not None:
        about = Q(assignment__person=row.person_id) | Q(assignment__device__person=row.person_id)
    else:
        members = Person.objects.filter(groups__group=row.group_id)
        about = Q(assignment__person__in=members) | Q(assignment__device__person__in=members)
    return list(RemovalCandidate.objects.pending().filter(about).values_list("id", flat=True))
