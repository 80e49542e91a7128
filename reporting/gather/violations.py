"""Violations that were open in the period, each with its story from the ledger."""

from collections import defaultdict

from django.utils.translation import ngettext

from audit.queries import events
from compliance.models import Violation, ViolationState
from compliance.queries import violations_in
from compliance.wording import step
from reporting.gather.frame import Frame
from reporting.gather.people import Colleagues
from reporting.packages.snapshot import Severity, TimelineEntry, ViolationRow

KINDS = ("violation.opened", "violation.seen", "violation.assigned", "violation.resolved", "violation.reopened")


def violations(frame: Frame, people: Colleagues) -> tuple[ViolationRow, ...]:
    """Oldest first. Two queries."""
    found = list(violations_in(frame.start, frame.end).filter(frame.within("pool__product")))
    stories = _stories({str(row.id) for row in found}, people)
    return tuple(_row(frame, row, stories[str(row.id)], people) for row in found)


def _stories(ids: set[str], people: Colleagues) -> dict[str, list[TimelineEntry]]:
    told: dict[str, list[TimelineEntry]] = defaultdict(list)
    for event in events().filter(kind__in=KINDS, subject_type=Violation._meta.label_lower):
        if event.subject_id in ids:
            said = step(event, people.by_pseudonym)
            text = f"{said.title}. {said.text}" if said.text else said.title
            told[event.subject_id].append(TimelineEntry(said.at, text, said.sequence))
    return told


def _row(frame: Frame, row: Violation, story: list[TimelineEntry], people: Colleagues) -> ViolationRow:
    pool = row.pool
    return ViolationRow(
        number=row.number,
        kind=row.kind,
        title=str(row.get_kind_display()),
        severity=Severity(row.severity),
        publisher=pool.product.publisher.name if pool else "",
        product=pool.product.name if pool else "",
        subject=pool.name if pool else row.subject_id,
        first_seen=row.first_seen_at,
        last_seen=row.last_seen_at,
        observed=_seats(frame, row.observed),
        allowed=_seats(frame, row.allowed),
        open=row.state == ViolationState.OPEN,
        owner_role=people.by_account.get(row.owner_id, "") if row.owner_id else "",
        due_on=frame.day(row.due_at),
        resolution=str(row.get_resolution_display()) if row.resolution else "",
        timeline=tuple(story),
    )


def _seats(frame: Frame, count: int) -> str:
    return ngettext("%(count)s seat", "%(count)s seats", count) % {"count": frame.form.number(count)}
