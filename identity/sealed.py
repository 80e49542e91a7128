"""The columns of identity/ that the vault seals."""

from identity.channels import SECRET_EMAIL, message_sealing_place
from identity.models import PasswordReset, SamlPendingRequest, SecondFactor, SpKey, TokenSigningKey
from identity.one_time_codes import sealing_place
from identity.operations import reset_sealing_place
from identity.operations.saml_keys import key_sealing_place
from identity.operations.saml_requests import answer_sealing_place
from identity.queries.token_keys import sealed_at
from jobs.models import OutboxMessage, OutboxState
from kernel.vault import SealedColumn

COLUMNS = (
    SealedColumn(SecondFactor, "sealed_secret", lambda row: sealing_place(row.account_id)),
    SealedColumn(PasswordReset, "sealed_token", lambda row: reset_sealing_place(row.id), {"sealed_token__gt": b""}),
    SealedColumn(SpKey, "sealed_key", lambda row: key_sealing_place(row.organization_id, row.id)),
    SealedColumn(
        SamlPendingRequest,
        "answer",
        lambda row: answer_sealing_place(row.organization_id, row.id),
        {"answer__isnull": False},
    ),
    SealedColumn(TokenSigningKey, "sealed_private", lambda row: sealed_at(row.id)),
    # Given up counts as unsent: somebody may ask for another try. What was sent is opened by nobody any more.
    SealedColumn(
        OutboxMessage,
        "payload",
        lambda row: message_sealing_place(row.payload["place"]),
        {"channel": SECRET_EMAIL, "state__in": [OutboxState.WAITING, OutboxState.DEAD]},
        member="sealed",
    ),
)
