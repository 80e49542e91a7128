"""Bases of the server-rendered pages: the same scope or trail as REST has, and refusals shown where they happened."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_tables2 import RequestConfig, Table

from kernel import scope
from kernel.clock import SystemClock
from kernel.errors import NotFound, PermissionRefused, Refusal
from kernel.principal import Principal
from kernel.rest import SAFE, principal_of, request_id_of
from kernel.trail import Trail, run_in_trail

P = ParamSpec("P")
MOST_ROWS = 200
PROVED = "proved_at"
"""Key of the session: when its account last proved who it is, in seconds since 1970."""


class ProofNeeded(PermissionRefused):
    """The account must first prove again who it is: the last proof is older than ten minutes."""

    code = "PROOF_NEEDED"


class PageRequest(HttpRequest):
    """What a view under `page` gets: a principal, on unsafe methods a trail, and the refusal of the first try."""

    principal: Principal
    trail: Trail
    refusal: Refusal | None
    htmx: Any


View = Callable[Concatenate[PageRequest, P], HttpResponseBase]


def page(
    permission: str, *, confirm: bool = False
) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]]:
    """Visitors go to the sign-in, accounts without `permission` get the 403 page.

    With `confirm`, whoever has not proved within ten minutes who it is does so first and then comes back.

    GET runs in a scope, POST in a trail (`request.trail`). When a POST is refused, everything is rolled back and the
    view is called once more in a scope with `request.refusal` set: it renders its form again, nothing typed is lost.
    """

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            principal = principal_of(request)
            if principal is None:
                return redirect_to_login(request.get_full_path())
            asked = cast(PageRequest, request)
            asked.refusal = None
            try:
                principal.require(permission)
                if confirm and not recently_proved(request):
                    return prove_first(request)
                if request.method in SAFE:
                    return _read(view, asked, principal, *args, **kwargs)
                return _write(view, asked, principal, *args, **kwargs)
            except PermissionRefused as refusal:
                return refused(request, refusal)
            except NotFound as refusal:
                raise Http404(refusal.message) from refusal
            except Refusal as refusal:
                # A form would have shown it; what only shows something has a page of its own for it.
                return refused(request, refusal)

        wrapped.permission = permission  # type: ignore[attr-defined]  # read by the route test
        return cast(Callable[Concatenate[HttpRequest, P], HttpResponseBase], wrapped)

    return decorate


def recently_proved(request: Any) -> bool:
    """Whether the account behind the session gave a password or a code within the last ten minutes."""
    session = getattr(request, "session", None) or {}
    return bool(SystemClock().now().timestamp() - session.get(PROVED, 0) <= settings.PROOF_SECONDS)


def require_proof(request: Any) -> None:
    """For REST and actions of the admin, which cannot lead anybody to a page. Whoever comes with an access token and no
    session is not asked: the token itself was given for this. Raises ProofNeeded."""
    if getattr(request, "auth", None) is None and not recently_proved(request):
        raise ProofNeeded(
            _("Confirm first that it is you, at %(address)s, and repeat the last step.")
            % {"address": settings.CONFIRM_URL}
        )


def prove_first(request: HttpRequest) -> HttpResponseBase:
    """To the page that asks for a proof, and from there back to the page on which something was about to be done."""
    wanted = request.get_full_path()
    if request.method not in SAFE:
        messages.info(request, _("Nothing was changed yet: confirm that it is you, and repeat the last step."))
        wanted = _page_before(request) or wanted
    return redirect_to_login(wanted, login_url=settings.CONFIRM_URL)


def _page_before(request: HttpRequest) -> str:
    """The page with the form that was sent; empty when the browser does not tell or it was a page of somebody else."""
    before = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(before)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _read(view: Any, request: PageRequest, principal: Principal, *args: Any, **kwargs: Any) -> HttpResponseBase:
    with scope.scope_of(principal):
        return _rendered(view(request, *args, **kwargs))


def _write(view: Any, request: PageRequest, principal: Principal, *args: Any, **kwargs: Any) -> HttpResponseBase:
    def work(trail: Trail) -> HttpResponseBase:
        request.trail = trail
        response = _rendered(view(request, *args, **kwargs))
        if response.status_code >= 400:
            trail.abandon()
        return response

    try:
        return run_in_trail(work, actor=principal, request_id=request_id_of(request))
    except (NotFound, PermissionRefused):
        raise
    except Refusal as refusal:
        request.refusal = refusal
        response = _read(view, request, principal, *args, **kwargs)
        # A redirect stays one: the page that it leads to shows the message.
        if response.status_code < 300:
            response.status_code = refusal.status
        return response


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    render_now = getattr(response, "render", None)
    return render_now() if callable(render_now) else response


def form_valid(form: BaseForm, request: PageRequest) -> bool:
    """True when the form may be carried out; a refusal of the first try is shown on the form, beside its field."""
    if request.method in SAFE:
        return False
    valid = form.is_valid()
    if request.refusal is None:
        return valid
    placed = False
    for error in request.refusal.errors:
        name = error.pointer.strip("/")
        if name in form.fields:
            form.add_error(name, error.message)
            placed = True
    if not placed:
        form.add_error(None, request.refusal.message)
    return False


def show_page(table: Table, request: HttpRequest, *, rows: int) -> None:
    """Sorts a table and cuts it to one page as the address asks: `sort`, `page`, and `per_page` up to MOST_ROWS.

    A page that does not exist becomes the nearest one that does; the library alone fails on a `per_page` below one.
    """
    RequestConfig(request, paginate=False).configure(table)
    try:
        wanted = int(request.GET[table.prefixed_per_page_field])
    except (KeyError, ValueError):
        wanted = rows
    table.paginate(per_page=min(max(wanted, 1), MOST_ROWS))
    table.page = table.paginator.get_page(request.GET.get(table.prefixed_page_field))


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page for a refusal that no form can show."""
    return render(
        request,
        "403.html" if refusal.status == 403 else "400.html",
        {"reason": refusal.message, "code": refusal.code},
        status=refusal.status,
    )
