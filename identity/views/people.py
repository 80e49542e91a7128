"""The pages of people: the directory as a list and as a file, one person, and what may be done about one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from identity.actors import history
from identity.exports import csv_answer
from identity.forms.people import PersonFilter, PersonForm, ReasonForm
from identity.models import Person
from identity.operations import deactivate_person
from identity.operations.directory import reactivate_person
from identity.operations.people import lift_hold, place_hold, place_person
from identity.operations.provisioning.people import PersonUnknown, change_person, provision_person
from identity.ports import bindings
from identity.queries.people import groups_of, is_kept_by_directory, memberships_of_person, people, person_with
from identity.queries.provisioning import emails_of
from identity.reading import EXPORT, PAGE, note_people, note_person
from identity.rules.provisioning import PersonAttributes
from identity.tables import PersonTable
from kernel.clock import SystemClock
from kernel.pages import PageRequest, form_valid, page, show_page

VIEW = "identity.person.view"
MANAGE = "identity.person.manage"
HOLD = "identity.person.hold"
MERGE = "identity.person.merge"
ROWS = 25
MOST_ENTRIES = 50
MOST_EXPORTED = 50_000


@require_GET
@page(VIEW)
def person_list(request: PageRequest) -> HttpResponseBase:
    """Everybody in the directory; without any filter in the address those who are active."""
    found = _filtered(request)
    table = PersonTable(found.qs if found.is_valid() else people().none())
    show_page(table, request, rows=ROWS)
    note_people(request.principal, len(table.page.object_list), through=PAGE)
    context = {
        "filter": found,
        "table": table,
        "now": SystemClock().now(),
        "can_manage": request.principal.may(MANAGE),
        "query": request.GET.urlencode(),
        "is_empty": not table.rows and not people().exists(),
    }
    return render(request, "identity/people.html", context, status=200 if found.is_valid() else 400)


@require_GET
@page(VIEW)
def export(request: PageRequest) -> HttpResponseBase:
    """The filtered list as CSV."""
    found = _filtered(request)
    rows = list(found.qs[:MOST_EXPORTED]) if found.is_valid() else []
    note_people(request.principal, len(rows), through=EXPORT)
    header = ["user_name", "name", "title", "department", "unit", "employee_number", "territory", "active", "left_at"]
    return csv_answer("people", header, (_cells(row) for row in rows))


@page(MANAGE)
def new(request: PageRequest) -> HttpResponseBase:
    """Asks for the record, and adds the person."""
    form = PersonForm(request.POST or None)
    if form_valid(form, request):
        made = provision_person(attributes=form.attributes(PersonAttributes(user_name="")), trail=request.trail)
        _place(made.row, form, request)
        messages.success(request, _("%(name)s is in the directory.") % {"name": made.row})
        return redirect("organization:person", person_id=made.row.id)
    return render(request, "identity/person_form.html", {"form": form, "person": None}, status=_status(request))


@require_GET
@page(VIEW)
def person(request: PageRequest, person_id: UUID) -> HttpResponseBase:
    """One person with everything that belongs to the record. One that was merged leads to the one that was kept."""
    row = _person(person_id)
    if row.merged_into_id is not None:
        return redirect("organization:person", person_id=row.merged_into_id)
    note_person(request.principal, row, through=PAGE)
    return render(request, "identity/person.html", _about(request, row))


@page(MANAGE)
def edit(request: PageRequest, person_id: UUID) -> HttpResponseBase:
    """Asks for what changes."""
    row = _person(person_id)
    form = PersonForm(request.POST or None, initial=_initial(row))
    if form_valid(form, request):
        changed = change_person(person_id=row.id, change=form.attributes, versions=None, trail=request.trail)
        _place(changed.row, form, request)
        messages.success(request, _("The record of %(name)s is changed.") % {"name": changed.row})
        return redirect("organization:person", person_id=row.id)
    context = {"form": form, "person": row, "is_kept": is_kept_by_directory(row)}
    return render(request, "identity/person_form.html", context, status=_status(request))


@require_POST
@page(MANAGE)
def state(request: PageRequest, person_id: UUID) -> HttpResponseBase:
    """Somebody leaves, or is back."""
    row = _person(person_id)
    if row.active:
        deactivate_person(person=row, trail=request.trail)
        messages.success(request, _("%(name)s has left; the seats go as the policy for leavers says.") % {"name": row})
    elif row.merged_into_id is None:
        reactivate_person(person=row, trail=request.trail)
        messages.success(request, _("%(name)s is back.") % {"name": row})
    return redirect("organization:person", person_id=row.id)


@page(HOLD)
def hold(request: PageRequest, person_id: UUID) -> HttpResponseBase:
    """Asks why, and places or lifts the hold."""
    row, form = _person(person_id), ReasonForm(request.POST or None)
    if form_valid(form, request):
        change = lift_hold if row.legal_hold else place_hold
        change(person=row, reason=form.cleaned_data["reason"], trail=request.trail)
        messages.success(request, _("The legal hold of %(name)s is recorded.") % {"name": row})
        return redirect("organization:person", person_id=row.id)
    return render(request, "identity/person_hold.html", {"form": form, "person": row}, status=_status(request))


def _about(request: PageRequest, row: Person) -> dict[str, Any]:
    may = request.principal.may
    seats = bindings.seats_of(person=row) if may("seats.assignment.view") else None
    subject = (row._meta.label_lower, str(row.id))
    return {
        "person": row,
        "emails": emails_of([row.id])[row.id],
        "groups": groups_of(row),
        "devices": row.devices.filter(retired_at__isnull=True).order_by("hostname_lower"),
        "seats": seats,
        "memberships": memberships_of_person(row) if may("identity.membership.view") else None,
        "events": history(*subject, request.principal, MOST_ENTRIES) if may("audit.ledger.view") else None,
        "is_kept": is_kept_by_directory(row),
        "can_manage": may(MANAGE),
        "can_hold": may(HOLD),
        "can_merge": may(MERGE),
    }


def _initial(row: Person) -> dict[str, Any]:
    names = ("user_name", "given_name", "family_name", "title", "department", "employee_number", "territory")
    primary = next((one.value for one in emails_of([row.id])[row.id] if one.primary), "")
    manager = row.manager.user_name if row.manager is not None else ""
    return {**{name: getattr(row, name) for name in names}, "email": primary, "manager": manager,
            "org_unit": row.org_unit_id}  # fmt: skip


def _place(row: Person, form: PersonForm, request: PageRequest) -> None:
    given = form.cleaned_data
    place_person(person=row, org_unit=given["org_unit"], territory=given["territory"], trail=request.trail)


def _filtered(request: PageRequest) -> PersonFilter:
    asked = request.GET.copy()
    if not set(asked) & set(PersonFilter.base_filters):
        asked["state"] = "active"
    return PersonFilter(asked, queryset=people().order_by("user_name_lower", "id"))


def _cells(row: Person) -> list[object]:
    unit = row.org_unit.name if row.org_unit else ""
    return [row.user_name, row.display_name, row.title, row.department, unit, row.employee_number, row.territory,
            "yes" if row.active else "no", row.left_at]  # fmt: skip


def _person(person_id: UUID) -> Person:
    row = person_with(person_id)
    if row is None or row.deleted_at is not None:
        raise PersonUnknown(_("There is no such person in your directory."))
    return row


def _status(request: PageRequest) -> int:
    """200 for a form to fill in, 422 for one with mistakes; a refusal brings its own."""
    return 422 if request.method == "POST" and request.refusal is None else 200
