"""Admin pages of leavers, of groups that bring seats, and of who waits for one."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kernel.admin import action
from seats.admin.steps import APPLY, StepAdmin
from seats.forms import ReasonForm
from seats.models import Departure, GroupRule, SeatClaim
from seats.operations import confirm_departures, end_group_rule, keep_departures, withdraw_claim
from seats.ownership import ASSIGN_OWN, require_reach

DECIDE = "seats.departure.decide"
MANAGE = "seats.group_rule.manage"
TONES = {
    "released": "neutral", "grace": "pending", "held": "warn", "stopped": "danger", "kept": "info", "returned": "ok",
}  # fmt: skip


def _pill(tone: str, label: Any) -> str:
    return render_to_string("components/pill.html", {"tone": tone, "label": label})


class DepartureAdmin(StepAdmin):
    view_permission = "seats.departure.view"
    list_display = ["person", "left_at", "count", "shown", "due_at"]
    list_select_related = ["person"]
    list_filter = ["state"]
    search_fields = ["person__user_name_lower", "person__display_name"]
    ordering = ["-left_at", "-id"]
    actions = ["confirm", "keep"]

    @admin.display(description=gettext_lazy("Seats"))
    def count(self, row: Departure) -> int:
        return len(row.seats)

    @admin.display(description=gettext_lazy("State"), ordering="state")
    def shown(self, row: Departure) -> str:
        return _pill(TONES[row.state], row.get_state_display())

    @action(description=gettext_lazy("Confirm: their seats go…"), needs=DECIDE)
    def confirm(self, request: Any, queryset: QuerySet[Departure]) -> HttpResponse | None:
        return self._decide(request, queryset, "confirm", confirm_departures, _("Confirm the leavers"))

    @action(description=gettext_lazy("Keep their seats…"), needs=DECIDE)
    def keep(self, request: Any, queryset: QuerySet[Departure]) -> HttpResponse | None:
        return self._decide(request, queryset, "keep", keep_departures, _("Keep the seats"))

    def _decide(
        self, request: Any, rows: QuerySet[Departure], name: str, decide: Callable[..., list[Departure]], title: str
    ) -> HttpResponse | None:
        form = ReasonForm(request.POST if APPLY in request.POST else None)
        if form.is_valid():
            chosen = list(rows.values_list("id", flat=True))
            done = decide(departure_ids=chosen, reason=form.cleaned_data["reason"], trail=request.trail)
            said = ngettext("%(count)d departure is decided.", "%(count)d departures are decided.", len(done))
            self.message_user(request, said % {"count": len(done)})
            return None
        return self.step(
            request,
            title=title,
            lead=_("All of them, or none when one does not wait for a decision."),
            form=form,
            submit=title,
            danger=name == "confirm",
            rows=[str(row.person) for row in rows.select_related("person")],
            hidden=self.again(request, name),
            back=request.get_full_path(),
        )


class GroupRuleAdmin(StepAdmin):
    view_permission = "seats.pool.view"
    list_display = ["group_name", "pool", "priority", "grace_days", "state"]
    list_select_related = ["pool"]
    search_fields = ["group_name", "pool__name"]
    ordering = ["ended_at", "priority", "group_name"]
    actions = ["end_and_release", "end_and_leave"]

    @admin.display(description=gettext_lazy("State"), ordering="ended_at")
    def state(self, row: GroupRule) -> str:
        return _pill("ok", _("In force")) if row.ended_at is None else _pill("neutral", _("Ended"))

    @action(description=gettext_lazy("End, and release the seats that it gave"), needs=MANAGE)
    def end_and_release(self, request: Any, queryset: QuerySet[GroupRule]) -> None:
        self._end(request, queryset, release_seats=True)

    @action(description=gettext_lazy("End, and leave the seats with their holders"), needs=MANAGE)
    def end_and_leave(self, request: Any, queryset: QuerySet[GroupRule]) -> None:
        self._end(request, queryset, release_seats=False)

    def _end(self, request: Any, rows: QuerySet[GroupRule], *, release_seats: bool) -> None:
        chosen = list(rows.order_by("id").values_list("id", flat=True))
        for rule_id in chosen:
            end_group_rule(rule_id=rule_id, release_seats=release_seats, trail=request.trail)
        said = ngettext("%(count)d rule has ended.", "%(count)d rules have ended.", len(chosen))
        self.message_user(request, said % {"count": len(chosen)})


class SeatClaimAdmin(StepAdmin):
    view_permission = "seats.assignment.view"
    list_display = ["person", "pool", "kind", "priority", "created_at", "state"]
    list_select_related = ["person", "pool", "rule"]
    list_filter: ClassVar[Any] = ["kind", "code"]
    search_fields = ["person__user_name_lower", "person__display_name", "pool__name"]
    ordering = ["priority", "created_at", "id"]
    actions = ["withdraw"]

    @admin.display(description=gettext_lazy("State"))
    def state(self, row: SeatClaim) -> str:
        if row.ended_at is not None:
            return _pill("neutral", row.get_end_reason_display())
        return _pill("pending", _("Waits")) if row.is_waiting else _pill("ok", _("Holds a seat"))

    @action(description=gettext_lazy("Waits no longer"), needs=ASSIGN_OWN)
    def withdraw(self, request: Any, queryset: QuerySet[SeatClaim]) -> None:
        rows = list(queryset.select_related("pool").order_by("id"))
        require_reach(self._principal(request), [row.pool.product_id for row in rows])
        for row in rows:
            withdraw_claim(claim_id=row.id, trail=request.trail)
        said = ngettext("%(count)d claim waits no longer.", "%(count)d claims wait no longer.", len(rows))
        self.message_user(request, said % {"count": len(rows)})
