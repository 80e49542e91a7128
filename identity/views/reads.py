"""The page of reads: who looked at whose personal data, for auditors."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from audit.models import AccessEvent
from identity.actors import actor_label, names_of, subject_name
from identity.models import Person
from identity.reading import ADMIN, EXPORT, GRAPHQL, LABEL, PAGE, REST
from kernel.clock import SystemClock
from kernel.pages import PageRequest, page

VIEW = "audit.access_event.view"
ROWS = 50
PURPOSES = {PAGE: _("Page"), REST: _("REST"), ADMIN: _("Records"), GRAPHQL: _("GraphQL"), EXPORT: _("Export")}


class ReadSearch(forms.Form):
    """Through what, and whose data: the id of a person's record."""

    purpose = forms.ChoiceField(label=_("Through"), required=False, choices=[("", _("Everything")), *PURPOSES.items()])
    subject = forms.UUIDField(label=_("Id of the record"), required=False)


@require_GET
@page(VIEW)
def read_list(request: PageRequest) -> HttpResponseBase:
    """Reads of personal data, newest first. Looking here is no read of anybody's data but names of colleagues."""
    form = ReadSearch(request.GET or None)
    rows = AccessEvent.objects.order_by("-at", "-id")
    valid = not form.is_bound or form.is_valid()
    if form.is_bound and valid:
        rows = rows.filter(**_wanted(form.cleaned_data))
    found = Paginator(rows if valid else rows.none(), ROWS).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "rows": found,
        "pages": found.paginator.get_elided_page_range(found.number),
        "told": _told(request, list(found)),
        "now": SystemClock().now(),
        "query": "".join(f"&{name}={request.GET[name]}" for name in ("purpose", "subject") if request.GET.get(name))
        if valid
        else "",
    }
    return render(request, "identity/reads.html", context, status=200 if valid else 400)


def _wanted(given: dict[str, Any]) -> dict[str, str]:
    wanted = {"purpose": given["purpose"], "subject_id": str(given["subject"] or "")}
    return {name: value for name, value in wanted.items() if value}


def _told(request: PageRequest, rows: list[AccessEvent]) -> list[dict[str, Any]]:
    """In words: names of colleagues and of the people looked at, as far as the reader may see them."""
    may = request.principal.may
    names = names_of(row.actor for row in rows) if may("identity.membership.view") else {}
    ids = [row.subject_id for row in rows if row.subject_type == LABEL and row.subject_id]
    people = (
        {str(key): str(row) for key, row in Person.objects.in_bulk(ids).items()} if may("identity.person.view") else {}
    )
    return [
        {
            "row": row,
            "actor": actor_label(row.actor, names),
            "about": subject_name(row.subject_type),
            "person": people.get(row.subject_id, ""),
            "through": PURPOSES.get(row.purpose, row.purpose),
        }
        for row in rows
    ]
