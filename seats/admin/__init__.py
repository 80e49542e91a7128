"""Admin pages of seats/. config.composition registers them."""

from seats.admin.assignments import AssignmentAdmin
from seats.admin.pools import SeatPoolAdmin
from seats.admin.shares import EligibilityAdmin, ReservationAdmin
from seats.models import Assignment, Eligibility, Reservation, SeatPool

PAGES = (
    (SeatPool, SeatPoolAdmin),
    (Assignment, AssignmentAdmin),
    (Reservation, ReservationAdmin),
    (Eligibility, EligibilityAdmin),
)
