"""Admin pages of pools."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kernel.admin import action
from kernel.clock import Clock, DatabaseClock
from seats.admin.pool_steps import PoolSteps
from seats.admin.steps import APPLY, PersonForm, SeatForm
from seats.models import SeatPool
from seats.operations import SeatRequest, assign, assign_in_pools
from seats.ownership import ASSIGN_OWN, require_reach, seat_reach
from seats.queries import holder_name, pool_states, sources_of
from seats.standing import figures, standing_pill, use_meter


class PoolList(ChangeList):
    """Reads the state of all pools of the page at once."""

    clock: Clock = DatabaseClock()

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: Any = list(self.result_list)
        for row, state in zip(rows, pool_states(rows, at=self.clock.now()), strict=True):
            row.state_now = state
        self.result_list = rows


class SeatPoolAdmin(PoolSteps):
    view_permission = "seats.pool.view"
    list_display = ["name", "publisher", "use", "free", "state", "hard_limit"]
    list_select_related = ["product__publisher", "edition", "metric", "scope_unit"]
    list_filter = ["hard_limit", "unlimited", "restricted", "metric"]
    search_fields = ["name", "product__name_lower", "product__publisher__name_lower"]
    ordering = ["name"]
    fields: ClassVar[Any] = [
        "name", "product", "edition", "metric", "scope_unit", "territory",
        "state", "seats", "pending_capacity", "pending_reason", "overdraft", "kind", "reserved", "restricted",
        "created_at",
    ]  # fmt: skip
    readonly_fields: ClassVar[Any] = ["state", "seats", "kind", "reserved", "pending_capacity", "pending_reason"]
    actions = ["assign_in_each"]
    clock: Clock = DatabaseClock()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PoolList

    def get_queryset(self, request: HttpRequest) -> QuerySet[SeatPool]:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def get_urls(self) -> list[Any]:
        """The steps, in front of the stock routes, whose last one takes every address."""
        view = self.admin_site.admin_view
        return [
            path("<uuid:pool_id>/assign/", view(self.assign_view), name="seats_seatpool_assign"),
            *self.step_urls(),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return super().change_view(request, object_id, form_url, extra_context)
        steps = (
            ("admin:seats_seatpool_assign", _("Assign a seat"), "user-check", ASSIGN_OWN),
            *self.steps_of(row),
        )
        state = self._state(row)
        context = {
            "kpis": figures(state),
            "state": state,
            "sources": sources_of(state.id, at=state.at),
            "steps": [
                (reverse(name, args=[row.pk]), label, icon)
                for name, label, icon, needs in steps
                if self.allowed(request, needs) and (needs != ASSIGN_OWN or self._reaches(request, row))
            ],
        }
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def _reaches(self, request: HttpRequest, pool: SeatPool) -> bool:
        return seat_reach(self._principal(request)).covers(pool.product_id)

    @admin.display(description=gettext_lazy("Publisher"), ordering="product__publisher__name_lower")
    def publisher(self, row: SeatPool) -> str:
        return row.product.publisher.name

    @admin.display(description=gettext_lazy("In use"))
    def use(self, row: SeatPool) -> SafeString:
        return use_meter(self._state(row))

    @admin.display(description=gettext_lazy("Free"))
    def free(self, row: SeatPool) -> Any:
        free = self._state(row).free
        return _("Unlimited") if free is None else free

    free.numeric = True  # type: ignore[attr-defined]  # read by the list's template

    @admin.display(description=gettext_lazy("State"))
    def state(self, row: SeatPool) -> SafeString:
        return standing_pill(self._state(row))

    @admin.display(description=gettext_lazy("Capacity"))
    def seats(self, row: SeatPool) -> Any:
        return _("Unlimited") if row.capacity is None else row.capacity

    @admin.display(description=gettext_lazy("Kind of limit"))
    def kind(self, row: SeatPool) -> str:
        return _("Hard: never more") if row.hard_limit else _("Soft: more with a reason, flagged and reported")

    def assign_view(self, request: Any, pool_id: UUID) -> HttpResponse:
        """One seat of one pool; a refusal is shown above the form."""
        pool = self._pool(request, pool_id, ASSIGN_OWN)
        if not self._reaches(request, pool):
            raise PermissionDenied
        form = SeatForm(self.admin_site, request.POST or None)
        if request.method == "POST" and form.is_valid():
            row = assign(pool=pool, trail=request.trail, **form.cleaned_data)
            self.message_user(
                request, _("%(holder)s holds a seat of %(pool)s.") % {"holder": holder_name(row), "pool": pool}
            )
            return HttpResponseRedirect(reverse("admin:seats_seatpool_change", args=[pool.pk]))
        return self.step(
            request,
            title=_("Assign a seat"),
            lead=pool.name,
            form=form,
            submit=_("Assign the seat"),
            kpis=figures(self._state(pool)),
            back=reverse("admin:seats_seatpool_change", args=[pool.pk]),
        )

    @action(description=gettext_lazy("Assign a seat in each to a person…"), needs=ASSIGN_OWN)
    def assign_in_each(self, request: Any, queryset: QuerySet[SeatPool]) -> HttpResponse | None:
        """A seat of every chosen pool, or of none."""
        pools = list(queryset)
        require_reach(self._principal(request), [pool.product_id for pool in pools])
        form = PersonForm(self.admin_site, request.POST if APPLY in request.POST else None)
        if form.is_valid():
            wanted = [SeatRequest(**form.cleaned_data)]
            assign_in_pools(requests=dict.fromkeys([pool.id for pool in pools], wanted), trail=request.trail)
            self.message_user(
                request,
                ngettext("A seat of %(count)d pool is assigned.", "Seats of %(count)d pools are assigned.", len(pools))
                % {"count": len(pools)},
            )
            return None
        return self.step(
            request,
            title=_("Assign a seat in each to a person"),
            lead=_("All of them, or none when one is full."),
            form=form,
            submit=_("Assign the seats"),
            rows=pools,
            hidden=self.again(request, "assign_in_each"),
            back=request.get_full_path(),
        )
