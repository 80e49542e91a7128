"""Admin page of floating seats: who holds what, and who waits."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kernel.admin import action
from seats.admin.steps import APPLY, StepAdmin
from seats.forms import ReasonForm
from seats.models import Lease
from seats.models.leases import LIVE_STATES
from seats.operations.lease_ends import force_release
from seats.ownership import ASSIGN_OWN, require_reach
from seats.rules.leases import LeaseState

TONES = {LeaseState.ACTIVE: "ok", LeaseState.OFFERED: "info", LeaseState.WAITING: "warn", LeaseState.REVOKED: "danger"}


class LiveFilter(admin.SimpleListFilter):
    """Leases that hold a seat or wait for one, or that have ended."""

    title = gettext_lazy("liveness")
    parameter_name = "live"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("Held or waiting")), ("no", gettext_lazy("Ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lease]) -> QuerySet[Lease]:
        if self.value() is None:
            return queryset
        live = {"state__in": LIVE_STATES}
        return queryset.filter(**live) if self.value() == "yes" else queryset.exclude(**live)


class LeaseAdmin(StepAdmin):
    view_permission = "seats.assignment.view"
    list_display = ["holder", "pool", "department", "quantity", "standing", "asked_at", "seen_at", "expires_at"]
    list_select_related = ["person", "pool"]
    list_filter = [LiveFilter, "state"]
    search_fields = ["user_lower", "department", "label", "pool__name"]
    ordering = ["-id"]
    exclude: ClassVar[Any] = ["holder_key", "user_lower"]
    actions = ["take_away"]

    @admin.display(description=gettext_lazy("Holder"))
    def holder(self, row: Lease) -> str:
        return str(row.person or row)

    @admin.display(description=gettext_lazy("State"), ordering="state")
    def standing(self, row: Lease) -> str:
        label = _("Borrowed") if row.is_live and row.borrowed_until is not None else row.get_state_display()
        return render_to_string(
            "components/pill.html", {"tone": TONES.get(LeaseState(row.state), "neutral"), "label": label}
        )

    @action(description=gettext_lazy("Take the seat away…"), needs=ASSIGN_OWN)
    def take_away(self, request: Any, queryset: QuerySet[Lease]) -> HttpResponse | None:
        rows = list(queryset.filter(state__in=LIVE_STATES).order_by("pool_id", "id"))
        require_reach(self._principal(request), [row.pool.product_id for row in rows])
        form = ReasonForm(request.POST if APPLY in request.POST else None)
        if form.is_valid():
            for row in rows:
                force_release(lease_id=row.id, reason=form.cleaned_data["reason"], trail=request.trail)
            self.message_user(
                request,
                ngettext("%(count)d lease has ended.", "%(count)d leases have ended.", len(rows))
                % {"count": len(rows)},
            )
            return None
        return self.step(
            request,
            title=_("Take floating seats away"),
            lead=_("Their sessions hear of it at their next sign of life; a borrowed seat works on until its end."),
            form=form,
            submit=_("Take the seats away"),
            danger=True,
            rows=[f"{row.person or row} · {row.pool.name}" for row in rows],
            hidden=self.again(request, "take_away"),
            back=request.get_full_path(),
        )
