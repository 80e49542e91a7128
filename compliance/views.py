"""The pages of violations: the list, one violation with its evidence and owner, and the button that scans now."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from audit.queries import history_of
from compliance import operations
from compliance.forms import OwnerForm, ViolationFilter
from compliance.models import Violation, ViolationState
from compliance.operations import assign_owner
from compliance.operations.violations import ViolationNotFound
from compliance.queries import last_scan, violation_of, violations
from compliance.tables import SEVERITY_TONES, STATE_TONES, ViolationTable
from compliance.wording import mentioned, reasons, step
from identity.actors import names_of
from kernel.clock import DatabaseClock
from kernel.pages import PageRequest, form_valid, page, show_page

VIEW = "compliance.violation.view"
MANAGE = "compliance.violation.manage"
SCAN = "compliance.scan.run"
ROWS = 25
MOST_STEPS = 100


@page(VIEW)
def violation_list(request: PageRequest) -> HttpResponseBase:
    """Violations; without any filter in the address only open ones."""
    asked = request.GET.copy()
    if not set(asked) & set(ViolationFilter.base_filters):
        asked["state"] = ViolationState.OPEN.value
    found = ViolationFilter(asked, queryset=violations())
    table = ViolationTable(found.qs if found.is_valid() else violations().none())
    show_page(table, request, rows=ROWS)
    context = {
        "filter": found,
        "table": table,
        "scan": last_scan(),
        "any": bool(table.rows) or Violation.objects.exists(),
        "can_scan": request.principal.may(SCAN),
    }
    return render(request, "compliance/violations.html", context, status=200 if found.is_valid() else 400)


@page(VIEW)
def violation(request: PageRequest, violation_id: UUID) -> HttpResponseBase:
    """One violation. Who may manage violations names its owner here."""
    row = violation_of(violation_id)
    if row is None:
        raise ViolationNotFound(_("There is no such violation in your organisation."))
    may_manage = request.principal.may(MANAGE)
    if request.method == "POST":
        request.principal.require(MANAGE)
    at = DatabaseClock().now()
    form = OwnerForm(row, at, request.POST or None) if may_manage else None
    if form is not None and form_valid(form, request):
        assign_owner(
            violation_id=row.id,
            account_id=UUID(form.cleaned_data["owner"]) if form.cleaned_data["owner"] else None,
            due_at=form.cleaned_data["due_at"],
            trail=request.trail,
        )
        messages.success(request, _("Who takes care of %(number)s is recorded.") % {"number": row.number})
        return redirect("compliance:violation", violation_id=row.id)
    context = {"violation": row, "form": form, "at": at, **_context(request, row)}
    return render(request, "compliance/violation.html", context, status=422 if request.method == "POST" else 200)


def _context(request: PageRequest, row: Violation) -> dict[str, Any]:
    may = request.principal.may
    events = list(history_of(row._meta.label_lower, str(row.id))[:MOST_STEPS])
    names = names_of(mentioned(events)) if may("identity.membership.view") or may(MANAGE) else {}
    return {
        "reasons": reasons(row),
        "steps": [step(event, names) for event in events],
        "over": max(row.observed - row.allowed, 0),
        "severity_tone": SEVERITY_TONES[row.severity],
        "state_tone": STATE_TONES[row.state],
        "is_open": row.state == ViolationState.OPEN,
        "raisable": (row.evidence.get("capacity") or 0) < row.evidence.get("rights_valid", 0),
        "can_see_pool": row.pool_id is not None and may("seats.pool.view"),
        "can_import": may("licensing.import.run"),
        "can_scan": may(SCAN),
        "can_read_ledger": may("audit.ledger.view"),
    }


@require_POST
@page(SCAN)
def scan_now(request: PageRequest) -> HttpResponseBase:
    """Scans, says what was found, and returns to the page that asked."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = reverse("compliance:violations")
    if request.refusal is not None:
        messages.error(request, request.refusal.message)
        return HttpResponseRedirect(back)
    run = operations.scan(trail=request.trail).run
    looked = ngettext("%(count)d pool was looked at", "%(count)d pools were looked at", run.pools) % {
        "count": run.pools
    }
    said = _("%(looked)s. New: %(opened)d, still open: %(still)d, resolved: %(resolved)d.") % {
        "looked": looked % {"count": run.pools},
        "opened": run.opened,
        "still": run.still_open,
        "resolved": run.resolved,
    }
    (messages.warning if run.opened else messages.success)(request, said)
    return HttpResponseRedirect(back)
