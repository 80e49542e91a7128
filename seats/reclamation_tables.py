"""Lists of reclamation: candidates, rules, exemptions."""

from typing import Any, ClassVar

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from seats.models import CandidateState, Exemption, ReclamationKind, ReclamationRule, RemovalCandidate
from seats.queries import holder_name
from seats.use_words import source_label

TONES = {
    CandidateState.READY.value: "info",
    CandidateState.AWAITING_USER.value: "pending",
    CandidateState.AWAITING_APPROVAL.value: "warn",
    CandidateState.COMPLETED.value: "ok",
    CandidateState.SKIPPED.value: "neutral",
    CandidateState.CANCELLED.value: "neutral",
    CandidateState.UNDONE.value: "neutral",
}
DATE = "j M Y"


def candidate_pill(row: RemovalCandidate) -> SafeString:
    return render_to_string("components/pill.html", {"tone": TONES[row.state], "label": row.get_state_display()})


def rule_pill(rule: ReclamationRule) -> SafeString:
    tone, label = ("ok", _("At work")) if rule.is_active else ("neutral", _("Stopped"))
    if rule.feed_silent_since is not None:
        tone, label = "danger", _("No usage data")
    return render_to_string("components/pill.html", {"tone": tone, "label": label})


def rule_words(rule: ReclamationRule) -> str:
    """What the rule demands, as a sentence's part."""
    amount = "" if rule.use_limit is None else f"{rule.use_limit.normalize():f}"
    return {
        ReclamationKind.LAST_USED.value: _("not used for %(days)d days"),
        ReclamationKind.TOTAL_USE.value: _("less than %(amount)s used in %(days)d days"),
        ReclamationKind.PEAK_USE.value: _("never %(amount)s on one day within %(days)d days"),
    }[rule.kind] % {"days": rule.window_days, "amount": amount}


class CandidateTable(tables.Table):  # type: ignore[misc]  # the library has no types
    """Rows are removal candidates; the holder leads to the page of one."""

    holder = tables.Column(verbose_name=gettext_lazy("Holder"), empty_values=(), orderable=False)
    pool = tables.Column(verbose_name=gettext_lazy("Pool"), accessor="assignment__pool__name")
    last_used_at = tables.Column(verbose_name=gettext_lazy("Last used"), empty_values=())
    due_at = tables.Column(verbose_name=gettext_lazy("Next"), empty_values=())
    state = tables.Column(verbose_name=gettext_lazy("State"))

    class Meta:
        empty_text = gettext_lazy("No seat is in this state")
        attrs: ClassVar[dict[str, Any]] = {"caption": gettext_lazy("Seats that are asked back")}

    def render_holder(self, record: RemovalCandidate) -> SafeString:
        return format_html(
            '<div><a href="{}">{}</a><div class="faint">{}</div></div>',
            reverse("seats:removal-candidate", args=[record.id]),
            holder_name(record.assignment),
            record.rule.name,
        )

    def render_last_used_at(self, record: RemovalCandidate) -> SafeString:
        return last_use(record)

    def render_due_at(self, record: RemovalCandidate) -> str:
        if record.due_at is not None:
            return _("by %(date)s") % {"date": _date(record.due_at)}
        if record.ended_at is not None:
            return f"{record.get_outcome_display()}, {_date(record.ended_at)}"
        return _("asked with the next run")

    def render_state(self, record: RemovalCandidate) -> SafeString:
        return candidate_pill(record)


def last_use(row: RemovalCandidate) -> SafeString:
    """The day and who told it."""
    if row.last_used_at is None:
        return format_html('<span class="soft">{}</span>', _("not known"))
    if not row.use_source:
        return format_html("{}", _date(row.last_used_at))
    return format_html(
        '<div>{}<div class="faint">{}</div></div>', _date(row.last_used_at), source_label(row.use_source)
    )


class RuleTable(tables.Table):  # type: ignore[misc]  # the library has no types
    """Rows are reclamation rules."""

    name = tables.Column(
        verbose_name=gettext_lazy("Rule"), linkify=("seats:reclamation-rule", {"rule_id": tables.A("id")})
    )
    target = tables.Column(verbose_name=gettext_lazy("About"), orderable=False)
    demands = tables.Column(verbose_name=gettext_lazy("Selects seats"), empty_values=(), orderable=False)
    looked_at = tables.DateTimeColumn(verbose_name=gettext_lazy("Last looked"), format=DATE, default="–")
    state = tables.Column(verbose_name=gettext_lazy("State"), empty_values=(), orderable=False)

    class Meta:
        attrs: ClassVar[dict[str, Any]] = {"caption": gettext_lazy("Reclamation rules")}

    def render_demands(self, record: ReclamationRule) -> str:
        return rule_words(record)

    def render_state(self, record: ReclamationRule) -> SafeString:
        return rule_pill(record)


class ExemptionTable(tables.Table):  # type: ignore[misc]  # the library has no types
    """Rows are exemptions in force; the last column appears for those who may end them."""

    subject = tables.Column(verbose_name=gettext_lazy("Whose seats"), empty_values=(), orderable=False)
    reason = tables.Column(verbose_name=gettext_lazy("Reason"))
    created_at = tables.DateTimeColumn(verbose_name=gettext_lazy("Since"), format=DATE)
    ends_at = tables.DateTimeColumn(verbose_name=gettext_lazy("Until"), format=DATE, default=gettext_lazy("No end"))
    end = tables.Column(verbose_name="", empty_values=(), orderable=False, attrs={"td": {"class": "num"}})

    class Meta:
        empty_text = gettext_lazy("Nobody is exempt")
        attrs: ClassVar[dict[str, Any]] = {"caption": gettext_lazy("Exemptions from reclamation")}

    def render_subject(self, record: Exemption) -> SafeString:
        kind = _("Person") if record.person_id else _("Group") if record.group_id else _("Pool")
        return format_html('<div>{}<div class="faint">{}</div></div>', record, kind)

    def render_end(self, record: Exemption) -> SafeString:
        return render_to_string(
            "seats/_end_exemption.html",
            {"exemption": record},
            request=self.request if hasattr(self, "request") else None,
        )


def _date(at: Any) -> str:
    return str(date_format(localtime(at), DATE))
