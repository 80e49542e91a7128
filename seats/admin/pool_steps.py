"""Steps in the admin that change the limits of a pool: each is a page with a form and one operation."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from kernel.clock import Clock, DatabaseClock
from seats.admin.steps import MANAGE, EligibleForm, StepAdmin
from seats.forms import CutForm, LimitsForm, ReservationForm, RestrictForm
from seats.models import SeatPool
from seats.operations import (
    cancel_cut,
    confirm_cut,
    cut_of,
    make_eligible,
    plan_cut,
    restrict_pool,
    set_limits,
    set_reservation,
)
from seats.queries import PoolState, holder_name, pool_states
from seats.standing import figures

Step = tuple[str, Any, str, str]
"""Address, label, icon, permission."""


class PoolSteps(StepAdmin):
    """What an administrator decides about the limits of a pool."""

    clock: Clock = DatabaseClock()

    def step_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path(f"<uuid:pool_id>/{name}/", view(work), name=f"seats_seatpool_{name}")
            for name, work in (
                ("limits", self.limits_view),
                ("cut", self.cut_view),
                ("confirm", self.confirm_view),
                ("cancel", self.cancel_view),
                ("reserve", self.reserve_view),
                ("restrict", self.restrict_view),
                ("eligible", self.eligible_view),
            )
        ]

    def steps_of(self, row: Any) -> list[Step]:
        """The buttons of a pool, as its state allows them."""
        cuts: list[Step] = [("admin:seats_seatpool_cut", _("Plan a cut"), "clock", MANAGE)]
        if row.pending_capacity is not None:
            cuts = [
                ("admin:seats_seatpool_confirm", _("Confirm the cut"), "check", MANAGE),
                ("admin:seats_seatpool_cancel", _("Call the cut off"), "x", MANAGE),
            ]
        return [
            ("admin:seats_seatpool_limits", _("Set the limits"), "adjustments", MANAGE),
            *cuts,
            ("admin:seats_seatpool_reserve", _("Reserve seats"), "users", MANAGE),
            ("admin:seats_seatpool_restrict", _("Restrict the pool"), "lock", MANAGE),
            ("admin:seats_seatpool_eligible", _("Make somebody eligible"), "user-check", MANAGE),
        ]

    def _state(self, row: Any) -> PoolState:
        """As the list read it for all its rows, or read for this one."""
        known: PoolState | None = getattr(row, "state_now", None)
        return known or pool_states([row], at=self.clock.now())[0]

    def _pool(self, request: HttpRequest, pool_id: UUID, permission: str) -> SeatPool:
        if not self.allowed(request, permission):
            raise PermissionDenied
        row: SeatPool | None = self.get_queryset(request).filter(id=pool_id).first()
        if row is None:
            raise Http404
        return row

    def _step_of(
        self,
        request: Any,
        pool: SeatPool,
        form: forms.Form,
        work: Callable[[dict[str, Any]], object],
        *,
        title: str,
        done: str,
        **context: Any,
    ) -> HttpResponse:
        back = reverse("admin:seats_seatpool_change", args=[pool.pk])
        if request.method == "POST" and form.is_valid():
            work(form.cleaned_data)
            self.message_user(request, done)
            return HttpResponseRedirect(back)
        kpis = figures(self._state(pool))
        return self.step(request, title=title, lead=pool.name, form=form, submit=title, kpis=kpis, back=back, **context)

    def limits_view(self, request: Any, pool_id: UUID) -> HttpResponse:
        """How many seats may be given out."""
        pool = self._pool(request, pool_id, MANAGE)
        form = LimitsForm(request.POST or None, initial=LimitsForm.of(pool))
        return self._step_of(
            request,
            pool,
            form,
            lambda given: set_limits(pool=pool, trail=request.trail, **given),
            title=_("Set the limits"),
            done=_("The limits are set."),
        )

    def cut_view(self, request: Any, pool_id: UUID) -> HttpResponse:
        """A lower capacity that waits until the use has fallen."""
        pool = self._pool(request, pool_id, MANAGE)
        return self._step_of(
            request,
            pool,
            CutForm(request.POST or None),
            lambda given: plan_cut(pool=pool, trail=request.trail, **given),
            title=_("Plan a cut"),
            done=_("The cut is planned: it waits where it would take somebody's seat."),
        )

    def confirm_view(self, request: Any, pool_id: UUID) -> HttpResponse:
        """Who would lose a seat; exactly these do when the list is confirmed."""
        pool = self._pool(request, pool_id, MANAGE)
        cut = cut_of(pool)
        losers = cut.losers if cut else ()
        shown = request.POST.getlist("loser")
        return self._step_of(
            request,
            pool,
            forms.Form(request.POST or None),
            lambda _given: confirm_cut(pool=pool, losers=_ids(shown), trail=request.trail),
            title=_("Confirm the cut"),
            done=_("The cut is carried out."),
            danger=True,
            rows=[f"{holder_name(row)} · {row.quantity}" for row in losers],
            hidden=[("loser", str(row.id)) for row in losers],
        )

    def cancel_view(self, request: Any, pool_id: UUID) -> HttpResponse:
        """The capacity stays as it is."""
        pool = self._pool(request, pool_id, MANAGE)
        return self._step_of(
            request,
            pool,
            forms.Form(request.POST or None),
            lambda _given: cancel_cut(pool=pool, trail=request.trail),
            title=_("Call the cut off"),
            done=_("The cut is called off."),
        )

    def reserve_view(self, request: Any, pool_id: UUID) -> HttpResponse:
        """Seats kept for a unit or a group."""
        pool = self._pool(request, pool_id, MANAGE)
        return self._step_of(
            request,
            pool,
            ReservationForm(request.POST or None),
            lambda given: set_reservation(pool=pool, trail=request.trail, **given),
            title=_("Reserve seats"),
            done=_("The seats are reserved."),
        )

    def restrict_view(self, request: Any, pool_id: UUID) -> HttpResponse:
        """Whether the pool is for those alone who are named."""
        pool = self._pool(request, pool_id, MANAGE)
        return self._step_of(
            request,
            pool,
            RestrictForm(request.POST or None, initial={"restricted": pool.restricted}),
            lambda given: restrict_pool(pool=pool, trail=request.trail, **given),
            title=_("Restrict the pool"),
            done=_("It is noted who may use the pool."),
        )

    def eligible_view(self, request: Any, pool_id: UUID) -> HttpResponse:
        """Somebody who may use the pool when it is restricted."""
        pool = self._pool(request, pool_id, MANAGE)
        return self._step_of(
            request,
            pool,
            EligibleForm(self.admin_site, request.POST or None),
            lambda given: make_eligible(pool=pool, trail=request.trail, **given),
            title=_("Make somebody eligible"),
            done=_("It is noted who may use the pool."),
        )


def _ids(texts: list[str]) -> list[UUID]:
    """The seats that the page sent back; what is no id stands for no seat, and the list differs."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
