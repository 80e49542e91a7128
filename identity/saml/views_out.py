"""The address of single log-out: where an identity provider and its people come to for signing out."""

import secrets
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from identity import sessions
from identity.browser_nonce import nonce_of
from identity.models import Purpose, SamlConnection, SamlPendingRequest
from identity.operations.saml_requests import MessageRefused, answer_sign_out, is_from, kept_answer, use_once
from identity.operations.saml_sessions import end_named_sessions
from identity.provider_sessions import goes_on
from identity.saml.consuming import Trust
from identity.saml.messages import Onward, sign_out_request, signed_out_answer
from identity.saml.receiving import CLOCK, carried_out, connection_at, posted_text, refusal_page, refused
from identity.saml.signing_out import posted, read_answer, read_request, redirected
from kernel.scope import scope
from kernel.trail import Trail

REQUEST, ANSWER = "SAMLRequest", "SAMLResponse"


@csrf_exempt  # the provider's page posts it; its signature stands for the token
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def slo(request: HttpRequest, connection: str) -> HttpResponseBase:
    """Signing out at both sides: the provider's signed request or answer, by redirection or by POST, or the way to the
    provider after our own."""
    row, trust = connection_at(connection)
    is_post = request.method == "POST"
    try:
        field = _field(request)
        if field is not None:
            message = (
                posted(posted_text(request, field), trust)
                if is_post
                else redirected(request.META["QUERY_STRING"], field, trust)
            )
            return (_asked_to_leave if field == REQUEST else _left)(request, row, trust, message)
        if not is_post and "leave" in request.GET:
            return _leaving(request, row, trust)
    except MessageRefused as refusal:
        return refused(request, row, refusal)
    raise Http404


def _field(request: HttpRequest) -> str | None:
    """What the provider sends; a body that is too large is not even looked at. Raises MessageRefused."""
    if request.method != "POST":
        return next((name for name in (REQUEST, ANSWER) if name in request.GET), None)
    posted_text(request)
    return REQUEST if REQUEST in request.POST else ANSWER


def _relay(request: HttpRequest) -> str:
    fields = request.POST if request.method == "POST" else request.GET
    return str(fields.get("RelayState", ""))


def _asked_to_leave(request: HttpRequest, row: SamlConnection, trust: Trust, message: Any) -> HttpResponseBase:
    wanted = read_request(message, trust=trust, at=CLOCK.now())

    def work(trail: Trail) -> None:
        use_once(connection=row, message_id=wanted.message_id, until=wanted.valid_until, trail=trail)
        end_named_sessions(connection=row, name_id=wanted.name_id, session_indexes=wanted.session_indexes, trail=trail)

    try:
        carried_out(request, row, work)
    except MessageRefused as refusal:
        return refusal_page(request, refusal)
    if sessions.is_bound(request) and not goes_on(request):
        logout(request)
    if not trust.idp_slo_url:
        return render(request, "saml/signed_out.html", {"connection": row})
    answer = signed_out_answer(
        trust,
        message_id=f"_{secrets.token_hex(20)}",
        in_response_to=wanted.message_id,
        relay=_relay(request),
        at=CLOCK.now(),
    )
    return _onward(request, row, answer)


def _left(request: HttpRequest, row: SamlConnection, trust: Trust, message: Any) -> HttpResponseBase:
    """The provider says that it signed the person out too."""
    answered, relay = read_answer(message, trust=trust, at=CLOCK.now()), _relay(request)
    try:
        carried_out(
            request, row, lambda trail: answer_sign_out(connection=row, request_id=answered, relay=relay, trail=trail)
        )
    except MessageRefused as refusal:
        return refusal_page(request, refusal)
    return render(request, "saml/signed_out.html", {"connection": row})


def _leaving(request: HttpRequest, row: SamlConnection, trust: Trust) -> HttpResponseBase:
    """The way to the provider for a sign-out that this browser began here."""
    with scope(row.organization_id):
        asked = SamlPendingRequest.objects.filter(
            connection=row, relay=request.GET["leave"], purpose=Purpose.SIGN_OUT, answered_at__isnull=True
        ).first()
        answer = kept_answer(asked) if asked is not None and is_from(asked, nonce_of(request)) else {}
    if asked is None or not answer or not trust.idp_slo_url:
        raise Http404
    wish = sign_out_request(
        trust,
        request_id=asked.request_id,
        relay=asked.relay,
        name_id=answer["name_id"],
        session_index=answer["session_index"],
        at=CLOCK.now(),
    )
    return _onward(request, row, wish)


def _onward(request: HttpRequest, row: SamlConnection, onward: Onward) -> HttpResponseBase:
    """To the provider: by redirection, or by a page whose form goes there and nowhere else."""
    if not onward.fields:
        return HttpResponseRedirect(onward.address)
    page = render(request, "saml/onward.html", {"connection": row, "onward": onward})
    parts = urlsplit(onward.address)
    page._csp_update = {"form-action": [f"{parts.scheme}://{parts.netloc}"]}  # type: ignore[attr-defined]  # read by django-csp
    return page
