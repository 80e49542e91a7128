"""How a pool stands, in a tone and a word, the same on every page."""

from dataclasses import dataclass
from typing import Any, Literal

from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from seats.queries import PoolState

Code = Literal["over", "lapsed", "full", "free", "unlimited"]
LABELS: dict[Code, Any] = {
    "over": gettext_lazy("Over-allocated"),
    "lapsed": gettext_lazy("No valid right"),
    "full": gettext_lazy("Full"),
    "free": gettext_lazy("Seats free"),
    "unlimited": gettext_lazy("Unlimited"),
}
TONES: dict[Code, str] = {"over": "danger", "lapsed": "warn", "full": "warn", "free": "ok", "unlimited": "info"}


@dataclass(frozen=True)
class Standing:
    code: Code
    tone: str
    label: str


def standing(state: PoolState) -> Standing:
    """The most pressing thing to say about a pool."""
    code = _code(state)
    return Standing(code, TONES[code], str(LABELS[code]))


def _code(state: PoolState) -> Code:
    if state.excess:
        return "over"
    if not state.has_rights:
        return "lapsed"
    if state.limit is None:
        return "unlimited"
    return "free" if state.free else "full"


def standing_pill(state: PoolState) -> SafeString:
    found = standing(state)
    return render_to_string("components/pill.html", {"tone": found.tone, "label": found.label})


def use_meter(state: PoolState) -> SafeString:
    """Seats in use of the limit as a bar; a plain figure where there is no limit."""
    if state.limit is None:
        return format_html("{}", number_format(state.used, use_l10n=True, force_grouping=True))
    tone = {"over": "danger", "full": "warn"}.get(standing(state).code, "")
    return render_to_string(
        "components/meter.html",
        {
            "value": state.used,
            "maximum": state.limit,
            "shown": min(state.used, state.limit or state.used),
            "label": _("Seats in use of %(pool)s") % {"pool": state.name},
            "tone": tone,
        },
    )


def figures(state: PoolState) -> list[dict[str, Any]]:
    """The strip of figures of one pool, as the design system draws it."""
    unlimited = _("Unlimited")
    over = standing(state).code == "over"
    return [
        {
            "label": _("In use"),
            "value": _number(state.used),
            "tone": "danger" if over else "",
            "note": _("%(excess)s more than allowed") % {"excess": _number(state.excess)} if over else "",
            "as_of": state.at,
        },
        {
            "label": _("Limit"),
            "value": unlimited if state.limit is None else _number(state.limit),
            "note": _limit_note(state),
        },
        {
            "label": _("Free"),
            "value": unlimited if state.free is None else _number(state.free),
            "note": _reserved_note(state),
        },
    ]


def _reserved_note(state: PoolState) -> str:
    return _("%(reserved)s reserved and not drawn") % {"reserved": _number(state.reserved)} if state.reserved else ""


def _limit_note(state: PoolState) -> str:
    if state.capacity is not None and state.covered is not None and state.covered < state.capacity:
        return _("Capacity %(capacity)s, of which valid rights cover %(covered)s") % {
            "capacity": _number(state.capacity),
            "covered": _number(state.covered),
        }
    if state.overdraft:
        return _("With an overdraft of %(overdraft)s") % {"overdraft": _number(state.overdraft)}
    return "" if state.hard_limit else _("Soft: more with a reason")


def _number(value: int) -> str:
    return str(number_format(value, use_l10n=True, force_grouping=True))
