"""Admin pages of schedules, runs and the outbox."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from jobs.models import JobRun, OutboxMessage, Schedule, ScheduleRun
from jobs.operations import change_schedule, retry_message
from kernel.admin import DisplayAdmin, action

TONES = {
    "waiting": "pending",
    "sent": "ok",
    "dead": "danger",
    "queued": "pending",
    "running": "info",
    "done": "ok",
    "failed": "danger",
}


def state_pill(row: Any) -> str:
    return render_to_string("components/pill.html", {"tone": TONES[row.state], "label": row.get_state_display()})


class ScheduleRunInline(admin.TabularInline):  # type: ignore[type-arg]  # generic at type-checking time only
    """The last periods that ran."""

    model = ScheduleRun
    fields = ["period", "started_at", "finished_at", "outcome"]
    readonly_fields = ["period", "started_at", "finished_at", "outcome"]
    extra = 0
    max_num = 0
    can_delete = False
    ordering = ["-started_at"]

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class ScheduleAdmin(DisplayAdmin):
    """Times and switch can be changed here; saving calls the one operation that also writes the scheduler's table."""

    view_permission = "jobs.schedule.view"
    list_display = ["name", "kind", "minute", "hour", "day_of_week", "day_of_month", "time_zone", "enabled"]
    fields = ["name", "kind", "enabled", "minute", "hour", "day_of_week", "day_of_month", "month_of_year", "time_zone"]
    readonly_fields = ["name", "kind"]
    inlines = [ScheduleRunInline]
    ordering = ["name"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._principal(request).may("jobs.schedule.manage")

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        change_schedule(schedule_id=obj.id, trail=request.trail, **changes)


class JobRunAdmin(DisplayAdmin):
    view_permission = "jobs.run.view"
    list_display = ["kind", "state_shown", "progress", "stage", "created_at", "finished_at", "error_code"]
    list_filter = ["kind", "state"]
    ordering = ["-created_at"]

    @admin.display(description=_("State"), ordering="state")
    def state_shown(self, row: JobRun) -> str:
        return state_pill(row)


class OutboxMessageAdmin(DisplayAdmin):
    """What could not be delivered, why, and the button to try again."""

    view_permission = "jobs.run.view"
    list_display = ["channel", "state_shown", "attempts", "created_at", "next_at", "sent_at", "last_error"]
    list_filter = ["channel", "state"]
    ordering = ["-created_at"]
    fields = ["channel", "order_key", "state", "attempts", "created_at", "next_at", "sent_at", "last_error"]
    actions = ["retry"]

    @admin.display(description=_("State"), ordering="state")
    def state_shown(self, row: OutboxMessage) -> str:
        return state_pill(row)

    @action(description=_("Try again now"), needs="jobs.schedule.manage")
    def retry(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        revived = sum(retry_message(message_id=row.id, trail=request.trail) for row in queryset)  # type: ignore[attr-defined]  # set by the admin site
        self.message_user(request, _("%(count)s messages will be tried again.") % {"count": revived})


PAGES = ((Schedule, ScheduleAdmin), (JobRun, JobRunAdmin), (OutboxMessage, OutboxMessageAdmin))
