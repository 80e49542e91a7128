"""What each minute brings for seats: whoever became inactive in any way is off-boarded, a grace that is over ends,
claims follow their groups, and what is free goes to whoever waits.

All of it looks for state and not for messages: a second call finds nothing more, and after days without a scheduler the
next one catches up. A trail is opened only where there is something to do.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from identity.models import Person
from kernel.clock import Clock
from kernel.principal import system
from kernel.scope import scope
from kernel.trail import Trail, run_in_trail
from seats.models import OPEN_DEPARTURES, Assignment, ClaimEnd, Departure, GroupRule, Lease, SeatClaim
from seats.operations import carry_on, come_back, depart, mend_memberships, settle_waiting, tell_of_stopped
from seats.operations.claims import claims_with_lost_seats, end_claims, triable
from seats.operations.group_rules import missing_members, strangers

MOST_PEOPLE = 500
"""People of one sweep; the next one goes on."""


def sweep_seats(organization_id: UUID, clock: Clock) -> None:
    """Called each minute for each organisation."""
    actor = system(organization_id, "leavers")

    def write(work: Callable[[Trail], object]) -> None:
        run_in_trail(work, actor=actor, clock=clock)

    for person_id in _read(organization_id, leavers_with_seats):
        write(lambda trail, one=person_id: _settle_person(one, trail))  # type: ignore[misc]  # bound per turn
    for person_id in _read(organization_id, people_back):
        write(lambda trail, one=person_id: _settle_person(one, trail))  # type: ignore[misc]  # bound per turn
    if due := _read(organization_id, lambda: departures_due(clock.now())):
        write(lambda trail: carry_on(departure_ids=due, trail=trail))
    if _read(organization_id, lambda: list(claims_with_lost_seats().values_list("id", flat=True)[:1])):
        write(end_claims_of_lost_seats)
    if _read(organization_id, lambda: rules_out_of_line(clock.now())):
        write(lambda trail: mend_memberships(trail=trail))
    if _read(organization_id, lambda: list(triable().values_list("id", flat=True)[:1])):
        write(lambda trail: settle_waiting(trail=trail))
    if _read(organization_id, untold):
        write(lambda trail: tell_of_stopped(trail=trail))


def leavers_with_seats() -> list[UUID]:
    """People who are inactive and hold leases, or seats without a departure that says why."""
    seats = Assignment.objects.live().filter(person__active=False, person__merged_into__isnull=True)
    rows = seats.exclude(person__departures__state__in=OPEN_DEPARTURES).order_by("person_id")
    leases = Lease.objects.live().filter(person__active=False, person__merged_into__isnull=True)
    found = {
        *rows.values_list("person_id", flat=True).distinct()[:MOST_PEOPLE],
        *leases.values_list("person_id", flat=True).distinct()[:MOST_PEOPLE],
    }
    return sorted(found)


def people_back() -> list[UUID]:
    """People who are active again and whose departure does not know yet."""
    rows = Departure.objects.filter(state__in=OPEN_DEPARTURES, person__active=True)
    return list(rows.order_by("person_id").values_list("person_id", flat=True)[:MOST_PEOPLE])


def departures_due(at: datetime) -> list[UUID]:
    """Graces that are over, holds that were lifted, and graces of people who are under legal hold by now."""
    over = Q(state="grace", due_at__lte=at, person__legal_hold=False)
    moved = Q(state="held", person__legal_hold=False) | Q(state="grace", person__legal_hold=True)
    rows = Departure.objects.filter(over | moved, person__active=False)
    return list(rows.order_by("id").values_list("id", flat=True)[:MOST_PEOPLE])


def rules_out_of_line(at: datetime) -> list[UUID]:
    """Rules whose claims differ from who is in the group, or whose graces are over."""
    ending = Q(leaves_at__lte=at, ended_at__isnull=True, person__legal_hold=False)
    due = set(SeatClaim.objects.filter(ending).values_list("rule_id", flat=True))
    rules = GroupRule.objects.filter(ended_at__isnull=True).order_by("id")
    return [
        rule.id
        for rule in rules
        if rule.id in due or missing_members(rule) or strangers(rule).filter(leaves_at__isnull=True).exists()
    ]


def untold() -> list[UUID]:
    """Stopped departures of which nobody was told yet."""
    return list(Departure.objects.filter(state="stopped", told_at__isnull=True).values_list("id", flat=True)[:1])


def end_claims_of_lost_seats(trail: Trail) -> None:
    """Whoever gave back the seat of a rule, or had it taken away, does not get it again from the same rule."""
    rows = claims_with_lost_seats().select_for_update(no_key=True, of=("self",)).order_by("id")
    end_claims(claims=list(rows), reason=ClaimEnd.GIVEN_BACK, trail=trail)


def _settle_person(person_id: UUID, trail: Trail) -> None:
    """The person once more, locked: somebody may have come back or left in between."""
    person = Person.objects.select_for_update(no_key=True).get(id=person_id)
    if person.active:
        come_back(person=person, trail=trail)
    else:
        depart(person=person, trail=trail)


def _read(organization_id: UUID, what: Callable[[], list[UUID]]) -> list[UUID]:
    with scope(organization_id):
        return what()
