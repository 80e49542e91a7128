"""From the address of a connection to its row, and from a refused message to the one page that says so."""

from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn, TypeVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from identity.models import SamlConnection
from identity.operations.saml_refusals import CountedMessageRefused, count_refused_message
from identity.operations.saml_requests import MessageRefused
from identity.queries.single_sign_on import organization_of_connection, public_connection
from identity.saml.consuming import Trust
from identity.saml.inspecting import LIMIT
from identity.saml.trusting import trust_of
from kernel.clock import DatabaseClock
from kernel.errors import Refusal
from kernel.principal import system
from kernel.rest import request_id_of
from kernel.rest.counting import counted
from kernel.scope import organization_key, scope
from kernel.trail import Trail, run_in_trail

T = TypeVar("T")
TASK = "sign-in"
CLOCK = DatabaseClock()
MOST_A_MINUTE = 300
"""Refused messages per connection and minute that are told one by one; beyond that they are counted, so that nobody
can fill the ledger."""

TOLD = frozenset(
    {
        "transient_name",
        "unknown_person",
        "no_membership",
        "no_role_left",
        "membership_ended",
        "person_inactive",
        "account_closed",
        "sso_link_taken",
    }
)
"""Reasons about whoever signs in, known only after the message was accepted: they are shown."""


def connection_at(public_id: str) -> tuple[SamlConnection, Trust]:
    """The connection at this address with everything that decides about its messages. Raises Http404."""
    organization_id = organization_of_connection(public_id)
    if organization_id is None:
        raise Http404
    with scope(organization_id):
        row = public_connection(public_id)
        if row is None:
            raise Http404
        return row, trust_of(row)


def posted_text(request: HttpRequest, field: str = "") -> str:
    """The message in a field of the body, which is not read when it says itself that it is too large. Raises
    MessageRefused. Without a field only the body as a whole is judged."""
    if not request.META.get("CONTENT_LENGTH", "").isdigit() or int(request.META["CONTENT_LENGTH"]) > LIMIT:
        raise MessageRefused(_("The message is too large."), why="too_large")
    if request.content_type != "application/x-www-form-urlencoded":
        raise MessageRefused(_("There is no message."), why="no_message")
    if field and len(request.POST.getlist(field)) != 1:
        raise MessageRefused(_("There is no message."), why="no_message")
    return request.POST[field] if field else ""


def carried_out(request: HttpRequest, connection: SamlConnection, work: Callable[[Trail], T]) -> T:
    """Runs `work` in a trail of the connection's organisation; every refusal becomes one of a message, recorded, or
    counted where too many came within a minute."""

    def told(trail: Trail) -> T:
        try:
            return work(trail)
        except Refusal as refusal:
            why = refusal.why if isinstance(refusal, MessageRefused) else refusal.code.lower()
            kind = MessageRefused if _within_reason(connection) else CountedMessageRefused
            raise kind(refusal.message, why=why, subject=connection) from refusal

    try:
        return _in_trail(request, connection, told)
    except CountedMessageRefused:
        _in_trail(request, connection, lambda trail: count_refused_message(connection=connection, trail=trail))
        raise


def _in_trail(request: HttpRequest, connection: SamlConnection, work: Callable[[Trail], T]) -> T:
    actor = system(connection.organization_id, TASK)
    return run_in_trail(work, actor=actor, request_id=request_id_of(request), clock=CLOCK)


def refused(request: HttpRequest, connection: SamlConnection, refusal: MessageRefused) -> HttpResponse:
    """Records what was refused before any trail was open."""

    def work(_trail: Trail) -> NoReturn:
        raise refusal

    with suppress(MessageRefused):
        carried_out(request, connection, work)
    return refusal_page(request, refusal)


def refusal_page(request: HttpRequest, refusal: MessageRefused) -> HttpResponse:
    """The same page for every message that is not accepted; only what concerns the person alone is told."""
    reason = refusal.message if refusal.why in TOLD else _("What came from your company's sign-in was not accepted.")
    return render(request, "saml/refused.html", {"reason": reason}, status=403)


def _within_reason(connection: SamlConnection) -> bool:
    key = organization_key(connection.organization_id, "saml-refused", connection.id)
    return counted(key, seconds=60) <= MOST_A_MINUTE
