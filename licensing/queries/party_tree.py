"""The tree of business partners of the open organisation."""

from collections.abc import Iterable
from uuid import UUID

from licensing.models import Party
from licensing.rules.party_tree import below, in_cycles


def parents_of_parties() -> dict[UUID, UUID | None]:
    """Every partner with the one above it, in one query."""
    return dict(Party.objects.order_by().values_list("id", "parent_id"))


def parties_below(roots: Iterable[UUID]) -> set[UUID]:
    """These partners and all that belong to them."""
    return below(parents_of_parties(), roots)


def parties_in_cycles() -> set[UUID]:
    """Partners that stand below themselves, which only a write beside the operations can have done."""
    return in_cycles(parents_of_parties())
