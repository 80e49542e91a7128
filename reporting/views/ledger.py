"""The audit centre: the state of the ledger, its verification, the search in it, and one entry."""

import json
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from audit.models import Event
from identity.actors import told
from jobs.tasks import wake_run
from kernel.errors import NotFound
from kernel.pages import PageRequest, page
from kernel.principal import Principal
from reporting.forms import EventSearch
from reporting.operations import request_verification
from reporting.queries.ledger import EventPage, Search, event_at, ledger_state, page_of_events, parsed
from reporting.queries.verification import VerificationState, verification_state
from reporting.views.strips import ledger_tiles

LEDGER = "audit.ledger.view"
VERIFY = "reporting.verification.run"
VERDICTS = {
    0: ("ok", gettext_lazy("Holds")),
    1: ("danger", gettext_lazy("Tampered")),
    2: ("warn", gettext_lazy("Evidence incomplete")),
}
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
        **_verified(verification_state(), request.principal),
        "form": form,
        "entries": list(zip(found.events, told(found.events, reader=request.principal), strict=True)),
        "found": found,
        "query": "&" + urlencode(kept) if (kept := _kept(search)) else "",
        "is_search": bool(kept),
        "can_see_packages": request.principal.may("reporting.package.view"),
    }
    return render(request, "reporting/audit.html", context, status=200 if valid else 400)


@require_POST
@page(VERIFY)
def verify_now(request: PageRequest) -> HttpResponseBase:
    """Hands the ledger to a worker; the audit centre shows what comes of it."""
    request_verification(trail=request.trail, wake=wake_run)
    return redirect("reporting:audit")


@require_GET
@page(LEDGER)
def verification(request: PageRequest) -> HttpResponseBase:
    """The verification as a fragment that asks for itself again while one is at work."""
    state = verification_state()
    response = render(request, "reporting/_verification.html", _verified(state, request.principal))
    if not state.is_open:
        # The tiles and the entries around the fragment have changed as well.
        response["HX-Refresh"] = "true"
    return response


def _verified(state: VerificationState, reader: Principal) -> dict[str, Any]:
    tone, verdict = VERDICTS[state.last.exit_code] if state.last else ("", "")
    return {"verification": state, "tone": tone, "verdict": verdict, "may_verify": reader.may(VERIFY)}


@require_GET
@page(LEDGER)
def event(request: PageRequest, sequence: int) -> HttpResponseBase:
    """One entry with the body that was hashed."""
    row = event_at(sequence) if sequence <= LARGEST_SEQUENCE else None
    if row is None:
        raise EntryNotFound(_("The ledger has no entry of this number."))
    return render(request, "reporting/event.html", _entry(row, request.principal))


def _entry(row: Event, reader: Principal) -> dict[str, Any]:
    body = parsed(row)
    return {
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
