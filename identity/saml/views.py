"""The addresses that an identity provider and its people come to for signing in: metadata, sign-in, acs."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from identity import sessions
from identity.browser_nonce import bind, drawn_nonce, nonce_of
from identity.models import ConnectionState, Purpose, SamlConnection, SamlPendingRequest
from identity.operations.saml_accounts import Admission, admit, told
from identity.operations.saml_requests import (
    MessageRefused,
    answer_request,
    begin_request,
    keep_answer,
    use_once,
)
from identity.operations.saml_sessions import note_session
from identity.ports import bindings
from identity.queries import LiveMembership
from identity.rules.single_sign_on import claims_of
from identity.saml.consuming import Identity, consume
from identity.saml.limits import seconds_to_wait
from identity.saml.messages import metadata as metadata_of
from identity.saml.messages import sign_in_address
from identity.saml.receiving import CLOCK, carried_out, connection_at, posted_text, refusal_page, refused
from kernel.rest import principal_of
from kernel.trail import Trail

HOME = "/"
MANAGE = "identity.sso.manage"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


@dataclass(frozen=True)
class Outcome:
    """What follows from an accepted message: where to go, and who goes there; nobody for a test or an open link."""

    target: str
    admission: Admission | None = None


@require_safe
def metadata(request: HttpRequest, connection: str) -> HttpResponse:
    """Our side as a file that the identity provider reads; everybody may know it."""
    _row, trust = connection_at(connection)
    answer = HttpResponse(metadata_of(trust), content_type="application/samlmetadata+xml")
    answer["Content-Disposition"] = f'attachment; filename="seatledger-{connection}.xml"'
    return answer


@never_cache
@require_safe
def sign_in(request: HttpRequest, connection: str) -> HttpResponseBase:
    """Sends the browser to the identity provider; with `test` the answer is shown and nobody is signed in."""
    row, trust = connection_at(connection)
    purpose = Purpose.TEST if request.GET.get("test") else Purpose.SIGN_IN
    if reason := _closed(request, row, purpose):
        return render(request, "saml/refused.html", {"reason": reason}, status=403)
    if wait := seconds_to_wait(request, row):
        answer = render(request, "saml/too_often.html", {"seconds": wait}, status=429)
        answer["Retry-After"] = str(wait)
        return answer
    nonce, target = drawn_nonce(request), _own_address(request.GET.get("next", ""))

    def work(trail: Trail) -> SamlPendingRequest:
        return begin_request(connection=row, purpose=purpose, nonce=nonce, target=target, trail=trail)

    asked = carried_out(request, row, work)
    address = sign_in_address(trust, request_id=asked.request_id, relay=asked.relay, at=CLOCK.now())
    onward = HttpResponseRedirect(address)
    bind(onward, nonce)
    return onward


def _closed(request: HttpRequest, row: SamlConnection, purpose: Purpose) -> str:
    """Why nobody may begin here now; empty where somebody may."""
    if not bindings.plan(organization_id=row.organization_id, feature="sso"):
        return _("The plan of this organisation does not include single sign-on.")
    if purpose == Purpose.SIGN_IN:
        return "" if row.state == ConnectionState.ACTIVE else _("This company sign-in is not switched on.")
    principal = principal_of(request)
    if principal is None or principal.organization_id != row.organization_id or not principal.may(MANAGE):
        return _("Only administrators of the organisation may test a connection.")
    return "" if row.sso_url else _("Say first where your identity provider is.")


def _own_address(target: str) -> str:
    """A path of this site, else home; kept here and never sent round, so nobody can send people elsewhere."""
    return target if target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None) else HOME


@csrf_exempt  # the provider's page posts it; signature, request and browser nonce stand for the token
@never_cache
@require_POST
def acs(request: HttpRequest, connection: str) -> HttpResponseBase:
    """Takes the provider's answer: the person works in this connection's organisation, and nowhere else."""
    row, trust = connection_at(connection)
    try:
        identity = consume(posted_text(request, "SAMLResponse"), trust=trust, at=CLOCK.now())
    except MessageRefused as refusal:
        return refused(request, row, refusal)
    try:
        outcome = carried_out(request, row, lambda trail: _accepted(request, row, identity, trail))
    except MessageRefused as refusal:
        return refusal_page(request, refusal)
    if outcome.admission is not None:
        _enter(request, row, outcome.admission, identity)
    return HttpResponseRedirect(outcome.target)


def _accepted(request: HttpRequest, row: SamlConnection, identity: Identity, trail: Trail) -> Outcome:
    """Used for the first time, in answer to an open request of this browser, about somebody who may come in."""
    asked = _asked(request, row, identity, trail)
    use_once(connection=row, message_id=identity.assertion_id, until=identity.valid_until, trail=trail)
    claims = claims_of(identity.name_id, identity.name_id_format, identity.attributes, row.attribute_map)
    if asked is not None and asked.purpose == Purpose.TEST:
        keep_answer(request=asked, answer={"claims": told(claims), "received": _received(identity)}, trail=trail)
        return Outcome(reverse("organization:sso-test", args=[row.id, asked.id]))
    if row.state != ConnectionState.ACTIVE or not bindings.plan(organization_id=row.organization_id, feature="sso"):
        raise MessageRefused(_("This company sign-in is not switched on."), why="not_active")
    if identity.name_id_format == TRANSIENT:
        raise MessageRefused(
            _("Your identity provider gives you a new name each time. Its administrator must set a lasting one."),
            why="transient_name",
        )
    admission = admit(connection=row, claims=claims, trail=trail)
    if admission is not None:
        return Outcome(asked.target if asked is not None else HOME, admission)
    if asked is None:
        raise MessageRefused(_("This sign-in is not linked with an account yet."), why="not_linked")
    keep_answer(request=asked, answer={"claims": told(claims)}, trail=trail)
    return Outcome(reverse("identity:link", args=[asked.id]))


def _asked(request: HttpRequest, row: SamlConnection, identity: Identity, trail: Trail) -> SamlPendingRequest | None:
    """The request that the signed part of the message answers; None where the provider began and may."""
    if identity.in_response_to:
        return answer_request(
            connection=row,
            request_id=identity.in_response_to,
            relay=request.POST.get("RelayState", ""),
            nonce=nonce_of(request),
            trail=trail,
        )
    if not row.allows_idp_initiated:
        raise MessageRefused(_("The message answers no request."), why="idp_initiated")
    return None


def _received(identity: Identity) -> dict[str, object]:
    return {
        "name_id": identity.name_id,
        "name_id_format": identity.name_id_format,
        "session_index": identity.session_index,
        "ends_at": identity.ends_at.isoformat() if identity.ends_at else "",
        "attributes": {name: list(values) for name, values in sorted(identity.attributes.items())},
    }


def _enter(request: HttpRequest, row: SamlConnection, admission: Admission, identity: Identity) -> None:
    """A session bound to the connection and its organisation, ending when the provider said."""
    member = admission.membership
    sessions.begin(
        request, account=admission.account, method=sessions.SAML, connection_id=row.id, ends_at=identity.ends_at
    )
    live = LiveMembership(member.id, member.organization_id, member.person_id, tuple(member.roles))
    sessions.work_in(request, account=admission.account, membership=live)
    index = identity.session_index
    noted = carried_out(request, row, lambda trail: note_session(link=admission.link, session_index=index, trail=trail))
    request.session[sessions.PROVIDER_SESSION] = str(noted.id)
