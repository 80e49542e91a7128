"""Which business partners a customer's membership may see."""

from uuid import UUID

from identity.models import Membership
from kernel import scope
from licensing.models import PartyAccess
from licensing.queries.party_tree import parties_below


def parties_of_member(*, organization_id: UUID, membership_id: UUID) -> frozenset[UUID]:
    """The membership's own partner and those of its live accesses, with their children where that was granted.

    Implements identity.ports.PartiesOfMember. Opens a scope of its own where none is open: it is asked before one is.
    """
    if scope.is_open():
        return _read(membership_id)
    with scope.scope(organization_id):
        return _read(membership_id)


def _read(membership_id: UUID) -> frozenset[UUID]:
    own = Membership.objects.filter(id=membership_id).values_list("party_id", flat=True).first()
    accesses = list(
        PartyAccess.objects.filter(membership_id=membership_id, ended_at__isnull=True).values_list(
            "party_id", "with_children"
        )
    )
    named = {party for party, _children in accesses} | ({own} if own is not None else set())
    wide = {party for party, children in accesses if children}
    return frozenset(named | (parties_below(wide) if wide else set()))
