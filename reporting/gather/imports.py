"""The files from which rows of the package come."""

from django.db.models import Q

from licensing.models import ImportBatch, ImportState
from reporting.gather.frame import Frame
from reporting.gather.rights import Rights
from reporting.packages.snapshot import ImportRow, Scope


def imports(frame: Frame, rights: Rights) -> tuple[ImportRow, ...]:
    """Batches that brought a right of the package; for the whole organisation those of the period as well, whatever
    they brought. The first to be committed first; one query."""
    wanted = Q(id__in={row.import_row.batch_id for row in rights.rows if row.import_row})
    if frame.scope is Scope.ALL:
        wanted |= Q(committed_at__gte=frame.start, committed_at__lt=frame.end)
    rows = ImportBatch.objects.filter(wanted, state=ImportState.COMMITTED).order_by("committed_at", "id")
    return tuple(
        ImportRow(
            number=row.number,
            kind=row.kind,
            file_name=row.file_name,
            file_sha256=row.file_sha256,
            committed_at=row.committed_at,
            new=row.new,
            changed=row.changed,
            same=row.same,
            errors=row.errors,
            warnings=row.warnings,
        )
        for row in rows
        if row.committed_at is not None
    )
