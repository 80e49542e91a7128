"""Admin pages of seats/. config.composition registers them."""

from seats.admin.assignments import AssignmentAdmin
from seats.admin.pools import SeatPoolAdmin
from seats.admin.reclamation import ExemptionAdmin, ReclamationRuleAdmin, RemovalCandidateAdmin
from seats.models import Assignment, Exemption, ReclamationRule, RemovalCandidate, SeatPool

PAGES = (
    (SeatPool, SeatPoolAdmin),
    (Assignment, AssignmentAdmin),
    (ReclamationRule, ReclamationRuleAdmin),
    (RemovalCandidate, RemovalCandidateAdmin),
    (Exemption, ExemptionAdmin),
)
