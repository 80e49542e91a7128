"""The columns of identity/ that the vault seals."""

from identity.models import PasswordReset, SecondFactor
from identity.one_time_codes import sealing_place
from identity.operations import reset_sealing_place
from kernel.vault import SealedColumn

COLUMNS = (
    SealedColumn(SecondFactor, "sealed_secret", lambda row: sealing_place(row.account_id)),
    SealedColumn(PasswordReset, "sealed_token", lambda row: reset_sealing_place(row.id), {"sealed_token__gt": b""}),
)
