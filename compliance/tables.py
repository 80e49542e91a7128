"""The list of violations."""

import django_tables2
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from compliance.models import Severity, Violation, ViolationState
from compliance.wording import number, pill

FIGURE = {"td": {"class": "num"}, "th": {"class": "num"}}


class ViolationTable(django_tables2.Table):  # type: ignore[misc]  # the package publishes no types
    """One row per violation; the number leads to its page."""

    number = django_tables2.Column(
        verbose_name=_("Number"), linkify=("compliance:violation", {"violation_id": django_tables2.A("id")})
    )
    product = django_tables2.Column(verbose_name=_("Product"), accessor="pool__product__name", empty_values=())
    kind = django_tables2.Column(verbose_name=_("What was found"))
    severity = django_tables2.Column(verbose_name=_("Severity"))
    observed = django_tables2.Column(verbose_name=_("Held"), attrs=FIGURE)
    allowed = django_tables2.Column(verbose_name=_("Allowed"), attrs=FIGURE)
    first_seen_at = django_tables2.DateTimeColumn(verbose_name=_("First seen"), format="j M Y")
    owner = django_tables2.Column(verbose_name=_("Who takes care"), default="–")
    state = django_tables2.Column(verbose_name=_("State"))

    class Meta:
        empty_text = _("No violation matches these filters")

    def render_product(self, record: Violation) -> SafeString:
        pool = record.pool
        if pool is None:
            return format_html("{}", record.subject_id)
        edition = f" {pool.edition.name}" if pool.edition else ""
        cell = '<div>{}{}<div class="soft small">{}</div></div>'
        return format_html(cell, pool.product.name, edition, pool.metric.name)

    def render_severity(self, record: Violation) -> SafeString:
        return pill(SEVERITY_TONES[record.severity], record.get_severity_display())

    def render_state(self, record: Violation) -> SafeString:
        return pill(STATE_TONES[record.state], record.get_state_display())

    def render_observed(self, value: int) -> str:
        return number(value)

    def render_allowed(self, value: int) -> str:
        return number(value)


SEVERITY_TONES = {
    Severity.INFO.value: "info",
    Severity.WARNING.value: "warn",
    Severity.CRITICAL.value: "danger",
    Severity.SEVERE.value: "danger",
}
STATE_TONES = {ViolationState.OPEN.value: "pending", ViolationState.RESOLVED.value: "ok"}
