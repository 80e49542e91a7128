"""How old the facts are: the last import that was committed and the last scan."""

from compliance.queries import last_scan
from licensing.models import ImportBatch, ImportState

__all__ = ["last_import", "last_scan"]


def last_import() -> ImportBatch | None:
    """The batch that was committed last, of any kind."""
    return ImportBatch.objects.filter(state=ImportState.COMMITTED).order_by("-committed_at").first()
