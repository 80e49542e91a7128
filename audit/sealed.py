"""The columns of audit/ that the vault seals; keys of people are wrapped by the key of their organisation."""

from audit.models import DataKey, SigningKey
from audit.operations.keys import sealing_place
from audit.operations.openings import organization_key_place
from kernel.vault import SealedColumn

COLUMNS = (
    SealedColumn(SigningKey, "sealed_private", lambda row: sealing_place(row.organization_id, row.id)),
    SealedColumn(DataKey, "wrapped", lambda row: organization_key_place(row.organization_id), {"person": None}),
)
