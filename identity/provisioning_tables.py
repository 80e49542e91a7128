"""The list of what directory services asked for."""

from typing import Any

import django_tables2
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from identity.models import ProvisioningEntry, ProvisioningOutcome
from kernel.clock import second


class ProvisioningTable(django_tables2.Table):  # type: ignore[misc]  # the package publishes no types
    """One row per write that a directory service asked for."""

    at = django_tables2.Column(verbose_name=_("When"), orderable=False)
    token = django_tables2.Column(verbose_name=_("Token"), default="–", orderable=False)
    verb = django_tables2.Column(verbose_name=_("Request"), orderable=False)
    resource_id = django_tables2.Column(verbose_name=_("Record"), empty_values=(), orderable=False)
    attributes = django_tables2.Column(verbose_name=_("What changed"), empty_values=(), orderable=False)
    outcome = django_tables2.Column(verbose_name=_("Outcome"), orderable=False)
    detail = django_tables2.Column(verbose_name=_("Reason"), empty_values=(), orderable=False)

    class Meta:
        empty_text = _("No request matches this filter")

    def render_at(self, value: Any) -> str:
        return second(value)

    def render_verb(self, record: ProvisioningEntry) -> str:
        return f"{record.verb} {record.resource_type}"

    def render_resource_id(self, record: ProvisioningEntry) -> SafeString:
        if not record.resource_id:
            return format_html("{}", "–")
        external = format_html('<div class="soft small">{}</div>', record.external_id) if record.external_id else ""
        return format_html('<div><div class="mono small">{}</div>{}</div>', record.resource_id, external)

    def render_attributes(self, record: ProvisioningEntry) -> str:
        return ", ".join(record.attributes) or "–"

    def render_outcome(self, record: ProvisioningEntry) -> str:
        tone = "ok" if record.outcome == ProvisioningOutcome.DONE else "danger"
        context = {"tone": tone, "label": f"{record.get_outcome_display()} ({record.status})"}
        return render_to_string("components/pill.html", context)

    def render_detail(self, record: ProvisioningEntry) -> str:
        return ": ".join(part for part in (record.scim_type, record.detail) if part) or "–"
