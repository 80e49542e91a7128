"""Seats kept for departments and groups: what of each reservation is drawn, and what is kept from whoever asks.

A reservation is drawn by what its people hold, whenever they got it. Two reservations that name the same person are
both drawn by that person's seat: each promises only that its people together can hold so many.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Promise:
    """`quantity` seats (1 or more) are kept for some people, who hold `held` of the pool (0 or more)."""

    id: UUID
    quantity: int
    held: int = 0

    @property
    def undrawn(self) -> int:
        """Seats that nobody else is given."""
        return max(self.quantity - self.held, 0)


def undrawn_for_others(promises: Iterable[Promise], *, mine: Collection[UUID]) -> int:
    """Seats kept from somebody who draws the reservations `mine`."""
    return sum(promise.undrawn for promise in promises if promise.id not in mine)


def drawn(promises: Iterable[Promise], *, mine: Collection[UUID], quantity: int) -> tuple[Promise, ...]:
    """The promises after somebody who draws the reservations `mine` took so many seats; negative: gave back."""
    return tuple(
        replace(promise, held=max(promise.held + quantity, 0)) if promise.id in mine else promise
        for promise in promises
    )


@dataclass(frozen=True, slots=True)
class HeldSeat:
    """A seat that could be taken away."""

    id: UUID
    quantity: int


def losing(newest_first: Sequence[HeldSeat], *, excess: int) -> tuple[UUID, ...]:
    """Whose seats a cut of capacity takes so that use falls by `excess` at least: the seats that were given last."""
    chosen: list[UUID] = []
    for seat in newest_first:
        if excess <= 0:
            break
        chosen.append(seat.id)
        excess -= seat.quantity
    return tuple(chosen)
