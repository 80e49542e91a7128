"""Admin pages of seats/. config.composition registers them."""

from seats.admin.assignments import AssignmentAdmin
from seats.admin.leases import LeaseAdmin
from seats.admin.leaving import DepartureAdmin, GroupRuleAdmin, SeatClaimAdmin
from seats.admin.pools import SeatPoolAdmin
from seats.admin.reclamation import ExemptionAdmin, ReclamationRuleAdmin, RemovalCandidateAdmin
from seats.admin.shares import EligibilityAdmin, ReservationAdmin
from seats.models import (
    Assignment,
    Departure,
    Eligibility,
    Exemption,
    GroupRule,
    Lease,
    ReclamationRule,
    RemovalCandidate,
    Reservation,
    SeatClaim,
    SeatPool,
)

PAGES = (
    (SeatPool, SeatPoolAdmin),
    (Assignment, AssignmentAdmin),
    (Lease, LeaseAdmin),
    (Reservation, ReservationAdmin),
    (Eligibility, EligibilityAdmin),
    (GroupRule, GroupRuleAdmin),
    (SeatClaim, SeatClaimAdmin),
    (Departure, DepartureAdmin),
    (ReclamationRule, ReclamationRuleAdmin),
    (RemovalCandidate, RemovalCandidateAdmin),
    (Exemption, ExemptionAdmin),
)
