"""The pages of reclamation: the board by state, rules with a preview, one candidate with its decision, exemptions."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from identity.actors import names_of
from kernel.clock import Clock, DatabaseClock
from kernel.pages import PageRequest, form_valid, page, show_page
from seats.models import OPEN_STATES, CandidateState, ReclamationRule, RemovalCandidate
from seats.operations import (
    CandidateNotFound,
    ReclamationRuleNotFound,
    change_rule,
    create_rule,
    decide,
    end_exemption,
    grant_exemption,
    resume_rule,
    stop_rule,
    undo,
)
from seats.operations.approvers import MANAGE, decider_of
from seats.queries import (
    Savings,
    counts_by_state,
    exemptions_in_force,
    holder_name,
    preview,
    removal_candidates,
    rules,
    savings,
    silent_feeds,
)
from seats.reclamation_forms import DecisionForm, ExemptionForm, NewRuleForm, RuleForm, terms_initial
from seats.reclamation_tables import (
    CandidateTable,
    ExemptionTable,
    RuleTable,
    candidate_pill,
    last_use,
    rule_pill,
    rule_words,
)
from seats.rules.candidates import UNDO_WINDOW, Approver, can_undo, may_decide
from seats.verdict_words import verdict_rows

VIEW = "seats.reclamation.view"
DECIDE = "seats.reclamation.decide"
MONEY = "licensing.money.view"
PERIOD = timedelta(days=365)
ROWS = 25
CLOCK: Clock = DatabaseClock()


@page(VIEW)
@require_GET
def board(request: PageRequest) -> HttpResponseBase:
    """What is asked back, by state, what it saves, and the rules behind it."""
    now, counts = CLOCK.now(), counts_by_state()
    wanted = request.GET.get("state", "")
    rows = removal_candidates()
    if wanted in CandidateState.values:
        rows = rows.filter(state=wanted)
    else:
        wanted, rows = "", rows.filter(state__in=OPEN_STATES)
    table = CandidateTable(rows.order_by("-selected_at", "-id"))
    show_page(table, request, rows=ROWS)
    rule_table = RuleTable(rules())
    context = {
        "kpis": _figures(counts, savings(since=now - PERIOD) if request.principal.may(MONEY) else None),
        "columns": _columns(counts, wanted),
        "wanted": CandidateState(wanted).label if wanted else "",
        "table": table,
        "rules": rule_table,
        "silent": silent_feeds(),
        "can_manage": request.principal.may(MANAGE),
        "now": now,
    }
    return render(request, "seats/reclamation.html", context)


def _figures(counts: dict[str, int], saved: list[Savings] | None) -> list[dict[str, Any]]:
    """The strip of figures; money for those who may see money."""
    still_open = sum(counts[state] for state in OPEN_STATES)
    tiles: list[dict[str, Any]] = [
        {"label": _("Asked back now"), "value": _number(still_open), "icon": "hourglass"},
        {
            "label": _("Wait for a decision"),
            "value": _number(counts[CandidateState.AWAITING_APPROVAL]),
            "icon": "user-check",
            "tone": "warn" if counts[CandidateState.AWAITING_APPROVAL] else "",
            "href": reverse("seats:reclamation") + "?state=awaiting_approval",
        },
    ]
    return tiles if saved is None else tiles + _saved(saved)


def _saved(saved: list[Savings]) -> list[dict[str, Any]]:
    return [
        {
            "label": _("Could be saved"),
            "value": _money([(one.potential, one.currency) for one in saved]),
            "note": _("by seats that are asked back now"),
            "icon": "coin",
        },
        {
            "label": _("Saved in a year"),
            "value": _money([(one.actual, one.currency) for one in saved]),
            "note": _("by seats that were taken back"),
            "icon": "coin",
            "tone": "ok",
        },
    ]


def _money(sums: list[tuple[Any, str]]) -> str:
    """Each currency for itself; sums without any are left out."""
    told = [f"{number_format(amount, 2, use_l10n=True, force_grouping=True)} {code}" for amount, code in sums if amount]
    return " + ".join(told) or "–"


def _columns(counts: dict[str, int], wanted: str) -> list[dict[str, Any]]:
    """One for each state, in the order of a candidate's life."""
    return [
        {
            "label": state.label,
            "count": counts[state.value],
            "href": f"{reverse('seats:reclamation')}?state={state.value}",
            "is_current": state.value == wanted,
        }
        for state in CandidateState
    ]


def _number(value: int) -> str:
    return str(number_format(value, use_l10n=True, force_grouping=True))


@page(MANAGE)
def new_rule(request: PageRequest) -> HttpResponseBase:
    """Makes a rule; its page then shows what it would select."""
    form = NewRuleForm(request.POST or None)
    if form_valid(form, request):
        given = form.cleaned_data
        row = create_rule(pool=given["pool"], product=given["product"], terms=given["terms"], trail=request.trail)
        messages.success(request, _("The rule looks for the first time tonight."))
        return redirect("seats:reclamation-rule", rule_id=row.id)
    return render(request, "seats/reclamation_rule_new.html", {"form": form}, status=_status(request))


