"""Admin pages of reservations and eligibility: to read, and to end with a reason."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.admin import action
from seats.admin.steps import APPLY, MANAGE, StepAdmin
from seats.forms import ReasonForm
from seats.models import Eligibility, Reservation
from seats.operations import end_eligibility, end_reservation


class ReservationAdmin(StepAdmin):
    view_permission = "seats.pool.view"
    list_display = ["pool", "for_whom", "quantity", "set_at"]
    list_select_related = ["pool", "unit", "group"]
    search_fields = ["pool__name", "unit__name", "group__display_name_lower"]
    ordering = ["-set_at", "-id"]
    actions = ["end"]
    exclude: ClassVar[Any] = ["set_by"]

    @admin.display(description=gettext_lazy("Reserved for"))
    def for_whom(self, row: Reservation) -> str:
        return str(row.unit or row.group)

    @action(description=gettext_lazy("End…"), needs=MANAGE)
    def end(self, request: Any, queryset: QuerySet[Reservation]) -> HttpResponse | None:
        rows = list(queryset.order_by("pool_id", "id"))
        form = ReasonForm(request.POST if APPLY in request.POST else None)
        if form.is_valid():
            for row in rows:
                end_reservation(reservation=row, reason=form.cleaned_data["reason"], trail=request.trail)
            self.message_user(request, _("The seats are free for everybody."))
            return None
        return self.step(
            request,
            title=_("End reservations"),
            lead=_("Nobody loses a seat; what was kept is free for everybody."),
            form=form,
            submit=_("End the reservations"),
            rows=[f"{row.pool.name} · {row} · {row.quantity}" for row in rows],
            hidden=self.again(request, "end"),
            back=request.get_full_path(),
        )


class EligibilityAdmin(StepAdmin):
    view_permission = "seats.assignment.view"
    list_display = ["pool", "who", "added_at"]
    list_select_related = ["pool", "person", "group"]
    search_fields = ["pool__name", "person__user_name_lower", "group__display_name_lower"]
    ordering = ["-added_at", "-id"]
    actions = ["end"]
    exclude: ClassVar[Any] = ["added_by"]

    @admin.display(description=gettext_lazy("Who may"))
    def who(self, row: Eligibility) -> str:
        return str(row.person or row.group)

    @action(description=gettext_lazy("End…"), needs=MANAGE)
    def end(self, request: Any, queryset: QuerySet[Eligibility]) -> HttpResponse | None:
        rows = list(queryset.order_by("pool_id", "id"))
        form = ReasonForm(request.POST if APPLY in request.POST else None)
        if form.is_valid():
            for row in rows:
                end_eligibility(eligibility=row, reason=form.cleaned_data["reason"], trail=request.trail)
            self.message_user(request, _("They are eligible no longer."))
            return None
        return self.step(
            request,
            title=_("End eligibility"),
            lead=_("Seats that are held stay held."),
            form=form,
            submit=_("End the eligibility"),
            rows=[f"{row.pool.name} · {row}" for row in rows],
            hidden=self.again(request, "end"),
            back=request.get_full_path(),
        )
