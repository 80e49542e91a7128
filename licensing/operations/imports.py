"""Batches: an uploaded file is examined row by row, nothing is written; then it is committed in chunks."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.operations import trail as open_trail
from jobs.models import JobRun, RunState
from jobs.ports import Outcome, Progress
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.ids import human_number
from kernel.principal import Principal
from kernel.scope import organization_key, scope_of
from kernel.trail import Personal, Trail, run_in_trail
from licensing.importing import mapping as mappings
from licensing.importing.fields import RowForm
from licensing.importing.findings import to_json
from licensing.importing.inference import learn
from licensing.importing.mapping import ColumnMapping
from licensing.importing.rows import ParsedRow, read_rows
from licensing.importing.sheets import Sheet, open_sheet
from licensing.models import ImportBatch, ImportRow, ImportState
from licensing.ports import AppliedRow, ImportContext, ImportKind, PlannedRow, bindings

CHUNK = 500
STORED_AT_ONCE = 1000
COUNTED = {"new": "new", "changed": "changed", "same": "same", "error": "errors", "warning": "warnings"}


class ImportKindUnknown(InvalidInput):
    """There is no such kind of sheet."""

    code = "IMPORT_KIND_UNKNOWN"


class ImportNotFound(NotFound):
    """There is no such import in this organisation."""

    code = "IMPORT_NOT_FOUND"


class ImportFileMissing(Conflict):
    """The uploaded file is not in its folder any more, for example after a restore without files; upload it again."""

    code = "IMPORT_FILE_MISSING"


class ImportNotOpen(Conflict):
    """The import is being committed or was committed before."""

    code = "IMPORT_NOT_OPEN"


def kind_named(name: str) -> ImportKind[Any]:
    """Raises ImportKindUnknown."""
    kind = bindings.import_kinds.get(name)
    if kind is None:
        raise ImportKindUnknown(
            _("Choose what the file contains: %(kinds)s.") % {"kinds": ", ".join(sorted(bindings.import_kinds))},
            pointer="/kind",
        )
    return kind


def examine(*, kind_name: str, file_name: str, data: bytes, source: str, trail: Trail) -> ImportBatch:
    """Stores the upload and its dry run: what each row would do. Raises what reading a broken file raises."""
    kind = kind_named(kind_name)
    sheet = open_sheet(data)
    mapping = mappings.guess(sheet.header, kind.form, remembered=_remembered(kind_name, source))
    batch = ImportBatch(
        organization_id=trail.organization_id,
        number=human_number("I"),
        kind=kind_name,
        source=source,
        file_name=file_name[:200],
        file_sha256=sheet.facts.digest,
        file_size=len(data),
        created_at=trail.clock.now(),
        created_by=str(trail.actor.pseudonym),
    )
    # Refuses an unreadable file before anything is stored.
    planned = list(_planned(kind, sheet, mapping, batch, trail))
    _store(batch, kind.form, mapping, planned)
    default_storage.save(_path(batch), ContentFile(data))
    trail.record(
        "import.dry_run",
        subject=batch,
        details={"kind": kind_name, "sha256": batch.file_sha256, "size": batch.file_size, **_counts(batch)},
        personal={"file_name": Personal(trail.actor.pseudonym, batch.file_name)},
    )
    return batch


def examine_again(*, batch_id: UUID, choices: Mapping[str, int | None], trail: Trail) -> ImportBatch:
    """The same file with columns chosen by a person; the former dry run is replaced. Raises ImportNotOpen."""
    batch = _locked(batch_id)
    if batch.state != ImportState.DRY_RUN:
        raise ImportNotOpen(_("This import has been committed already."))
    kind = kind_named(batch.kind)
    sheet = open_sheet(file_of(batch))
    mapping = mappings.chosen(sheet.header, kind.form, choices)
    planned = list(_planned(kind, sheet, mapping, batch, trail))
    ImportRow.objects.filter(batch=batch).delete()
    _store(batch, kind.form, mapping, planned)
    trail.record("import.dry_run", subject=batch, details={"kind": batch.kind, **_counts(batch)})
    return batch


def may_commit(batch: ImportBatch) -> bool:
    """Whether a commit may start: the file was examined, a commit failed, or its worker died before it could say so."""
    if batch.state == ImportState.COMMITTING and batch.job_run_id is not None:
        return JobRun.objects.filter(id=batch.job_run_id, state=RunState.FAILED).exists()
    return batch.state in {ImportState.DRY_RUN, ImportState.FAILED}


def claim_commit(*, batch_id: UUID, job_run_id: UUID | None, trail: Trail) -> ImportBatch:
    """Marks the batch as being committed; from here on nobody else can. Raises ImportNotOpen and ImportNotFound."""
    batch = _locked(batch_id)
    if not may_commit(batch):
        raise ImportNotOpen(_("This import has been committed already."))
    batch.state, batch.job_run_id, batch.error_code, batch.error = ImportState.COMMITTING, job_run_id, "", ""
    try:
        with transaction.atomic():
            batch.save(update_fields=["state", "job_run_id", "error_code", "error"])
    except IntegrityError as error:
        raise ImportNotOpen(_("The same file is being committed right now.")) from error
    return batch


def commit(*, batch_id: UUID, actor: Principal, progress: Progress) -> Outcome:
    """Writes the rows of a claimed batch, a trail for each chunk of 500, planning each chunk anew, because the book may
    have changed since the dry run. Called again after a crash it finds its own rows as SAME."""
    with scope_of(actor):
        batch = ImportBatch.objects.get(id=batch_id)
        kind = kind_named(batch.kind)
        sheet = open_sheet(file_of(batch))
        mapping = mappings.guess(sheet.header, kind.form, remembered=batch.mapping)
    total = max(batch.new + batch.changed + batch.same + batch.errors + batch.warnings, 1)
    counts: Counter[str] = Counter()
    done = 0
    rows = read_rows(sheet, kind.form, mapping, learn(sheet, kind.form, mapping))
    for chunk in _chunks(rows):
        applied = run_in_trail(partial(_apply, kind, batch, chunk), actor=actor)
        counts.update(row.status.value for row in applied)
        done += len(chunk)
        progress(min(99, done * 100 // total), batch.number)
    with open_trail(organization_id=actor.organization_id, actor=actor) as trail:
        _finish(batch, counts, trail)
    return {"batch": str(batch.id), **{name: counts[name] for name in COUNTED}}


def _apply(
    kind: ImportKind[Any], batch: ImportBatch, chunk: Sequence[ParsedRow[Any]], trail: Trail
) -> Sequence[AppliedRow]:
    """One chunk in one trail; run_in_trail calls it again after a deadlock with a scan or another import."""
    context = _context(batch, trail)
    applied = kind.apply(list(kind.plan(chunk, context)), context=context, trail=trail)
    _note_applied(batch, applied, trail)
    return applied


def fail(*, batch_id: UUID, actor: Principal, code: str, message: str) -> None:
    """Opens the batch again for another try, with the reason on it; chunks that were written stay written."""
    with open_trail(organization_id=actor.organization_id, actor=actor) as trail:
        batch = _locked(batch_id)
        batch.state, batch.error_code, batch.error = ImportState.FAILED, code, message
        batch.save(update_fields=["state", "error_code", "error"])
        trail.record("import.failed", subject=batch, details={"code": code})


def file_of(batch: ImportBatch) -> bytes:
    """The uploaded bytes. Raises ImportFileMissing."""
    try:
        with default_storage.open(_path(batch)) as file:
            return bytes(file.read())
    except FileNotFoundError as error:
        raise ImportFileMissing(_("The file of this import is lost; upload it again.")) from error


def _chunks(rows: Iterator[ParsedRow[Any]]) -> Iterator[list[ParsedRow[Any]]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _planned(
    kind: ImportKind[Any], sheet: Sheet, mapping: ColumnMapping, batch: ImportBatch, trail: Trail
) -> Iterator[tuple[PlannedRow[Any], dict[str, str]]]:
    rows = read_rows(sheet, kind.form, mapping, learn(sheet, kind.form, mapping))
    texts: list[dict[str, str]] = []

    def noted() -> Iterator[ParsedRow[Any]]:
        for row in rows:
            texts.append(row.texts(mapping))
            yield row

    for position, planned in enumerate(kind.plan(noted(), _context(batch, trail))):
        yield planned, texts[position]


def _context(batch: ImportBatch, trail: Trail) -> ImportContext:
    return ImportContext(
        organization_id=trail.organization_id,
        source=batch.source,
        at=trail.clock.now(),
        actor=trail.actor,
        batch_id=batch.id,
    )


def _store(
    batch: ImportBatch,
    form: RowForm[Any],
    mapping: ColumnMapping,
    planned: Sequence[tuple[PlannedRow[Any], dict[str, str]]],
) -> None:
    counts = Counter(row.status.value for row, _texts in planned)
    for status, column in COUNTED.items():
        setattr(batch, column, counts[status])
    batch.mapping = mapping.to_remember(form)
    batch.save()
    ImportRow.objects.bulk_create(
        (
            ImportRow(
                organization_id=batch.organization_id,
                batch=batch,
                line=row.line,
                status=row.status.value,
                cells=texts,
                diff={change.field: [change.before, change.after] for change in row.changes},
                findings=[to_json(finding) for finding in row.findings],
            )
            for row, texts in planned
        ),
        batch_size=STORED_AT_ONCE,
    )


def _note_applied(batch: ImportBatch, applied: Sequence[AppliedRow], trail: Trail) -> None:
    now = trail.clock.now()
    rows = {row.line: row for row in ImportRow.objects.filter(batch=batch, line__in=[item.line for item in applied])}
    changed = []
    for item in applied:
        row = rows.get(item.line)
        if row is None:
            continue
        row.status, row.findings = item.status.value, [to_json(finding) for finding in item.findings]
        if item.target_id:
            row.target_type, row.target_id, row.applied_at = item.target_type, item.target_id, now
        row.before = dict(item.before) if item.before is not None else None
        changed.append(row)
    ImportRow.objects.bulk_update(
        changed, ["status", "findings", "target_type", "target_id", "before", "applied_at"], batch_size=STORED_AT_ONCE
    )


def _finish(batch: ImportBatch, counts: Counter[str], trail: Trail) -> None:
    row = _locked(batch.id)
    for status, column in COUNTED.items():
        setattr(row, column, counts[status])
    row.state, row.committed_at, row.committed_by = (
        ImportState.COMMITTED,
        trail.clock.now(),
        str(trail.actor.pseudonym),
    )
    row.save()
    trail.record("import.committed", subject=row, details={"kind": row.kind, "sha256": row.file_sha256, **_counts(row)})


def _counts(batch: ImportBatch) -> dict[str, Any]:
    return {status: getattr(batch, column) for status, column in COUNTED.items()}


def _locked(batch_id: UUID) -> ImportBatch:
    row = ImportBatch.objects.select_for_update(no_key=True).filter(id=batch_id).first()
    if row is None:
        raise ImportNotFound(_("There is no such import in your organisation."))
    return row


def _remembered(kind: str, source: str) -> Mapping[str, str]:
    """The mapping of the last committed file of this kind from this source."""
    row = (
        ImportBatch.objects.filter(kind=kind, source=source, state=ImportState.COMMITTED)
        .order_by("-created_at")
        .values_list("mapping", flat=True)
        .first()
    )
    return row or {}


def _path(batch: ImportBatch) -> str:
    return f"imports/{organization_key(batch.organization_id, batch.id)}"
