"""The audit centre: the state of the ledger, the search in it, and one entry."""

import json
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from audit.models import Event
from audit.rules.money import MONEY, without_money
from identity.actors import told
from kernel.errors import NotFound
from kernel.pages import PageRequest, page
from kernel.principal import Principal
from reporting.forms import EventSearch
from reporting.queries.ledger import EventPage, Search, event_at, ledger_state, page_of_events, parsed
from reporting.views.strips import ledger_tiles

LEDGER = "audit.ledger.view"
LARGEST_SEQUENCE = 2**63 - 1


class EntryNotFound(NotFound):
    """The ledger of this organisation has no entry of this number."""

    code = "LEDGER_ENTRY_NOT_FOUND"


@require_GET
@page("reporting.dashboard.audit")
def audit(request: PageRequest) -> HttpResponseBase:
    """The chain's head, its last checkpoint and key, and the entries, newest first."""
    request.principal.require(LEDGER)
    form = EventSearch(request.GET or None)
    valid = not form.is_bound or form.is_valid()
    search = _search(form.cleaned_data) if form.is_bound and valid else Search()
    state = ledger_state()
    found = page_of_events(search) if valid else EventPage((), None, None)
    context = {
        "state": state,
        "tiles": ledger_tiles(state.signed),
        "form": form,
        "entries": list(zip(found.events, told(found.events, reader=request.principal), strict=True)),
        "found": found,
        "query": "&" + urlencode(kept) if (kept := _kept(search)) else "",
        "is_search": bool(kept),
        "can_see_packages": request.principal.may("reporting.package.view"),
    }
    return render(request, "reporting/audit.html", context, status=200 if valid else 400)


@require_GET
@page(LEDGER)
def event(request: PageRequest, sequence: int) -> HttpResponseBase:
    """One entry with the body that was hashed."""
    row = event_at(sequence) if sequence <= LARGEST_SEQUENCE else None
    if row is None:
        raise EntryNotFound(_("The ledger has no entry of this number."))
    return render(request, "reporting/event.html", _entry(row, request.principal))


def _entry(row: Event, reader: Principal) -> dict[str, Any]:
    body = parsed(row) if reader.may(MONEY) else without_money(parsed(row))
    return {
        "hidden": body.pop("hidden", []),
        "event": row,
        "told": told([row], reader=reader)[0],
        "body": json.dumps(body, indent=2, ensure_ascii=False, sort_keys=True),
        "personal": sorted(body.get("personal", {})),
        "leaf_hash": bytes(row.leaf_hash).hex(),
        "chain_hash": bytes(row.chain_hash).hex(),
        "previous": row.sequence - 1,
        "next": row.sequence + 1 if event_at(row.sequence + 1) else None,
    }


def _search(given: dict[str, Any]) -> Search:
    return Search(
        kind=given["kind"],
        subject=given["subject"],
        before=given["before"],
        after=None if given["before"] is not None else given["after"],
    )


def _kept(search: Search) -> dict[str, str]:
    return {name: value for name, value in (("kind", search.kind), ("subject", search.subject)) if value}
