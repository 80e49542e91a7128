"""The pages of leavers and of groups that bring seats."""

from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from identity.models import DirectoryGroup
from kernel.clock import Clock, DatabaseClock
from kernel.pages import PageRequest, form_valid, page
from seats.models import Departure, DepartureState, GroupRule, SeatPool
from seats.models.departures import MOST_DAYS
from seats.models.group_rules import MOST_GRACE_DAYS, MOST_PRIORITY, USUAL_PRIORITY
from seats.operations import (
    ClaimNotFound,
    GroupRuleNotFound,
    confirm_departures,
    create_group_rule,
    end_group_rule,
    keep_departures,
    set_leaving_policy,
    withdraw_claim,
)
from seats.ownership import ASSIGN_OWN, require_reach, seat_reach
from seats.queries import pool_states, pools
from seats.queries.leaving import claims, departures, group_rules, groups_for_rules, leaving_policy, stopped_count
from seats.standing import standing

POOLS = "seats.pool.view"
SEATS = "seats.assignment.view"
MANAGE = "seats.group_rule.manage"
VIEW = "seats.departure.view"
DECIDE = "seats.departure.decide"
ROWS = 50
CLOCK: Clock = DatabaseClock()
TONES = {
    DepartureState.RELEASED.value: "neutral",
    DepartureState.GRACE.value: "pending",
    DepartureState.HELD.value: "warn",
    DepartureState.STOPPED.value: "danger",
    DepartureState.KEPT.value: "info",
    DepartureState.RETURNED.value: "ok",
}


class DepartureFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=DepartureState.choices, empty_label=gettext_lazy("Any")
    )

    class Meta:
        model = Departure
        fields = ["state"]


class DecisionForm(forms.Form):
    """Which leavers, and why. The boxes stand in the table."""

    departures = forms.ModelMultipleChoiceField(queryset=Departure.objects.all(), widget=forms.MultipleHiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, help_text=gettext_lazy("Stays on record with each departure.")
    )


