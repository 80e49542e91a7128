"""Who uses what: pools with a capacity that the database keeps, and the seats that are held of them."""

from seats.models.assignments import Assignment, AssignmentSource
from seats.models.leases import Lease, LeaseDenial, LeasePolicy, LeasePriority
from seats.models.pools import PoolSource, SeatPool
from seats.models.shares import Eligibility, Reservation

__all__ = [
    "Assignment",
    "AssignmentSource",
    "Eligibility",
    "Lease",
    "LeaseDenial",
    "LeasePolicy",
    "LeasePriority",
    "PoolSource",
    "Reservation",
    "SeatPool",
]
