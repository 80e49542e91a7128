"""The nightly look at the tree of business partners."""

from kernel.trail import Trail
from licensing.models import Party
from licensing.queries.party_tree import parties_in_cycles


def report_party_cycles(*, trail: Trail) -> int:
    """How many partners stand below themselves, each with an entry in the ledger.

    No operation brings that about and none can say which link is wrong: nothing is repaired here.
    """
    found = list(Party.objects.filter(id__in=parties_in_cycles()).order_by("id"))
    for row in found:
        trail.record("party.cycle_found", subject=row, details={"parent": str(row.parent_id)})
    return len(found)
