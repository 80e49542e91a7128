"""The columns of licensing/ that the vault seals."""

from kernel.vault import SealedColumn
from licensing.keyring import sealing_place
from licensing.models import SigningKey

COLUMNS = (SealedColumn(SigningKey, "sealed_private", lambda row: sealing_place(row.organization_id, row.id)),)
