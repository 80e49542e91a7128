"""Pages of audit packages: the list with the order form, one package with its progress, the download."""

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from identity.models import Organization
from jobs.tasks import wake_run
from kernel.clock import DatabaseClock
from kernel.pages import PageRequest, form_valid, page
from reporting.gather.people import role_names
from reporting.operations import hand_out, request_package, retry_package
from reporting.operations.ordering import PackageNotFound
from reporting.package_form import Choices, PackageForm
from reporting.package_response import archive_response
from reporting.queries import packages as books
from reporting.queries.packages import PackageProgress, scope_choices, signing_fingerprint
from reporting.rules.spans import Span

VIEW = "reporting.package.view"
BUILD = "reporting.package.build"
DOWNLOAD = "reporting.package.download"
ROWS = 25


@page(VIEW)
def packages(request: PageRequest) -> HttpResponseBase:
    """Packages so far, newest first; who may build orders one here."""
    if request.method == "POST":
        request.principal.require(BUILD)
    form = _form(request) if request.principal.may(BUILD) else None
    if form is not None and form_valid(form, request):
        first, last = form.span()
        row = request_package(
            first=first,
            last=last,
            scope=form.chosen_scope(),
            language=form.cleaned_data["language"],
            role=role_names(request.principal.roles, language=form.cleaned_data["language"]),
            trail=request.trail,
            wake=wake_run,
        )
        return redirect("reporting:package", package_id=row.id)
    shown = Paginator(books.packages(), ROWS).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "packages": shown,
        "pages": shown.paginator.get_elided_page_range(shown.number),
        "rows": [_described(entry) for entry in books.with_runs(list(shown))],
        "fingerprint": signing_fingerprint(),
        "may_download": request.principal.may(DOWNLOAD),
    }
    return render(request, "reporting/packages.html", context, status=422 if request.method == "POST" else 200)


@require_GET
@page(VIEW)
def package(request: PageRequest, package_id: UUID) -> HttpResponseBase:
    """One package: progress while it is built, then digests, key and download."""
    found = _found(package_id)
    context = {
        **_described(found),
        "fingerprint": signing_fingerprint(at=found.package.built_at),
        "key_address": f"{settings.BASE_URL}/.well-known/audit-keys.json?organization={_organization(request).slug}",
        "may_download": request.principal.may(DOWNLOAD),
        "may_build": request.principal.may(BUILD),
        "language_name": dict(settings.LANGUAGES).get(found.package.language, found.package.language),
    }
    return render(request, "reporting/package.html", context)


@require_GET
@page(VIEW)
def package_progress(request: PageRequest, package_id: UUID) -> HttpResponseBase:
    """The progress as a fragment that asks for itself again until the package is ready or has failed."""
    found = _found(package_id)
    response = render(request, "reporting/_package_progress.html", _described(found))
    if not found.is_open:
        # The page around the fragment has changed as well: load it anew.
        response["HX-Refresh"] = "true"
    return response


@require_POST
@page(BUILD)
def package_retry(request: PageRequest, package_id: UUID) -> HttpResponseBase:
    """Hands a failed package to a worker again."""
    if request.refusal is not None:
        messages.error(request, request.refusal.message)
    else:
        retry_package(package_id=package_id, trail=request.trail, wake=wake_run)
    return redirect("reporting:package", package_id=package_id)


@require_POST
@page(DOWNLOAD)
def package_download(request: PageRequest, package_id: UUID) -> HttpResponseBase:
    """The archive; the download stands in the ledger before the first byte leaves."""
    if request.refusal is not None:
        messages.error(request, request.refusal.message)
        return redirect("reporting:package", package_id=package_id)
    return archive_response(hand_out(package_id=package_id, trail=request.trail))


def _form(request: PageRequest) -> PackageForm:
    publishers, products = scope_choices()
    language = get_language() or settings.LANGUAGE_CODE
    return PackageForm(_today(request), Choices(publishers, products), request.POST or None, language=language)


def _organization(request: PageRequest) -> Organization:
    return Organization.objects.get(id=request.principal.organization_id)


def _today(request: PageRequest) -> date:
    return DatabaseClock().now().astimezone(ZoneInfo(_organization(request).time_zone)).date()


def _found(package_id: UUID) -> PackageProgress:
    found = books.package_progress(package_id)
    if found is None:
        raise PackageNotFound(_("There is no such audit package in your organisation."))
    return found


def _described(found: PackageProgress) -> dict[str, object]:
    return {
        "found": found,
        "package": found.package,
        "run": found.run,
        "last_day": Span(found.package.period_start, found.package.period_end).last,
    }
