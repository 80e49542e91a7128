"""Who uses what: pools with a capacity that the database keeps, and the seats that are held of them."""

from seats.models.assignments import Assignment, AssignmentSource
from seats.models.candidates import OPEN_STATES, CandidateOutcome, CandidateState, RemovalCandidate
from seats.models.departures import OPEN_DEPARTURES, Departure, DepartureState, LeavingPolicy
from seats.models.group_rules import ClaimEnd, ClaimKind, GroupRule, SeatClaim
from seats.models.leases import Lease, LeaseDenial, LeasePolicy, LeasePriority
from seats.models.pools import PoolSource, SeatPool
from seats.models.reclamation import Exemption, ReclamationApprover, ReclamationKind, ReclamationRule
from seats.models.shares import Eligibility, Reservation

__all__ = [
    "OPEN_DEPARTURES",
    "OPEN_STATES",
    "Assignment",
    "AssignmentSource",
    "CandidateOutcome",
    "CandidateState",
    "ClaimEnd",
    "ClaimKind",
    "Departure",
    "DepartureState",
    "Eligibility",
    "Exemption",
    "GroupRule",
    "Lease",
    "LeaseDenial",
    "LeasePolicy",
    "LeasePriority",
    "LeavingPolicy",
    "PoolSource",
    "ReclamationApprover",
    "ReclamationKind",
    "ReclamationRule",
    "RemovalCandidate",
    "Reservation",
    "SeatClaim",
    "SeatPool",
]
