"""The page that merges two records of one human: chosen, previewed, done, and undone."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from identity.forms.members import person_named
from identity.models import Person, PersonMerge
from identity.operations.merging import MergePreview, merge_people, preview_merge, undo_merge
from identity.operations.provisioning.people import PersonUnknown
from identity.queries.people import person_with
from identity.reading import PAGE, note_person
from kernel.errors import Refusal
from kernel.pages import PageRequest, form_valid, page

MERGE = "identity.person.merge"


class MergeForm(forms.Form):
    """The record that disappears into this one, and how it is known that both are one human."""

    merged = forms.CharField(
        label=gettext_lazy("The other record"),
        max_length=200,
        help_text=gettext_lazy(
            "User name or e-mail address. What belongs to it moves here; the record stays as a trace."
        ),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.TextInput,
        required=False,
        help_text=gettext_lazy("How you know that both are one human. Stays on record."),
    )

    def clean_merged(self) -> Person:
        found = person_named(self.cleaned_data["merged"])
        if found is None:
            raise forms.ValidationError(_("Nobody in the directory has exactly this user name or address."))
        return found


@page(MERGE)
def merge(request: PageRequest, person_id: UUID) -> HttpResponseBase:
    """First shows what would move, then moves it: the second time the button says so."""
    row = _person(person_id)
    form = MergeForm(request.POST or None)
    preview: MergePreview | None = None
    if form_valid(form, request):
        other = form.cleaned_data["merged"]
        if "confirmed" in request.POST:
            merge_people(kept=row, merged=other, reason=form.cleaned_data["reason"], trail=request.trail)
            messages.success(request, _("%(other)s is merged into %(name)s.") % {"other": other, "name": row})
            return redirect("organization:person", person_id=row.id)
        try:
            preview = preview_merge(kept=row, merged=other)
            note_person(request.principal, other, through=PAGE)
        except Refusal as refusal:
            form.add_error("merged", refusal.message)
    merges = PersonMerge.objects.filter(kept=row, undone_at__isnull=True).select_related("merged")
    context = {"person": row, "form": form, "preview": preview, "merges": merges.order_by("-merged_at")}
    status = 422 if form.errors and request.refusal is None else 200
    return render(request, "identity/person_merge.html", context, status=status)


@require_POST
@page(MERGE)
def undo(request: PageRequest, person_id: UUID, merge_id: UUID) -> HttpResponseBase:
    """Gives back what still stands where the merge put it."""
    row = PersonMerge.objects.filter(id=merge_id, kept_id=person_id).select_related("kept", "merged").first()
    if row is None:
        raise PersonUnknown(_("There is no such merge in your directory."))
    undone = undo_merge(merge=row, trail=request.trail)
    messages.success(request, _("%(name)s is a record of its own again.") % {"name": row.merged})
    return redirect("organization:person", person_id=undone.merged_id)


def _person(person_id: UUID) -> Person:
    row = person_with(person_id)
    if row is None or row.deleted_at is not None or row.merged_into_id is not None:
        raise PersonUnknown(_("There is no such person in your directory."))
    return row
