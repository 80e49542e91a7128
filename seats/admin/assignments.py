"""Admin pages of assignments."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kernel.admin import action
from seats.admin.steps import APPLY, StepAdmin, TransferForm
from seats.forms import ReasonForm
from seats.models import Assignment
from seats.operations import release_many, transfer
from seats.ownership import ASSIGN_OWN, require_reach
from seats.queries import holder_name, is_direct_grant


class HeldFilter(admin.SimpleListFilter):
    """Seats that are held now, or that were released."""

    title = gettext_lazy("state")
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("Held now")), ("no", gettext_lazy("Released"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Assignment]) -> QuerySet[Assignment]:
        value = self.value()
        return queryset if value is None else queryset.filter(released_at__isnull=value == "yes")


class AssignmentAdmin(StepAdmin):
    view_permission = "seats.assignment.view"
    list_display = ["holder", "pool", "quantity", "since", "until", "grant", "state"]
    list_select_related = ["person", "device", "pool"]
    list_filter = [HeldFilter, "source", "over_limit"]
    search_fields = [
        "person__user_name_lower", "person__display_name", "device__hostname_lower", "external_holder_lower",
        "pool__name",
    ]  # fmt: skip
    ordering = ["-since", "-id"]
    exclude: ClassVar[Any] = ["external_holder_lower"]
    actions = ["release_seats", "transfer_seat"]

    @admin.display(description=gettext_lazy("Holder"))
    def holder(self, row: Assignment) -> str:
        return holder_name(row)

    @admin.display(description=gettext_lazy("Given by"), ordering="source")
    def grant(self, row: Assignment) -> str:
        if not is_direct_grant(row):
            return row.get_source_display()
        return render_to_string("components/pill.html", {"tone": "info", "label": _("Direct grant")})

    @admin.display(description=gettext_lazy("State"), ordering="released_at")
    def state(self, row: Assignment) -> str:
        tone, label = ("ok", _("Held")) if row.is_live else ("neutral", _("Released"))
        if row.is_live and row.over_limit:
            tone, label = "warn", _("Beyond the limit")
        return render_to_string("components/pill.html", {"tone": tone, "label": label})

    @action(description=gettext_lazy("Release…"), needs=ASSIGN_OWN)
    def release_seats(self, request: Any, queryset: QuerySet[Assignment]) -> HttpResponse | None:
        rows = list(queryset.filter(released_at__isnull=True).order_by("id"))
        require_reach(self._principal(request), [row.pool.product_id for row in rows])
        form = ReasonForm(request.POST if APPLY in request.POST else None)
        if form.is_valid():
            release_many(assignments=rows, reason=form.cleaned_data["reason"], trail=request.trail)
            self.message_user(
                request,
                ngettext("%(count)d seat is free.", "%(count)d seats are free.", len(rows)) % {"count": len(rows)},
            )
            return None
        return self.step(
            request,
            title=_("Release seats"),
            lead=_("Their holders lose them at once. Nothing is deleted."),
            form=form,
            submit=_("Release the seats"),
            danger=True,
            rows=[f"{holder_name(row)} · {row.pool.name}" for row in rows],
            hidden=self.again(request, "release_seats"),
            back=request.get_full_path(),
        )

    @action(description=gettext_lazy("Transfer…"), needs=ASSIGN_OWN)
    def transfer_seat(self, request: Any, queryset: QuerySet[Assignment]) -> HttpResponse | None:
        """One seat passes on to another holder."""
        rows = list(queryset.filter(released_at__isnull=True).order_by("id")[:2])
        require_reach(self._principal(request), [row.pool.product_id for row in rows])
        if len(rows) != 1:
            self.message_user(request, _("Choose one seat that is held."), messages.WARNING)
            return None
        form = TransferForm(self.admin_site, request.POST if APPLY in request.POST else None)
        if form.is_valid():
            made = transfer(assignment=rows[0], trail=request.trail, **form.cleaned_data)
            self.message_user(request, _("%(name)s holds the seat now.") % {"name": holder_name(made)})
            return None
        return self.step(
            request,
            title=_("Transfer a seat"),
            lead=_("The seat passes on at once; the pool's use stays the same."),
            form=form,
            submit=_("Transfer the seat"),
            rows=[f"{holder_name(row)} · {row.pool.name}" for row in rows],
            hidden=self.again(request, "transfer_seat"),
            back=request.get_full_path(),
        )
