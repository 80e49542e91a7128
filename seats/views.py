"""The pages of seats: pools with their use, the holders of one pool, assigning and releasing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from kernel.clock import Clock, DatabaseClock
from kernel.pages import PageRequest, form_valid, page, show_page
from seats.forms import AssignForm, ReasonForm
from seats.models import SeatPool
from seats.operations import AssignmentNotFound, PoolNotFound, assign_many, release
from seats.ownership import ASSIGN_OWN, require_reach, seat_reach
from seats.queries import (
    PoolState,
    candidates,
    holder_name,
    holders,
    holders_named,
    live_holders,
    pool_states,
    pools,
    reservation_states,
    reservations,
    sources_of,
)
from seats.queries.leaving import waiting_claims
from seats.standing import figures, standing
from seats.tables import HolderTable, PoolFilter, PoolTable

POOLS = "seats.pool.view"
SEATS = "seats.assignment.view"
MANAGE = "seats.pool.manage"
ROWS = 25
CLOCK: Clock = DatabaseClock()


@page(POOLS)
def pool_list(request: PageRequest) -> HttpResponseBase:
    """Every pool with what is used of what is allowed; searched and filtered without loading the page again."""
    found = PoolFilter(request.GET, queryset=pools().order_by("name"))
    everything = pool_states(found.qs, at=CLOCK.now())
    wanted = found.form.cleaned_data.get("state") if found.form.is_valid() else ""
    states = [state for state in everything if not wanted or standing(state).code == wanted]
    table = PoolTable(states, order_by="-utilisation")
    show_page(table, request, rows=ROWS)
    context = {"table": table, "form": found.form, "kpis": _totals(states), "is_filtered": any(request.GET.values())}
    return render(request, "seats/_pools.html" if request.htmx else "seats/pools.html", context)


def _totals(states: list[PoolState]) -> list[dict[str, Any]]:
    over = [state for state in states if state.excess]
    limited = [state for state in states if state.limit is not None]
    free = sum(state.free or 0 for state in limited)
    return [
        {"label": _("Pools"), "value": _number(len(states)), "icon": "armchair"},
        {"label": _("Seats in use"), "value": _number(sum(state.used for state in states)), "icon": "users"},
        {"label": _("Seats free"), "value": _number(free), "note": _("in pools with a limit"), "icon": "circle-dashed"},
        {
            "label": _("Over-allocated"),
            "value": _number(len(over)),
            "unit": ngettext("pool", "pools", len(over)),
            "tone": "danger" if over else "ok",
            "href": reverse("seats:pools") + "?state=over",
        },
    ]


def _number(value: int) -> str:
    return str(number_format(value, use_l10n=True, force_grouping=True))


@page(POOLS)
@require_GET
def pool_page(request: PageRequest, pool_id: UUID) -> HttpResponseBase:
    """One pool: figures, the rights behind it, who holds its seats, and the form that gives one."""
    context = _about(request, _pool(pool_id), AssignForm())
    return render(request, "seats/_holders.html" if request.htmx else "seats/pool.html", context)


@page(ASSIGN_OWN)
@require_POST
def assign_seat(request: PageRequest, pool_id: UUID) -> HttpResponseBase:
    """Gives a seat to whoever was found; a refusal stands in the form, beside what was typed."""
    pool = _pool(pool_id)
    require_reach(request.principal, [pool.product_id])
    form = AssignForm(request.POST)
    if form_valid(form, request):
        [placed] = assign_many(pool=pool, requests=[form.cleaned_data["request"]], trail=request.trail).placed
        said = _("%(name)s holds a seat now.") if placed.is_new else _("%(name)s held a seat already; none was added.")
        messages.success(request, said % {"name": holder_name(placed.assignment)})
        return redirect("seats:pool", pool_id=pool.id)
    return render(request, "seats/pool.html", _about(request, pool, form), status=_status(request))


@page(ASSIGN_OWN)
@require_GET
def candidate_list(request: PageRequest, pool_id: UUID) -> HttpResponse:
    """People and devices that the search of the form finds, as choices."""
    pool = _pool(pool_id)
    require_reach(request.principal, [pool.product_id])
    found = candidates(request.GET.get("search", ""), pool_id=pool.id)
    context = {"candidates": found, "text": request.GET.get("search", "").strip(), "chosen": ""}
    return render(request, "seats/_candidates.html", context)


@page(ASSIGN_OWN)
def release_seat(request: PageRequest, assignment_id: UUID) -> HttpResponseBase:
    """Asks for the reason and confirms; the seat is free at once."""
    row = holders().filter(id=assignment_id).first()
    if row is None:
        raise AssignmentNotFound(_("There is no such seat in your organisation."))
    require_reach(request.principal, [row.pool.product_id])
    form = ReasonForm(request.POST or None)
    if form_valid(form, request):
        release(assignment=row, reason=form.cleaned_data["reason"], trail=request.trail)
        messages.success(request, _("%(name)s no longer holds a seat.") % {"name": holder_name(row)})
        return redirect("seats:pool", pool_id=row.pool_id)
    context = {"row": row, "name": holder_name(row), "form": form}
    return render(request, "seats/release.html", context, status=_status(request))


def _status(request: PageRequest) -> int:
    """200 for a form to fill in, 422 for one with mistakes; a refusal brings its own."""
    return 422 if request.method == "POST" and request.refusal is None else 200


def _pool(pool_id: UUID) -> SeatPool:
    row = pools().filter(id=pool_id).first()
    if row is None:
        raise PoolNotFound(_("There is no such pool in your organisation."))
    return row


def _about(request: PageRequest, pool: SeatPool, form: AssignForm) -> dict[str, Any]:
    """Everything on the page of a pool, as far as the reader may see it."""
    [state] = pool_states([pool], at=CLOCK.now())
    may_assign = seat_reach(request.principal).covers(pool.product_id)
    return {
        "pool": pool,
        "state": state,
        "standing": standing(state),
        "kpis": figures(state),
        "sources": sources_of(pool.id, at=state.at),
        "reservations": reservation_states(list(reservations().filter(pool=pool))) if pool.reserved else [],
        "may_manage": request.principal.may(MANAGE),
        "holders": _holders(request, pool, may_release=may_assign) if request.principal.may(SEATS) else None,
        "waiting": waiting_claims(pool.id)[:ROWS] if request.principal.may(SEATS) else [],
        "may_withdraw": may_assign,
        "form": form if may_assign else None,
        "candidates": candidates(form["search"].value() or "", pool_id=pool.id) if may_assign else [],
        "text": form["search"].value() or "",
        "chosen": form["holder"].value() or "",
    }


def _holders(request: PageRequest, pool: SeatPool, *, may_release: bool) -> HolderTable:
    rows, text = live_holders(pool.id), request.GET.get("q", "")
    table = HolderTable(
        holders_named(rows, text) if text.strip() else rows, exclude=() if may_release else ("release",)
    )
    show_page(table, request, rows=ROWS)
    return table
