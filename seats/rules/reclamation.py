"""Which seats a reclamation rule selects: terms, the facts of one seat, and one verdict with its reason.

A seat is idle since its last use, or since it was given when no use is known: nobody is idle before having had the
seat. A feed that told nothing about the product in the whole window selects nobody, whatever the other facts are: a
feed that is broken looks exactly like people who stopped working.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

MINIMUM_AGE = timedelta(days=60)


class RuleKind(StrEnum):
    """What a rule measures within its window."""

    LAST_USED = "last_used"
    TOTAL_USE = "total_use"
    PEAK_USE = "peak_use"


class Verdict(StrEnum):
    """Why a seat is selected or left alone; the first that applies, in this order."""

    SELECTED = "selected"
    FEED_SILENT = "feed_silent"
    EXEMPT = "exempt"
    LEGAL_HOLD = "legal_hold"
    TOO_YOUNG = "too_young"
    COOLING_DOWN = "cooling_down"
    NO_ACTIVITY = "no_activity"
    IN_USE = "in_use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a rule demands. `amount` is the limit of total or peak use, in the unit of the usage feed; None exactly for
    last use. Raises ValueError otherwise, and for a window shorter than a day."""

    kind: RuleKind
    window: timedelta
    amount: Decimal | None = None
    include_no_activity: bool = False
    minimum_age: timedelta = MINIMUM_AGE

    def __post_init__(self) -> None:
        if (self.amount is None) != (self.kind == RuleKind.LAST_USED):
            raise ValueError("a limit belongs to total and peak use, and only to these")
        if self.window < timedelta(days=1):
            raise ValueError("a window has at least one day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What is known of one holder's use of one product.

    `last_used_at` is the latest use ever seen; `total` and `peak` (the highest day) are sums within the rule's window,
    None where no feed measures quantities. `source` says who told the latest use.
    """

    last_used_at: datetime | None = None
    source: str = ""
    total: Decimal | None = None
    peak: Decimal | None = None


NOTHING_KNOWN = Activity()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatFacts:
    """One held seat at the moment of the scan. `cooling_until`: an earlier answer protects it until then."""

    since: datetime
    activity: Activity = NOTHING_KNOWN
    is_exempt: bool = False
    legal_hold: bool = False
    cooling_until: datetime | None = None


def judge(terms: Terms, seat: SeatFacts, *, feed_alive: bool, at: datetime) -> Verdict:
    """Whether the seat is to be reclaimed. `feed_alive`: the product has at least one usage record in the window."""
    if not feed_alive:
        return Verdict.FEED_SILENT
    if seat.is_exempt:
        return Verdict.EXEMPT
    if seat.legal_hold:
        return Verdict.LEGAL_HOLD
    # Who has the seat for less than the window cannot have left it unused for so long.
    if at - seat.since < max(terms.minimum_age, terms.window):
        return Verdict.TOO_YOUNG
    if seat.cooling_until is not None and at < seat.cooling_until:
        return Verdict.COOLING_DOWN
    if is_in_use(terms, seat.activity, at=at):
        return Verdict.IN_USE
    if _is_unknown(terms, seat.activity) and not terms.include_no_activity:
        return Verdict.NO_ACTIVITY
    return Verdict.SELECTED


def is_in_use(terms: Terms, activity: Activity, *, at: datetime) -> bool:
    """Whether the holder's use is enough to keep the seat; what is not known is no use."""
    if terms.kind == RuleKind.LAST_USED:
        return activity.last_used_at is not None and at - activity.last_used_at < terms.window
    measured = measured_by(terms, activity)
    return measured is not None and terms.amount is not None and measured >= terms.amount


def measured_by(terms: Terms, activity: Activity) -> Decimal | None:
    """The figure that the rule compares with its limit; None for last use, and where nothing was measured."""
    return {RuleKind.TOTAL_USE: activity.total, RuleKind.PEAK_USE: activity.peak}.get(terms.kind)


def _is_unknown(terms: Terms, activity: Activity) -> bool:
    if terms.kind == RuleKind.LAST_USED:
        return activity.last_used_at is None
    return measured_by(terms, activity) is None


def used_again(terms: Terms, activity: Activity, *, selected_at: datetime, at: datetime) -> bool:
    """Whether use came after the selection, or counts as enough by now: it ends an open candidate."""
    is_newer = activity.last_used_at is not None and activity.last_used_at > selected_at
    return is_newer or is_in_use(terms, activity, at=at)
