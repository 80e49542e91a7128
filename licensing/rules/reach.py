"""Whether somebody may act on a product: on every one, on the own ones, or on none."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Reach:
    """`products` None: every product."""

    products: frozenset[UUID] | None

    def covers(self, product_id: UUID) -> bool:
        return self.products is None or product_id in self.products


EVERYTHING = Reach(None)
NOTHING = Reach(frozenset())


def reach_with(permissions: Set[str], *, all_of: str, own: str, owned: Iterable[UUID]) -> Reach:
    """What these permissions let somebody act on who answers for `owned`."""
    if all_of in permissions:
        return EVERYTHING
    return Reach(frozenset(owned)) if own in permissions else NOTHING
