"""Who uses what: pools with a capacity that the database keeps, and the seats that are held of them."""

from seats.models.assignments import Assignment, AssignmentSource
from seats.models.candidates import OPEN_STATES, CandidateOutcome, CandidateState, RemovalCandidate
from seats.models.pools import PoolSource, SeatPool
from seats.models.reclamation import Exemption, ReclamationApprover, ReclamationKind, ReclamationRule

__all__ = [
    "OPEN_STATES",
    "Assignment",
    "AssignmentSource",
    "CandidateOutcome",
    "CandidateState",
    "Exemption",
    "PoolSource",
    "ReclamationApprover",
    "ReclamationKind",
    "ReclamationRule",
    "RemovalCandidate",
    "SeatPool",
]
