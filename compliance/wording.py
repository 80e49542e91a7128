"""What a violation says to people: why it was found, what cures it, and what happened to it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.dateparse import parse_datetime
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.models import Event
from compliance.models import Resolution, Violation
from identity.actors import actor_label
from kernel import clock

KINDS = {
    "violation.opened": gettext_lazy("Found by a scan"),
    "violation.seen": gettext_lazy("Seen again with other figures"),
    "violation.assigned": gettext_lazy("Care of it changed"),
    "violation.resolved": gettext_lazy("Resolved"),
    "violation.reopened": gettext_lazy("Opened again"),
}


@dataclass(frozen=True)
class Step:
    """One entry of the ledger about a violation, in words. `actor` is a name or a shortened pseudonym."""

    sequence: int
    at: datetime
    title: str
    text: str
    actor: str


def pill(tone: str, label: object) -> SafeString:
    """A state as icon and word, for a cell of a table."""
    return render_to_string("components/pill.html", {"tone": tone, "label": label})


def number(value: int) -> str:
    """A whole number with the grouping of the reader's language."""
    return number_format(value, decimal_pos=0, use_l10n=True, force_grouping=True)


def moment(text: object) -> str:
    """A stored moment as people read it; empty for none."""
    at = parse_datetime(text) if isinstance(text, str) else None
    return clock.moment(at)


def reasons(violation: Violation) -> list[str]:
    """The figures of the last scan as sentences, and what follows from them last."""
    return [*_facts(violation.evidence), _verdict(violation)]


def _facts(evidence: dict[str, Any]) -> Iterator[str]:
    valid, lapsed = int(evidence.get("rights_valid", 0)), int(evidence.get("rights_lapsed", 0))
    capacity, overdraft = evidence.get("capacity"), int(evidence.get("overdraft", 0))
    yield _seats(
        ngettext(
            "%(count)s seat is covered by rights in force.", "%(count)s seats are covered by rights in force.", valid
        ),
        valid,
    )
    if lapsed:
        ended = _seats(
            ngettext("Rights for %(count)s seat have ended", "Rights for %(count)s seats have ended", lapsed), lapsed
        )
        last = moment(evidence.get("last_lapse_at"))
        yield _("%(ended)s, the last on %(when)s.") % {"ended": ended, "when": last} if last else f"{ended}."
    if capacity is not None and capacity < valid:
        yield _seats(
            ngettext(
                "The pool is set to %(count)s seat, fewer than its rights.",
                "The pool is set to %(count)s seats, fewer than its rights.",
                capacity,
            ),
            capacity,
        )
    if overdraft:
        yield _seats(
            ngettext(
                "An overdraft of %(count)s seat is tolerated beyond the rights.",
                "An overdraft of %(count)s seats is tolerated beyond the rights.",
                overdraft,
            ),
            overdraft,
        )
    if begins := moment(evidence.get("next_right_at")):
        yield _("More rights begin on %(when)s.") % {"when": begins}


def _verdict(violation: Violation) -> str:
    return _("So %(allowed)s seats may be held. %(observed)s are held: %(over)s more than that.") % {
        "allowed": number(violation.allowed),
        "observed": number(violation.observed),
        "over": number(max(violation.observed - violation.allowed, 0)),
    }


def _seats(words: str, count: int) -> str:
    return words % {"count": number(count)}


def step(event: Event, names: dict[str, str]) -> Step:
    """An entry in words; `names` are those of the pseudonyms that the reader may know."""
    details: dict[str, Any] = json.loads(event.body)["details"]
    return Step(
        sequence=event.sequence,
        at=event.occurred_at,
        title=str(KINDS.get(event.kind, event.kind)),
        text=" ".join(_told(event.kind, details, names)),
        actor=actor_label(event.actor, names),
    )


def mentioned(events: Iterable[Event]) -> set[str]:
    """The pseudonyms that these entries name: who acted, and who was made to take care."""
    owners = {json.loads(event.body)["details"].get("owner") for event in events}
    return {event.actor for event in events} | {owner for owner in owners if owner}


def _told(kind: str, details: dict[str, Any], names: dict[str, str]) -> Iterator[str]:
    if kind in {"violation.opened", "violation.seen", "violation.reopened"}:
        yield _("%(observed)s held, %(allowed)s allowed.") % {
            "observed": number(details.get("observed", 0)),
            "allowed": number(details.get("allowed", 0)),
        }
    if kind == "violation.assigned":
        owner = details.get("owner")
        yield _("%(name)s takes care.") % {"name": actor_label(owner, names)} if owner else _("Nobody takes care.")
        if due := moment(details.get("due_at")):
            yield _("To be cured by %(when)s.") % {"when": due}
    if kind == "violation.resolved":
        known = details.get("resolution") in Resolution.values
        yield f"{Resolution(details['resolution']).label}." if known else ""