@page(VIEW)
def rule_page(request: PageRequest, rule_id: UUID) -> HttpResponseBase:
    """One rule: what it would select now, and its terms for those who may change them."""
    row = _rule(rule_id)
    may_manage = request.principal.may(MANAGE)
    form = RuleForm(request.POST or None, initial=terms_initial(row)) if may_manage else None
    if form is None and request.method == "POST":
        request.principal.require(MANAGE)
    if form is not None and form_valid(form, request):
        change_rule(rule_id=row.id, terms=form.cleaned_data["terms"], trail=request.trail)
        messages.success(request, _("The terms are changed. Deadlines that run stay as they are."))
        return redirect("seats:reclamation-rule", rule_id=row.id)
    seen = preview(row, at=CLOCK.now())
    context = {
        "rule": row,
        "form": form,
        "preview": seen,
        "verdicts": verdict_rows(seen),
        "pill": rule_pill(row),
        "words": rule_words(row),
    }
    return render(request, "seats/reclamation_rule.html", context, status=_status(request))


@require_POST
@page(MANAGE)
def stop(request: PageRequest, rule_id: UUID) -> HttpResponseBase:
    """Stops the rule; what it had asked back is cancelled."""
    row = stop_rule(rule_id=rule_id, trail=request.trail)
    messages.success(request, _("%(name)s is stopped.") % {"name": row.name})
    return redirect("seats:reclamation-rule", rule_id=row.id)


@require_POST
@page(MANAGE)
def resume(request: PageRequest, rule_id: UUID) -> HttpResponseBase:
    """The rule works again."""
    row = resume_rule(rule_id=rule_id, trail=request.trail)
    messages.success(request, _("%(name)s works again from tonight on.") % {"name": row.name})
    return redirect("seats:reclamation-rule", rule_id=row.id)


@page(VIEW)
def candidate_page(request: PageRequest, candidate_id: UUID) -> HttpResponseBase:
    """One seat that is or was asked back: what was seen, what was said, and the decision."""
    row = _candidate(candidate_id)
    form = DecisionForm(request.POST or None)
    if request.method == "POST":
        request.principal.require(DECIDE)
    if form_valid(form, request):
        _decide(request, row, form.cleaned_data["reason"])
        return redirect("seats:removal-candidate", candidate_id=row.id)
    return render(
        request, "seats/removal_candidate.html", {"form": form, **_about(request, row)}, status=_status(request)
    )


def _decide(request: PageRequest, row: RemovalCandidate, reason: str) -> None:
    name = holder_name(row.assignment)
    if "undo" in request.POST:
        undo(candidate_id=row.id, reason=reason, trail=request.trail)
        messages.success(request, _("%(name)s has the seat again.") % {"name": name})
    elif "refuse" in request.POST:
        decide(candidate_id=row.id, keep=False, reason=reason, trail=request.trail)
        messages.success(request, _("The seat of %(name)s is free again.") % {"name": name})
    else:
        decide(candidate_id=row.id, keep=True, reason=reason, trail=request.trail)
        messages.success(request, _("%(name)s keeps the seat.") % {"name": name})


def _about(request: PageRequest, row: RemovalCandidate) -> dict[str, Any]:
    now = CLOCK.now()
    may = request.principal.may(DECIDE) and may_decide(Approver(row.rule.approver), decider_of(row, request.principal))
    return {
        "candidate": row,
        "holder": holder_name(row.assignment),
        "pill": candidate_pill(row),
        "last_use": last_use(row),
        "rule_words": rule_words(row.rule),
        "decided_by": names_of([row.decided_by]).get(row.decided_by, "") if row.decided_by else "",
        "may_decide": may and row.state == CandidateState.AWAITING_APPROVAL,
        "may_undo": may and can_undo(row.deadlines, at=now),
        "undo_until": _undo_until(row, now),
        "may_see_money": request.principal.may(MONEY),
    }


def _undo_until(row: RemovalCandidate, now: datetime) -> datetime | None:
    return row.ended_at + UNDO_WINDOW if row.ended_at is not None and can_undo(row.deadlines, at=now) else None


@page(VIEW)
def exemption_list(request: PageRequest) -> HttpResponseBase:
    """Who and what is exempt now, and the form that exempts more."""
    may_manage = request.principal.may(MANAGE)
    form = ExemptionForm(request.POST or None) if may_manage else None
    if form is None and request.method == "POST":
        request.principal.require(MANAGE)
    if form is not None and form_valid(form, request):
        row = grant_exemption(trail=request.trail, **form.cleaned_data)
        messages.success(request, _("%(name)s: no rule asks these seats back.") % {"name": row})
        return redirect("seats:exemptions")
    table = ExemptionTable(exemptions_in_force(CLOCK.now()), exclude=() if may_manage else ("end",))
    show_page(table, request, rows=ROWS)
    return render(request, "seats/exemptions.html", {"table": table, "form": form}, status=_status(request))


@require_POST
@page(MANAGE)
def end(request: PageRequest, exemption_id: UUID) -> HttpResponseBase:
    """Ends an exemption before its time."""
    end_exemption(exemption_id=exemption_id, trail=request.trail)
    messages.success(request, _("The exemption is ended."))
    return redirect("seats:exemptions")


def _status(request: PageRequest) -> int:
    """200 for a form to fill in, 422 for one with mistakes; a refusal brings its own."""
    return 422 if request.method == "POST" and request.refusal is None else 200


def _rule(rule_id: UUID) -> ReclamationRule:
    row = rules().filter(id=rule_id).first()
    if row is None:
        raise ReclamationRuleNotFound(_("There is no such reclamation rule in your organisation."))
    return row


def _candidate(candidate_id: UUID) -> RemovalCandidate:
    row = removal_candidates().filter(id=candidate_id).first()
    if row is None:
        raise CandidateNotFound(_("There is no such removal candidate in your organisation."))
    return row
