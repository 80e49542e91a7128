"""Admin pages of seats/. config.composition registers them."""

from seats.admin.assignments import AssignmentAdmin
from seats.admin.leaving import DepartureAdmin, GroupRuleAdmin, SeatClaimAdmin
from seats.admin.pools import SeatPoolAdmin
from seats.models import Assignment, Departure, GroupRule, SeatClaim, SeatPool

PAGES = (
    (SeatPool, SeatPoolAdmin),
    (Assignment, AssignmentAdmin),
    (GroupRule, GroupRuleAdmin),
    (SeatClaim, SeatClaimAdmin),
    (Departure, DepartureAdmin),
)
