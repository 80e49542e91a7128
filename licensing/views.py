"""The import pages: upload, dry run row by row, commit with progress, error file."""

from io import StringIO
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jobs.models import JobRun
from jobs.tasks import wake_run
from kernel.pages import PageRequest, form_valid, page
from licensing.forms import MappingForm, UploadForm
from licensing.importing.error_report import write_error_report
from licensing.importing.fields import RowForm
from licensing.importing.findings import finding_from
from licensing.importing.inference import learn
from licensing.importing.mapping import guess
from licensing.importing.money import MONEY_FIELDS, masked, masked_finding
from licensing.importing.sheets import Sheet, open_sheet, read_limited
from licensing.models import ImportBatch, ImportRow, ImportState, ImportStatus
from licensing.operations.imports import (
    COUNTED,
    ImportNotFound,
    examine,
    examine_again,
    file_of,
    kind_named,
    may_commit,
)
from licensing.work import start_commit

IMPORT = "licensing.import.run"
MONEY = "licensing.money.view"
ROWS = 50
READ_AGAIN_BYTES = 1_000_000


@page(IMPORT)
def imports(request: PageRequest) -> HttpResponseBase:
    """Upload form and the batches so far, newest first."""
    form = UploadForm(request.principal, request.POST or None, request.FILES or None)
    if form_valid(form, request):
        file = form.cleaned_data["file"]
        batch = examine(
            kind_name=form.cleaned_data["kind"],
            file_name=file.name,
            data=read_limited(file),
            source=form.cleaned_data["source"],
            trail=request.trail,
        )
        return redirect("licensing:import", batch_id=batch.id)
    batches = Paginator(ImportBatch.objects.order_by("-created_at"), ROWS).get_page(request.GET.get("page"))
    return render(
        request,
        "licensing/imports.html",
        {
            "form": form,
            "batches": batches,
            "pages": batches.paginator.get_elided_page_range(batches.number),
            "samples": SAMPLES,
        },
        status=422 if request.method == "POST" else 200,
    )


@page(IMPORT)
def import_batch(request: PageRequest, batch_id: UUID) -> HttpResponseBase:
    """One batch: counts, how the file was read, every row with its outcome, and the button to commit."""
    batch = _batch(batch_id)
    kind = kind_named(batch.kind)
    sheet = open_sheet(file_of(batch))
    form = MappingForm(batch, kind.form, sheet.header, request.POST or None)
    if request.method == "POST":
        request.principal.require(kind.needs)
    if form_valid(form, request):
        examine_again(batch_id=batch.id, choices=form.choices(), trail=request.trail)
        messages.success(request, _("The file was examined again with these columns."))
        return redirect("licensing:import", batch_id=batch.id)
    status = request.GET.get("status", "")
    rows = ImportRow.objects.filter(batch=batch).order_by("line")
    if status in ImportStatus.values:
        rows = rows.filter(status=status)
    shown = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    return render(
        request,
        "licensing/import.html",
        {
            "batch": batch,
            "form": form,
            "run": JobRun.objects.filter(id=batch.job_run_id).first() if batch.job_run_id else None,
            "reading": _reading(sheet, kind.form, batch),
            "counts": [(name, label, getattr(batch, COUNTED[name])) for name, label in ImportStatus.choices],
            "status": status,
            "total": ImportRow.objects.filter(batch=batch).count(),
            "rows": shown,
            "pages": shown.paginator.get_elided_page_range(shown.number),
            "query": f"&status={status}" if status in ImportStatus.values else "",
            "described": [_described(row, kind.form.fields, request.principal.may(MONEY)) for row in shown],
            "can_commit": may_commit(batch) and request.principal.may(kind.needs),
            "writes": batch.new + batch.changed + batch.warnings,
        },
        status=422 if request.method == "POST" else 200,
    )


def _reading(sheet: Sheet, form: RowForm[Any], batch: ImportBatch) -> list[str]:
    """How the file was read; what its columns taught is told for files that can be read again in a moment."""
    sentences = sheet.facts.sentences()
    if batch.file_size <= READ_AGAIN_BYTES:
        mapping = guess(sheet.header, form, remembered=batch.mapping)
        sentences += learn(sheet, form, mapping).sentences()
    return sentences


def _described(row: ImportRow, fields: Any, sees_money: bool) -> dict[str, Any]:
    labels = {field.name: field.label for field in fields}
    cells, diff = (row.cells, row.diff) if sees_money else (masked(row.cells), masked(row.diff))
    findings = [finding_from(row.line, stored) for stored in row.findings]
    return {
        "line": row.line,
        "status": row.status,
        "label": row.get_status_display(),
        "says": [(labels.get(name, name), text) for name, text in cells.items()],
        "diff": [(labels.get(name, name), before, after) for name, (before, after) in diff.items() if before],
        "findings": findings if sees_money else [masked_finding(one) for one in findings],
    }


@require_POST
@page(IMPORT)
def commit_import(request: PageRequest, batch_id: UUID) -> HttpResponseBase:
    """Hands the batch to a worker and returns to its page, which shows the progress."""
    batch = _batch(batch_id)
    request.principal.require(kind_named(batch.kind).needs)
    if request.refusal is not None:
        messages.error(request, request.refusal.message)
        return redirect("licensing:import", batch_id=batch.id)
    start_commit(batch_id=batch.id, trail=request.trail, wake=wake_run)
    return redirect("licensing:import", batch_id=batch.id)


@require_GET
@page(IMPORT)
def import_progress(request: PageRequest, batch_id: UUID) -> HttpResponseBase:
    """The progress as a fragment that asks for itself again until the batch is done."""
    batch = _batch(batch_id)
    run = JobRun.objects.filter(id=batch.job_run_id).first() if batch.job_run_id else None
    response = render(request, "licensing/_progress.html", {"batch": batch, "run": run})
    if batch.state != ImportState.COMMITTING or may_commit(batch):
        # The page around the fragment has changed as well: load it anew.
        response["HX-Refresh"] = "true"
    return response


@require_GET
@page(IMPORT)
def import_errors(request: PageRequest, batch_id: UUID) -> HttpResponseBase:
    """The lines that need attention, as they were, each with what is wrong."""
    batch = _batch(batch_id)
    kind = kind_named(batch.kind)
    sheet = open_sheet(file_of(batch))
    rows = ImportRow.objects.filter(batch=batch).exclude(findings=[]).order_by("line")
    findings = [finding_from(row.line, stored) for row in rows for stored in row.findings]
    sees_money, text = request.principal.may(MONEY), StringIO(newline="")
    write_error_report(
        sheet,
        guess(sheet.header, kind.form, remembered=batch.mapping),
        findings if sees_money else [masked_finding(one) for one in findings],
        text,
        without=() if sees_money else MONEY_FIELDS,
    )
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{batch.number}-errors.csv"'
    response["Cache-Control"] = "no-store"
    return response


@require_GET
@page(IMPORT)
def sample(request: PageRequest, name: str) -> HttpResponseBase:
    """A sample file: good, messy or broken."""
    if name not in SAMPLES:
        raise ImportNotFound(_("There is no such sample."))
    path = settings.BASE_DIR / "samples" / name
    response = HttpResponse(path.read_bytes(), content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


SAMPLES = tuple(
    f"{kind}-{quality}.csv" for kind in ("entitlements", "assignments") for quality in ("good", "messy", "broken")
)


def _batch(batch_id: UUID) -> ImportBatch:
    row = ImportBatch.objects.filter(id=batch_id).first()
    if row is None:
        raise ImportNotFound(_("There is no such import in your organisation."))
    return row
