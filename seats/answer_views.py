"""The page behind the links of a notice: the holder of one seat keeps it or gives it back, without a sign-in."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from identity.models import Organization
from kernel.clock import DatabaseClock
from kernel.principal import system
from kernel.rest import request_id_of
from kernel.scope import scope
from kernel.trail import run_in_trail
from seats.answer_links import AnswerKey, read_token
from seats.models import CandidateState, RemovalCandidate
from seats.operations import AnswerLinkOver, answer
from seats.queries import holder_name, removal_candidates
from seats.reclamation_forms import AnswerForm
from seats.use_words import source_label


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer_page(request: HttpRequest, token: str) -> HttpResponse:
    """Looking at the page answers nothing: programs that follow links in e-mails keep and give back no seat. A POST
    does, once."""
    key = read_token(token)
    row = _waiting(key)
    if key is None or row is None:
        return _over(request)
    choice = request.GET.get("choice", "")
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            answered = _answered(request, key, form)
        except AnswerLinkOver:
            return _over(request)
        return _page(request, "seats/answered.html", answered, kept=form.cleaned_data["answer"] == "keep")
    return _page(
        request, "seats/answer.html", row, form=form, token=token, choice=choice, status=422 if form.is_bound else 200
    )


def _over(request: HttpRequest) -> HttpResponse:
    return _private(render(request, "seats/answer_over.html", status=404))


def _waiting(key: AnswerKey | None) -> RemovalCandidate | None:
    """The candidate while its question is open and the link is the one that was sent."""
    if key is None or not Organization.objects.filter(id=key.organization_id, closed_at__isnull=True).exists():
        return None
    with scope(key.organization_id):
        return (
            removal_candidates()
            .filter(id=key.candidate_id, state=CandidateState.AWAITING_USER, nonce=key.nonce)
            .first()
        )


def _answered(request: HttpRequest, key: AnswerKey, form: AnswerForm) -> RemovalCandidate:
    keep = form.cleaned_data["answer"] == "keep"
    run_in_trail(
        lambda trail: answer(
            candidate_id=key.candidate_id,
            nonce=key.nonce,
            keep=keep,
            reason=form.cleaned_data["reason"],
            trail=trail,
        ),
        actor=system(key.organization_id, "seat_holder"),
        request_id=request_id_of(request),
        clock=DatabaseClock(),
    )
    with scope(key.organization_id):
        return removal_candidates().get(id=key.candidate_id)


def _page(
    request: HttpRequest, template: str, row: RemovalCandidate, *, status: int = 200, **more: Any
) -> HttpResponse:
    """What is shown was read with the row: no scope is open here."""
    seat = row.assignment
    context = {
        "product": seat.pool.product.name,
        "device": seat.device.hostname if seat.device else "",
        "holder": holder_name(seat),
        "house": Organization.objects.get(id=row.organization_id).name,
        "candidate": row,
        "since": seat.since,
        "source": source_label(row.use_source),
        **more,
    }
    return _private(render(request, template, context, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    """The address is the key: it is told to no other site."""
    response["Referrer-Policy"] = "no-referrer"
    return response
