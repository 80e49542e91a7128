"""The columns of licensing/ that the vault seals."""

from kernel.vault import SealedColumn
from licensing.keyring import bought_key_place, sealing_place
from licensing.models import LicenseKey, SigningKey

COLUMNS = (
    SealedColumn(SigningKey, "sealed_private", lambda row: sealing_place(row.organization_id, row.id)),
    SealedColumn(
        LicenseKey,
        "ciphertext",
        lambda row: bought_key_place(row.organization_id, row.id),
        only={"ciphertext__isnull": False},
    ),
)
