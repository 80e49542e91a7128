"""The effective licence position, and why each number is what it is."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reporting.gather.frame import Frame
from reporting.gather.inventory import annual_costs
from reporting.gather.lines import Line
from reporting.packages.snapshot import Explanation, PositionRow
from reporting.rules.notice import last_day
from reporting.rules.position import RightFact, Standing, by_standing, position


def positions(frame: Frame, lines: Iterable[Line]) -> tuple[PositionRow, ...]:
    """One row for each line, explained in the active language; no query."""
    return tuple(_row(frame, line) for line in lines)


def _row(frame: Frame, line: Line) -> PositionRow:
    pools = tuple(line.pools)
    figures = position(pools, at=frame.at)
    return PositionRow(
        publisher=line.publisher,
        product=line.product,
        edition=line.edition,
        metric=line.metric,
        unlimited=figures.unlimited,
        owned=figures.owned,
        used=figures.used,
        needed=figures.needed,
        available=figures.available,
        why=tuple(_why(frame, line)),
    )


def _why(frame: Frame, line: Line) -> Iterator[Explanation]:
    for standing, right in by_standing(tuple(line.pools), at=frame.at):
        counts = right.rights if standing is Standing.IN_FORCE else 0
        yield Explanation(_told(frame, standing, right), counts, right.reference)
    if any(pool.is_open and not pool.rights for pool in line.pools):
        yield Explanation(_("Set to any number by an administrator; no right is recorded"), None)
    if held := sum(pool.held for pool in line.pools):
        yield Explanation(_("Seats held by people, devices or hosts"), held)
    if observed := sum(pool.observed for pool in line.pools):
        yield Explanation(_("Use seen without a seat, which needs a right as well"), observed)
    costs = annual_costs(line.entitlements, frame)
    if len(costs) > 1:
        amounts = ", ".join(frame.form.money(amount, currency) for currency, amount in sorted(costs.items()))
        yield Explanation(
            _("Annual cost in several currencies, not added up: %(amounts)s") % {"amounts": amounts}, None
        )


def _told(frame: Frame, standing: Standing, right: RightFact) -> str:
    words = {"rights": _counted(frame, right), "paper": right.paper}
    start, end = frame.day(right.starts_at), last_day(right.ends_at, frame.zone) if right.ends_at else None
    if standing is Standing.IN_FORCE:
        text = _("%(rights)s in force until %(day)s") if end else _("%(rights)s in force, without an end")
    else:
        text = {
            Standing.TO_COME: _("%(rights)s from %(day)s on, not counted yet"),
            Standing.ENDED: _("%(rights)s ended on %(day)s, not counted"),
            Standing.RENEWED: _("%(rights)s ended on %(day)s and renewed, not counted twice"),
            Standing.WITHDRAWN: _("%(rights)s withdrawn, not counted"),
        }[standing]
    told = text % {**words, "day": frame.form.day(start if standing is Standing.TO_COME else end)}
    return f"{right.paper}: {told}" if right.paper else told


def _counted(frame: Frame, right: RightFact) -> str:
    if right.rights is None:
        return _("Rights for any number")
    return ngettext("%(count)s right", "%(count)s rights", right.rights) % {"count": frame.form.number(right.rights)}
