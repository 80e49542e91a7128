"""Admin pages of seats/. config.composition registers them."""

from seats.admin.assignments import AssignmentAdmin
from seats.admin.leases import LeaseAdmin
from seats.admin.pools import SeatPoolAdmin
from seats.models import Assignment, Lease, SeatPool

PAGES = ((SeatPool, SeatPoolAdmin), (Assignment, AssignmentAdmin), (Lease, LeaseAdmin))
