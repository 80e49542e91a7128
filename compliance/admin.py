"""Admin pages of violations and scans."""

from typing import Any

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from compliance.models import ScanRun, Violation
from compliance.operations import scan
from kernel.admin import DisplayAdmin, action

SEVERITY_TONES = {"info": "info", "warning": "warn", "critical": "danger", "severe": "danger"}


class ViolationAdmin(DisplayAdmin):
    view_permission = "compliance.violation.view"
    list_display = [
        "number",
        "kind",
        "pool",
        "observed",
        "allowed",
        "severity_shown",
        "state_shown",
        "first_seen_at",
        "due_at",
    ]
    list_select_related = ["pool"]
    list_filter = ["state", "kind", "severity"]
    search_fields = ["number"]
    ordering = ["-first_seen_at"]

    @admin.display(description=_("Severity"), ordering="severity")
    def severity_shown(self, row: Violation) -> str:
        return _pill(SEVERITY_TONES[row.severity], row.get_severity_display())

    @admin.display(description=_("State"), ordering="state")
    def state_shown(self, row: Violation) -> str:
        return _pill("danger" if row.state == "open" else "ok", row.get_state_display())


class ScanRunAdmin(DisplayAdmin):
    view_permission = "compliance.violation.view"
    list_display = ["started_at", "pools", "opened", "still_open", "resolved"]
    ordering = ["-started_at"]
    actions = ["scan_again"]

    @action(description=_("Scan now"), needs="compliance.scan.run")
    def scan_again(self, request: Any, queryset: Any) -> None:
        outcome = scan(trail=request.trail)
        self.message_user(
            request,
            _("%(pools)d pools judged: %(opened)d violations opened, %(resolved)d resolved.")
            % {"pools": outcome.run.pools, "opened": outcome.run.opened, "resolved": outcome.run.resolved},
        )


def _pill(tone: str, label: Any) -> str:
    return render_to_string("components/pill.html", {"tone": tone, "label": label})


PAGES = ((Violation, ViolationAdmin), (ScanRun, ScanRunAdmin))
