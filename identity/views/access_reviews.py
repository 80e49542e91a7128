"""The pages of access reviews: campaigns, one of them with its questions, and what somebody is asked."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from audit.operations import note_read
from identity.actors import history, names_of
from identity.exports import csv_answer
from identity.forms.access_reviews import DecideForm, ReassignForm, StartForm
from identity.models import AccessReview, AccessReviewItem
from identity.operations.access_reviews import (
    NewReview,
    ReviewNotFound,
    close_review,
    reassign_items,
    start_review,
)
from identity.operations.review_decisions import decide_items
from identity.queries.access_reviews import asked_of, coverage_of, is_overdue, items, reviews
from identity.queries.members import live_members, memberships_named
from identity.tables import ItemTable, ReviewTable, coverage_meter, review_pill
from identity.wording import role_names
from kernel.clock import SystemClock
from kernel.pages import PageRequest, form_valid, page, show_page

VIEW = "identity.access_review.view"
MANAGE = "identity.access_review.manage"
DECIDE = "identity.access_review.decide"
ROWS = 25
MOST_ENTRIES = 50


@require_GET
@page(VIEW)
def review_list(request: PageRequest) -> HttpResponseBase:
    """Every review with its coverage, newest first."""
    table = ReviewTable(reviews())
    show_page(table, request, rows=ROWS)
    context = {"table": table, "now": SystemClock().now(), "can_manage": request.principal.may(MANAGE)}
    return render(request, "identity/access_reviews.html", context)


@page(MANAGE)
def start(request: PageRequest) -> HttpResponseBase:
    """Asks what to review, by whom and until when, and starts."""
    form = StartForm(list(live_members().order_by("account__email_lower")), request.POST or None)
    if form_valid(form, request):
        given = form.cleaned_data
        row = start_review(
            review=NewReview(
                name=given["name"],
                due_at=given["due_at"],
                rule=given["rule"],
                roles=given["roles"],
                reviewer_role=given["reviewer_role"],
                reviewers=[UUID(key) for key in given["reviewers"]],
            ),
            trail=request.trail,
        )
        messages.success(request, _("The review has begun. Whoever is asked finds the questions under “To review”."))
        return redirect("organization:access-review", review_id=row.id)
    return render(request, "identity/access_review_start.html", {"form": form}, status=_status(request))


@require_GET
@page(VIEW)
def review(request: PageRequest, review_id: UUID) -> HttpResponseBase:
    """One review: how much is answered, by whom, and what was decided."""
    row, at = _review(review_id), SystemClock().now()
    may_manage = request.principal.may(MANAGE) and row.closed_at is None
    table = ItemTable(
        items().filter(review=row).order_by("decided_at", "membership__account__email_lower", "id"),
        exclude=("review",) if may_manage else ("review", "tick"),
    )
    show_page(table, request, rows=ROWS)
    covered = coverage_of(row)
    context = {
        "review": row,
        "table": table,
        "covered": covered,
        "meter": coverage_meter(covered),
        "pill": review_pill(row, at=at),
        "scope": role_names(row.roles),
        "is_overdue": is_overdue(row, at=at),
        "now": at,
        "started_by": names_of([row.started_by]).get(row.started_by, ""),
        "can_manage": may_manage,
        "form": ReassignForm(list(live_members().order_by("account__email_lower")), []) if may_manage else None,
        "events": history(row._meta.label_lower, str(row.id), request.principal, MOST_ENTRIES)
        if request.principal.may("audit.ledger.view")
        else None,
    }
    return render(request, "identity/access_review.html", context)


@require_POST
@page(MANAGE)
def reassign(request: PageRequest, review_id: UUID) -> HttpResponseBase:
    """Asks another colleague about what is ticked."""
    row = _review(review_id)
    form = ReassignForm(list(live_members()), request.POST.getlist("item"), request.POST)
    if form_valid(form, request):
        [reviewer] = memberships_named([UUID(form.cleaned_data["reviewer"])])
        mine = list(items().filter(review=row, id__in=form.chosen).values_list("id", flat=True))
        if len(mine) < len(set(form.chosen)):
            raise ReviewNotFound(_("There is no such question in this review."))
        count = reassign_items(item_ids=mine, reviewer=reviewer, trail=request.trail)
        said = ngettext("%(count)d question has another reviewer.", "%(count)d questions have another reviewer.", count)
        messages.success(request, said % {"count": count})
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("organization:access-review", review_id=row.id)


@require_POST
@page(MANAGE)
def close(request: PageRequest, review_id: UUID) -> HttpResponseBase:
    """Takes no more answers; what has none stands in the ledger."""
    row = close_review(review=_review(review_id), trail=request.trail)
    messages.success(request, _("%(name)s is closed.") % {"name": row.name})
    return redirect("organization:access-review", review_id=row.id)


@require_GET
@page(VIEW)
def export(request: PageRequest, review_id: UUID) -> HttpResponseBase:
    """All questions and answers of a review as CSV."""
    row = _review(review_id)
    found = list(items().filter(review=row).order_by("membership__account__email_lower", "id"))
    note_read(
        actor=request.principal,
        subject_type=AccessReviewItem._meta.label_lower,
        subject_id=str(row.id),
        purpose="export",
        count=len(found),
        at=SystemClock().now(),
    )
    header = ["member", "email", "roles", "reviewer", "decision", "roles_kept", "reason", "decided_at"]
    return csv_answer(f"access-review-{slugify(row.name) or row.id}", header, (_cells(one) for one in found))


@page(DECIDE)
def mine(request: PageRequest) -> HttpResponseBase:
    """What the signed-in member is asked, and one answer for all that is ticked."""
    form = DecideForm(request.POST.getlist("item"), request.POST or None, initial={"decision": "keep"})
    if form_valid(form, request):
        given = form.cleaned_data
        rows = decide_items(
            item_ids=form.chosen,
            decision=given["decision"],
            reason=given["reason"],
            take_away=given["take_away"],
            trail=request.trail,
        )
        said = ngettext("%(count)d decision is recorded.", "%(count)d decisions are recorded.", len(rows))
        messages.success(request, said % {"count": len(rows)})
        return redirect("organization:access-review-mine")
    table = ItemTable(asked_of(request.principal.account_id), exclude=("reviewer", "decision", "reason", "decided_at"))
    show_page(table, request, rows=ROWS)
    context = {"form": form, "table": table, "now": SystemClock().now()}
    return render(request, "identity/access_review_mine.html", context, status=_status(request))


def _cells(row: AccessReviewItem) -> list[object]:
    return [
        row.membership.account,
        row.membership.account.email,
        " ".join(row.roles),
        row.reviewer.account,
        row.decision,
        " ".join(row.kept_roles),
        row.reason,
        row.decided_at,
    ]


def _review(review_id: UUID) -> AccessReview:
    row = AccessReview.objects.filter(id=review_id).first()
    if row is None:
        raise ReviewNotFound(_("There is no such access review in your organisation."))
    return row


def _status(request: PageRequest) -> int:
    """200 for a form to fill in, 422 for one with mistakes; a refusal brings its own."""
    return 422 if request.method == "POST" and request.refusal is None else 200
