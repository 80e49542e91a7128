"""The pages of groups: the list, one with its members, and members who join and leave by hand."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from identity.forms.people import AddMemberForm, GroupForm
from identity.models import DirectoryGroup
from identity.operations.group_members import change_members
from identity.operations.provisioning.groups import GroupUnknown, provision_group
from identity.queries.people import groups, is_kept_by_directory, members_of
from identity.reading import PAGE, note_people
from identity.rules.provisioning import GroupAttributes
from kernel.pages import PageRequest, form_valid, page

VIEW = "identity.person.view"
MANAGE = "identity.person.manage"
ROWS = 50


@page(VIEW)
def group_list(request: PageRequest) -> HttpResponseBase:
    """Every group with its size; who may, adds one here."""
    may_manage = request.principal.may(MANAGE)
    if request.method == "POST":
        request.principal.require(MANAGE)
    form = GroupForm(request.POST or None) if may_manage else None
    if form is not None and form_valid(form, request):
        made = provision_group(attributes=GroupAttributes(form.cleaned_data["name"]), members=(), trail=request.trail)
        messages.success(request, _("The group %(name)s is there.") % {"name": made.row})
        return redirect("organization:group", group_id=made.row.id)
    rows = Paginator(groups(), ROWS).get_page(request.GET.get("page"))
    context = {"rows": rows, "pages": rows.paginator.get_elided_page_range(rows.number), "form": form}
    return render(request, "identity/groups.html", context, status=_status(request))


@page(VIEW)
def group(request: PageRequest, group_id: UUID) -> HttpResponseBase:
    """One group with its members; who may, adds somebody here unless a directory service keeps the group."""
    row = _group(group_id)
    open_to_hands = request.principal.may(MANAGE) and not is_kept_by_directory(row)
    if request.method == "POST":
        request.principal.require(MANAGE)
    form = AddMemberForm(request.POST or None) if open_to_hands or request.method == "POST" else None
    if form is not None and form_valid(form, request):
        change_members(group=row, joining=[form.cleaned_data["person"].id], trail=request.trail)
        messages.success(request, _("%(name)s is in the group.") % {"name": form.cleaned_data["person"]})
        return redirect("organization:group", group_id=row.id)
    found = Paginator(members_of(row), ROWS).get_page(request.GET.get("page"))
    note_people(request.principal, len(found), through=PAGE)
    context = {
        "group": row,
        "rows": found,
        "pages": found.paginator.get_elided_page_range(found.number),
        "form": form,
        "is_kept": is_kept_by_directory(row),
        "can_change": open_to_hands,
    }
    return render(request, "identity/group.html", context, status=_status(request))


@require_POST
@page(MANAGE)
def leave(request: PageRequest, group_id: UUID, person_id: UUID) -> HttpResponseBase:
    """Somebody is no longer in the group."""
    row = _group(group_id)
    change_members(group=row, leaving=[person_id], trail=request.trail)
    messages.success(request, _("The group has one member less."))
    return redirect("organization:group", group_id=row.id)


def _group(group_id: UUID) -> DirectoryGroup:
    row = groups().filter(id=group_id).first()
    if row is None:
        raise GroupUnknown(_("There is no such group in your directory."))
    return row


def _status(request: PageRequest) -> int:
    return 422 if request.method == "POST" and request.refusal is None else 200
