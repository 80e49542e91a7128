"""Pages that change the limits of a pool, and the one on which a seat passes on to another holder."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel.pages import PageRequest, form_valid, page
from seats.forms import CutForm, LimitsForm, ReservationForm, TransferForm
from seats.models import SeatPool
from seats.operations import (
    AssignmentNotFound,
    PoolNotFound,
    cancel_cut,
    confirm_cut,
    cut_of,
    plan_cut,
    set_limits,
    set_reservation,
    transfer,
)
from seats.ownership import ASSIGN_OWN, require_reach
from seats.queries import candidates, holder_name, holders, pools

MANAGE = "seats.pool.manage"


@page(MANAGE)
def limits(request: PageRequest, pool_id: UUID) -> HttpResponseBase:
    """Capacity, overdraft and the kind of limit."""
    pool = _pool(pool_id)
    form = LimitsForm(request.POST or None, initial=LimitsForm.of(pool))
    if form_valid(form, request):
        set_limits(pool=pool, trail=request.trail, **form.cleaned_data)
        messages.success(request, _("The limits are set."))
        return redirect("seats:pool", pool_id=pool.id)
    return _step(request, pool, form, title=_("Set the limits"), submit=_("Set the limits"))


@page(MANAGE)
def cut(request: PageRequest, pool_id: UUID) -> HttpResponseBase:
    """A lower capacity that waits where it would take somebody's seat."""
    pool = _pool(pool_id)
    form = CutForm(request.POST or None)
    if form_valid(form, request):
        row = plan_cut(pool=pool, trail=request.trail, **form.cleaned_data)
        if row.pending_capacity is None:
            messages.success(request, _("The capacity is cut; nobody held a seat beyond it."))
            return redirect("seats:pool", pool_id=pool.id)
        return redirect("seats:confirm_cut", pool_id=pool.id)
    lead = _("Nobody loses a seat: a cut below the use waits until seats were given back or you confirm who loses one.")
    return _step(request, pool, form, title=_("Plan a cut"), submit=_("Plan the cut"), lead=lead)


@page(MANAGE)
def confirm(request: PageRequest, pool_id: UUID) -> HttpResponseBase:
    """Who would lose a seat, and the button that takes exactly these."""
    pool = _pool(pool_id)
    waiting = cut_of(pool)
    form = ConfirmForm(request.POST or None)
    if form_valid(form, request):
        gone = confirm_cut(pool=pool, losers=form.cleaned_data["losers"], trail=request.trail)
        done = ngettext(
            "The cut is carried out; %(count)d seat is free.",
            "The cut is carried out; %(count)d seats are free.",
            len(gone),
        )
        messages.success(request, done % {"count": len(gone)})
        return redirect("seats:pool", pool_id=pool.id)
    losers = waiting.losers if waiting else ()
    context = {"pool": pool, "cut": waiting, "losers": [(row, holder_name(row)) for row in losers], "form": form}
    return render(request, "seats/cut.html", context, status=_status(request))


class ConfirmForm(forms.Form):
    """The seats that the page showed, as one text of ids."""

    losers = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_losers(self) -> list[UUID]:
        try:
            return [UUID(one) for one in self.cleaned_data["losers"].split()]
        except ValueError as error:
            raise forms.ValidationError(_("Look at the list again.")) from error


@page(MANAGE)
def cancel(request: PageRequest, pool_id: UUID) -> HttpResponseBase:
    """The capacity stays as it is."""
    pool = _pool(pool_id)
    form = forms.Form(request.POST if request.method == "POST" else None)
    if form_valid(form, request):
        cancel_cut(pool=pool, trail=request.trail)
        messages.success(request, _("The cut is called off."))
        return redirect("seats:pool", pool_id=pool.id)
    return _step(request, pool, form, title=_("Call the cut off"), submit=_("Call it off"))


@page(MANAGE)
def reserve(request: PageRequest, pool_id: UUID) -> HttpResponseBase:
    """Seats kept for a unit or a group."""
    pool = _pool(pool_id)
    form = ReservationForm(request.POST or None)
    if form_valid(form, request):
        set_reservation(pool=pool, trail=request.trail, **form.cleaned_data)
        messages.success(request, _("The seats are reserved."))
        return redirect("seats:pool", pool_id=pool.id)
    return _step(request, pool, form, title=_("Reserve seats"), submit=_("Reserve the seats"))


@page(ASSIGN_OWN)
def transfer_seat(request: PageRequest, assignment_id: UUID) -> HttpResponseBase:
    """The seat passes on to whoever was found, at once."""
    row = holders().filter(id=assignment_id).first()
    if row is None:
        raise AssignmentNotFound(_("There is no such seat in your organisation."))
    require_reach(request.principal, [row.pool.product_id])
    form = TransferForm(request.POST or None)
    if form_valid(form, request):
        wanted = form.cleaned_data["request"]
        made = transfer(
            assignment=row,
            person=wanted.person,
            device=wanted.device,
            external_holder=wanted.external_holder,
            reason=wanted.reason,
            trail=request.trail,
        )
        messages.success(request, _("%(name)s holds the seat now.") % {"name": holder_name(made)})
        return redirect("seats:pool", pool_id=row.pool_id)
    text = form["search"].value() or ""
    context = {
        "row": row,
        "pool": row.pool,
        "name": holder_name(row),
        "form": form,
        "candidates": candidates(text, pool_id=row.pool_id),
        "text": text,
        "chosen": form["holder"].value() or "",
    }
    return render(request, "seats/transfer.html", context, status=_status(request))


def _pool(pool_id: UUID) -> SeatPool:
    row = pools().filter(id=pool_id).first()
    if row is None:
        raise PoolNotFound(_("There is no such pool in your organisation."))
    return row


def _status(request: PageRequest) -> int:
    return 422 if request.method == "POST" and request.refusal is None else 200


def _step(request: PageRequest, pool: SeatPool, form: forms.Form, **context: Any) -> HttpResponseBase:
    given = {"pool": pool, "form": form, "back": reverse("seats:pool", args=[pool.id]), **context}
    return render(request, "seats/limit_step.html", given, status=_status(request))
