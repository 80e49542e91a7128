"""When the next term of a licence begins and ends.

A term is renewed from the end of the term before, never from the end of its grace: no day is given twice, none is lost.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from licensing.rules.terms import Term, end_of, end_of_nth

DAYS_OF_LONGEST_MONTH = 31


class RenewalBasis(StrEnum):
    """From which moment a renewal counts. from_expiry: the end of the term before, also when that has passed ·
    from_now: the moment of the renewal · from_now_if_expired: that moment once the term is over, else its end.
    """

    FROM_EXPIRY = "from_expiry"
    FROM_NOW = "from_now"
    FROM_NOW_IF_EXPIRED = "from_now_if_expired"


@dataclass(frozen=True, slots=True)
class NextTerm:
    """The term that a renewal adds, from `starts_at` up to, not at, `ends_at`; later ones count from `anchor`."""

    starts_at: datetime
    ends_at: datetime
    anchor: datetime


def next_term(
    *, anchor: datetime | None, expires_at: datetime, term: Term, basis: RenewalBasis, at: datetime
) -> NextTerm:
    """The term after one that ends at `expires_at`, renewed at `at`.

    Consecutive terms keep the day of `anchor`, the start of the first: monthly from 31 January end on 28 February and
    then on 31 March. An end that is not on that grid (a pause moved it) begins a new one.
    """
    is_over = at >= expires_at
    if basis is RenewalBasis.FROM_NOW or (basis is RenewalBasis.FROM_NOW_IF_EXPIRED and is_over):
        return NextTerm(at, end_of(start=at, term=term), at)
    terms = None if anchor is None else _terms_before(anchor=anchor, expires_at=expires_at, term=term)
    if anchor is None or terms is None:
        return NextTerm(expires_at, end_of(start=expires_at, term=term), expires_at)
    return NextTerm(expires_at, end_of_nth(start=anchor, term=term, n=terms + 1), anchor)


def anchor_after(
    *, anchor: datetime | None, expires_at: datetime | None, term: Term | None, starts_at: datetime
) -> datetime:
    """From where terms count once one that begins at `starts_at` follows one that ended at `expires_at`."""
    if anchor is None or expires_at is None or term is None or starts_at != expires_at:
        return starts_at
    return starts_at if _terms_before(anchor=anchor, expires_at=expires_at, term=term) is None else anchor


def _terms_before(*, anchor: datetime, expires_at: datetime, term: Term) -> int | None:
    """How many whole terms lie between the anchor and the end; None when the end is not the end of one."""
    longest = term.months * DAYS_OF_LONGEST_MONTH + term.days
    n = max(1, (expires_at - anchor).days // longest)
    while (end := end_of_nth(start=anchor, term=term, n=n)) < expires_at:
        n += 1
    return n if end == expires_at else None