class PolicyForm(forms.Form):
    grace_days = forms.IntegerField(
        label=gettext_lazy("Days of grace"),
        min_value=0,
        max_value=MOST_DAYS,
        help_text=gettext_lazy("How long the seats of a leaver stay. 0: they are free at once."),
    )
    return_days = forms.IntegerField(
        label=gettext_lazy("Days in which a returner gets the seats again"),
        min_value=0,
        max_value=MOST_DAYS,
        help_text=gettext_lazy("The same seats where they are free, else a place in the queue."),
    )
    most_leavers = forms.IntegerField(
        label=gettext_lazy("Leavers in 24 hours without a question"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=gettext_lazy("Empty: the smaller of 50 and a tenth of the people, but at least 10."),
    )


class GroupRuleForm(forms.Form):
    group = forms.ModelChoiceField(queryset=DirectoryGroup.objects.all(), label=gettext_lazy("Group"))
    pool = forms.ModelChoiceField(queryset=SeatPool.objects.all(), label=gettext_lazy("Pool"))
    priority = forms.IntegerField(
        label=gettext_lazy("Priority"),
        min_value=1,
        max_value=MOST_PRIORITY,
        initial=USUAL_PRIORITY,
        help_text=gettext_lazy("Where seats are scarce, lower numbers come first."),
    )
    grace_days = forms.IntegerField(
        label=gettext_lazy("Days of grace"),
        min_value=0,
        max_value=MOST_GRACE_DAYS,
        initial=0,
        help_text=gettext_lazy("How long a seat stays when its holder leaves the group; a message says so."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        group, pool = self.fields["group"], self.fields["pool"]
        group.queryset = groups_for_rules()  # type: ignore[attr-defined]  # a choice of rows
        pool.queryset = pools().order_by("name")  # type: ignore[attr-defined]  # a choice of rows


class EndRuleForm(forms.Form):
    release_seats = forms.BooleanField(
        label=gettext_lazy("Release the seats that the rule gave"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Without it they stay with their holders."),
    )


@page(VIEW)
def leavers(request: PageRequest) -> HttpResponseBase:
    """Who left while holding seats. Those that wait for a person are confirmed or kept here, many at once."""
    form = DecisionForm(request.POST or None)
    if request.method == "POST":
        request.principal.require(DECIDE)
    if form_valid(form, request):
        decide = keep_departures if "keep" in request.POST else confirm_departures
        chosen = [row.id for row in form.cleaned_data["departures"]]
        rows = decide(departure_ids=chosen, reason=form.cleaned_data["reason"], trail=request.trail)
        said = (
            ngettext("The seats of %(count)d leaver stay.", "The seats of %(count)d leavers stay.", len(rows))
            if "keep" in request.POST
            else ngettext("%(count)d leaver is confirmed.", "%(count)d leavers are confirmed.", len(rows))
        )
        messages.success(request, said % {"count": len(rows)})
        return redirect("seats:leavers")
    return render(request, "seats/leavers.html", _leavers(request, form), status=_status(request))


def _leavers(request: PageRequest, form: DecisionForm) -> dict[str, Any]:
    waiting = stopped_count()
    asked = request.GET.copy()
    if "state" not in asked and waiting:
        asked["state"] = DepartureState.STOPPED.value
    found = DepartureFilter(asked, queryset=departures())
    rows = Paginator(found.qs if found.is_valid() else departures().none(), ROWS).get_page(request.GET.get("page"))
    for row in rows:
        row.tone = TONES[row.state]
        row.undecided = row.state in {"stopped", "grace", "kept"}
    may_decide = request.principal.may(DECIDE)
    return {
        "filter": found,
        "rows": rows,
        "pages": rows.paginator.get_elided_page_range(rows.number),
        "waiting": waiting,
        "form": form if may_decide and any(row.undecided for row in rows) else None,
        "chosen": request.POST.getlist("departures"),
        "policy": leaving_policy(),
        "may_decide": may_decide,
        "any": bool(rows) or Departure.objects.exists(),
        "may_see_people": request.principal.may("identity.person.view"),
    }


@page(DECIDE)
def policy(request: PageRequest) -> HttpResponseBase:
    """What becomes of the seats of whoever leaves from now on."""
    row = leaving_policy()
    initial = {name: getattr(row, name) for name in ("grace_days", "return_days", "most_leavers")}
    form = PolicyForm(request.POST or None, initial=initial)
    if form_valid(form, request):
        set_leaving_policy(**form.cleaned_data, trail=request.trail)
        messages.success(request, _("The policy holds from the next leaver on."))
        return redirect("seats:leavers")
    return render(request, "seats/leaving_policy.html", {"form": form}, status=_status(request))


@page(POOLS)
def rules(request: PageRequest) -> HttpResponseBase:
    """Groups that bring seats, and the form that adds one."""
    may_manage = request.principal.may(MANAGE)
    if request.method == "POST":
        request.principal.require(MANAGE)
    form = GroupRuleForm(request.POST or None) if may_manage else None
    if form is not None and form_valid(form, request):
        made = create_group_rule(**form.cleaned_data, trail=request.trail)
        messages.success(request, _("The group %(name)s brings seats now.") % {"name": made.group_name})
        return redirect("seats:group-rule", rule_id=made.id)
    rows = Paginator(group_rules(), ROWS).get_page(request.GET.get("page"))
    pages = rows.paginator.get_elided_page_range(rows.number)
    context = {"rows": rows, "pages": pages, "form": form}
    return render(request, "seats/group_rules.html", context, status=_status(request))


@page(SEATS)
def group_rule(request: PageRequest, rule_id: UUID) -> HttpResponseBase:
    """One rule: who has a seat from it, who waits and why, and its end."""
    row = group_rules().filter(id=rule_id).first()
    if row is None:
        raise GroupRuleNotFound(_("There is no such rule in your organisation."))
    may_manage = request.principal.may(MANAGE) and row.ended_at is None
    if request.method == "POST":
        request.principal.require(MANAGE)
    form = EndRuleForm(request.POST or None)
    if form_valid(form, request):
        end_group_rule(rule_id=row.id, release_seats=form.cleaned_data["release_seats"], trail=request.trail)
        messages.success(request, _("The rule has ended."))
        return redirect("seats:group-rules")
    return render(request, "seats/group_rule.html", _rule(request, row, form if may_manage else None),
                  status=_status(request))  # fmt: skip


def _rule(request: PageRequest, row: GroupRule, form: EndRuleForm | None) -> dict[str, Any]:
    live = claims().filter(rule=row, ended_at__isnull=True)
    found = Paginator(live, ROWS).get_page(request.GET.get("page"))
    return {
        "rule": row,
        "rows": found,
        "pages": found.paginator.get_elided_page_range(found.number),
        "form": form,
        "may_withdraw": seat_reach(request.principal).covers(row.pool.product_id),
    }


@require_POST
@page(ASSIGN_OWN)
def withdraw(request: PageRequest, claim_id: UUID) -> HttpResponseBase:
    """A claim waits no longer."""
    row = claims().filter(id=claim_id).first()
    if row is None:
        raise ClaimNotFound(_("There is no such claim that waits."))
    require_reach(request.principal, [row.pool.product_id])
    withdraw_claim(claim_id=row.id, trail=request.trail)
    messages.success(request, _("%(name)s waits no longer.") % {"name": row.person})
    return redirect("seats:group-rule", row.rule_id) if row.rule_id else redirect("seats:pool", row.pool_id)


@page(ASSIGN_OWN)
def own_products(request: PageRequest) -> HttpResponseBase:
    """The pools of the products that one answers for: their use, and the way to assign, transfer and take back."""
    reach = seat_reach(request.principal)
    rows = pools().order_by("name")
    if reach.products is not None:
        rows = rows.filter(product__in=reach.products)
    found = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    states = pool_states(list(found), at=CLOCK.now())
    context = {
        "rows": [(state, standing(state)) for state in states],
        "found": found,
        "pages": found.paginator.get_elided_page_range(found.number),
        "everything": reach.products is None,
    }
    return render(request, "seats/own_products.html", context)


def _status(request: PageRequest) -> int:
    """200 for a form to fill in, 422 for one with mistakes; a refusal brings its own."""
    return 422 if request.method == "POST" and request.refusal is None else 200
