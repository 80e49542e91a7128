"""Claims to seats: made, tried, and ended. Every try goes through `assign_in_pools`, like any other way to a seat."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from kernel.errors import JsonValue, NotFound
from kernel.trail import Trail
from seats.models import Assignment, AssignmentSource, ClaimEnd, ClaimKind, SeatClaim
from seats.operations.assigning import assign_in_pools
from seats.operations.holders import SeatRequest
from seats.queries import ceilings, pools

HELD_ALREADY = "HELD_ALREADY"
FULL = "CAPACITY_EXCEEDED"
PERSON_INACTIVE = "PERSON_INACTIVE"
PATIENCE = timedelta(hours=1)
"""A refusal that a free seat does not cure is tried again after this."""
MOST_AT_ONCE = 500


class ClaimNotFound(NotFound):
    """There is no such claim in this organisation, or it is over."""

    code = "SEAT_CLAIM_NOT_FOUND"


def settle(*, claims: Sequence[SeatClaim], trail: Trail) -> int:
    """Tries to get each of these waiting claims its seat, in the order given, and says how many got one.

    A full pool gives none: the claim waits on, with the code of the refusal. Whoever holds another seat of the pool
    already takes no second; that claim waits too, for the day on which the other seat goes.
    """
    if not claims:
        return 0
    wanted: dict[UUID, list[SeatRequest]] = defaultdict(list)
    for claim in claims:
        wanted[claim.pool_id].append(SeatRequest(person=claim.person, quantity=claim.quantity))
    placements = assign_in_pools(requests=wanted, source=AssignmentSource.DIRECTORY, partial=True, trail=trail)
    now = trail.clock.now()
    placed = {id(one.request): one for placement in placements.values() for one in placement.placed}
    refused = {id(one.request): one.refusal.code for placement in placements.values() for one in placement.left_out}
    served: set[UUID] = set()
    for claim, request in ((claim, wanted[claim.pool_id].pop(0)) for claim in claims):
        claim.tried_at = now
        found = placed.get(id(request))
        if found is None:
            claim.code = refused[id(request)]
        elif not found.is_new or found.assignment.id in served:
            claim.code = HELD_ALREADY
        else:
            claim.assignment, claim.code = found.assignment, ""
            served.add(found.assignment.id)
        if found is not None and claim.kind == ClaimKind.RETURN:
            claim.ended_at, claim.end_reason = now, ClaimEnd.GIVEN.value
    SeatClaim.objects.bulk_update(claims, ["tried_at", "code", "assignment", "ended_at", "end_reason"])
    for claim in claims:
        if claim.is_waiting and claim.code != HELD_ALREADY:
            trail.record("seat.awaited", subject=claim, details=_particulars(claim))
    return len(served)


def settle_waiting(*, trail: Trail) -> int:
    """Gives what is free to whoever waits, pool by pool in the order of priority and age; the rest waits on untouched,
    so that a full pool leaves no entry each minute. Says how many got a seat."""
    now = trail.clock.now()
    rows = list(triable().select_related("person")[:MOST_AT_ONCE])
    rows = [row for row in rows if row.code in {"", FULL, PERSON_INACTIVE, HELD_ALREADY} or _is_due(row, now)]
    listed = list(pools().filter(id__in={row.pool_id for row in rows}))
    free = {pool.id: one.free for pool, one in zip(listed, ceilings(listed, at=now), strict=True)}
    chosen = []
    for row in rows:
        left = free[row.pool_id]
        if left is not None and left < row.quantity:
            # First come, first served: nobody behind this one overtakes it.
            free[row.pool_id] = 0
            continue
        if left is not None:
            free[row.pool_id] = left - row.quantity
        chosen.append(row)
    return settle(claims=chosen, trail=trail)


def triable() -> QuerySet[SeatClaim]:
    """Waiting claims of people who are here and hold no seat of the pool, in the order in which they are served."""
    held = Assignment.objects.live().filter(pool=OuterRef("pool"), person=OuterRef("person"))
    rows = SeatClaim.objects.filter(ended_at__isnull=True, assignment__isnull=True, person__active=True)
    return rows.filter(~Exists(held)).order_by("priority", "created_at", "id")


def end_claims(*, claims: Sequence[SeatClaim], reason: ClaimEnd, trail: Trail) -> None:
    """Ends claims; the seats that some of them gave are the caller's matter."""
    if not claims:
        return
    now = trail.clock.now()
    for claim in claims:
        claim.ended_at, claim.end_reason, claim.leaves_at = now, reason.value, None
    SeatClaim.objects.bulk_update(claims, ["ended_at", "end_reason", "leaves_at"])


def withdraw_claim(*, claim_id: UUID, trail: Trail) -> SeatClaim:
    """Somebody decides that a waiting claim waits no longer. Raises ClaimNotFound."""
    rows = SeatClaim.objects.select_for_update(no_key=True, of=("self",)).select_related("person")
    row = rows.filter(id=claim_id, ended_at__isnull=True, assignment__isnull=True).first()
    if row is None:
        raise ClaimNotFound(_("There is no such claim that waits."))
    end_claims(claims=[row], reason=ClaimEnd.WITHDRAWN, trail=trail)
    trail.record("seat.claim_withdrawn", subject=row, details=_particulars(row))
    return row


def forget_seats(*, person_ids: Collection[UUID]) -> None:
    """The seats of leavers are gone: what gave them waits until they are back."""
    SeatClaim.objects.filter(person__in=person_ids, ended_at__isnull=True, assignment__isnull=False).update(
        assignment=None, leaves_at=None, code=PERSON_INACTIVE
    )


def claims_with_lost_seats() -> QuerySet[SeatClaim]:
    """Claims whose seat somebody released since: it was given back and is not given again."""
    return SeatClaim.objects.filter(ended_at__isnull=True, assignment__released_at__isnull=False)


def _is_due(row: SeatClaim, now: datetime) -> bool:
    return row.tried_at is None or row.tried_at + PATIENCE <= now


def _particulars(claim: SeatClaim) -> dict[str, JsonValue]:
    return {
        "pool": str(claim.pool_id),
        "person": str(claim.person.pseudonym),
        "rule": str(claim.rule_id) if claim.rule_id else None,
        "code": claim.code,
    }
