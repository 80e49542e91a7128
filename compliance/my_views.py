"""The page "My software": what one holds, waits for and has asked for; giving back, asking, and the own data."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from compliance.operations import ChangeRequestNotFound, request_seat, withdraw_change
from compliance.own_data import data_about, own_requests
from identity.models import Person
from identity.queries.people import person_of_account
from kernel.clock import Clock, DatabaseClock
from kernel.errors import NotFound
from kernel.pages import PageRequest, form_valid, page
from seats.models import SeatPool
from seats.operations import AssignmentNotFound, release
from seats.ownership import ASSIGN_OWN
from seats.queries import pools
from seats.queries.leaving import claims_of, seats_held_by

OWN = "seats.own.use"
CLOCK: Clock = DatabaseClock()
GIVEN_BACK = "given back by the holder"
"""Why the seat was released, as the ledger and the history of a seat have it."""


class NotInDirectory(NotFound):
    """The account is linked to nobody in the directory, who alone could hold seats."""

    code = "NOT_IN_DIRECTORY"


class SeatRequestForm(forms.Form):
    """Which software, and what for."""

    pool = forms.ModelChoiceField(queryset=SeatPool.objects.all(), label=gettext_lazy("Software"))
    reason = forms.CharField(
        label=gettext_lazy("What do you need it for?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Whoever decides reads this; it stays on record."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pool"].queryset = pools().order_by("name")  # type: ignore[attr-defined]  # a choice of rows


@page(OWN)
def my_software(request: PageRequest) -> HttpResponseBase:
    """Everything about the own seats; a new one is asked for here."""
    person = person_of_account(request.principal.account_id)
    form = SeatRequestForm(request.POST or None) if person is not None else None
    if form is not None and form_valid(form, request):
        given = form.cleaned_data
        made = request_seat(pool=given["pool"], person=_me(request), reason=given["reason"], trail=request.trail)
        messages.success(request, _("Your request %(number)s is on its way.") % {"number": made.number})
        return redirect("compliance:my")
    status = 422 if request.method == "POST" and request.refusal is None else 200
    context = {
        "person": person,
        "seats": seats_held_by(person) if person is not None else [],
        "claims": claims_of(person) if person is not None else [],
        "requests": own_requests(request.principal)[:20],
        "form": form,
        "owns": request.principal.may(ASSIGN_OWN),
        "may_see_changes": request.principal.may("compliance.change.view"),
    }
    return render(request, "compliance/my.html", context, status=status)


@require_POST
@page(OWN)
def give_back(request: PageRequest, assignment_id: UUID) -> HttpResponseBase:
    """One of the own seats is free again; a seat of somebody else does not exist here."""
    row = seats_held_by(_me(request)).filter(id=assignment_id).first()
    if row is None:
        raise AssignmentNotFound(_("You hold no such seat."))
    release(assignment=row, reason=GIVEN_BACK, trail=request.trail)
    messages.success(request, _("Thank you: your seat of %(pool)s is free for somebody else.") % {"pool": row.pool})
    return redirect("compliance:my")


@require_POST
@page(OWN)
def withdraw(request: PageRequest, request_id: UUID) -> HttpResponseBase:
    """An own request is taken back; one of somebody else does not exist here."""
    row = own_requests(request.principal).filter(id=request_id).first()
    if row is None:
        raise ChangeRequestNotFound(_("You asked for no such thing."))
    withdraw_change(request_id=row.id, trail=request.trail)
    messages.success(request, _("The request is taken back."))
    return redirect("compliance:my")


@require_GET
@page(OWN)
def my_data(request: PageRequest) -> HttpResponseBase:
    """What is stored about whoever asks, as a file."""
    answer = JsonResponse(
        data_about(request.principal, at=CLOCK.now()), json_dumps_params={"indent": 2, "ensure_ascii": False}
    )
    answer["Content-Disposition"] = 'attachment; filename="my-data.json"'
    answer["Cache-Control"] = "no-store"
    return answer


def _me(request: PageRequest) -> Person:
    person = person_of_account(request.principal.account_id)
    if person is None:
        raise NotInDirectory(_("Your account is linked to nobody in the directory; ask your administrator."))
    return person
