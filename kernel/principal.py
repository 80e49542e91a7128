"""Who acts, and what an approval is."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from kernel.errors import JsonValue, PermissionRefused


class ScopeInsufficient(PermissionRefused):
    """The roles behind the access token allow this, but its scopes do not; `scope` names one that does."""

    code = "INSUFFICIENT_SCOPE"


# Pseudonyms of machine actors are derived, so that the same task has the same name in every ledger.
SYSTEM_ACTORS = uuid.UUID("5ea71ed6-0000-4000-8000-000000000001")


@dataclass(frozen=True)
class Principal:
    """Who acts in one organisation, for the length of one request or task.

    `pseudonym` is what the ledger writes: random for people, derived for tasks; never a name.
    `label` is for the screen alone and is never stored. `beyond_scopes` are permissions that the roles carry and the
    scopes of the access token do not, each with a scope that would; empty for whoever came without a token.
    `parties` are the business partners whose rows a customer may see, possibly none; None: no such limit.
    """

    organization_id: uuid.UUID
    account_id: uuid.UUID | None
    pseudonym: uuid.UUID
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    label: str = ""
    is_system: bool = False
    parties: frozenset[uuid.UUID] | None = None
    beyond_scopes: Mapping[str, str] = field(default_factory=dict, compare=False)

    def may(self, permission: str) -> bool:
        """True when one of the roles carries the permission; tasks of the system may do what their caller coded."""
        return self.is_system or permission in self.permissions

    def require(self, permission: str) -> None:
        """Raises PermissionRefused unless `may(permission)`, ScopeInsufficient where it is the token alone that does
        not reach so far."""
        scope = self.beyond_scopes.get(permission)
        if not self.may(permission) and scope is not None:
            raise ScopeInsufficient(
                _("This access token does not reach so far: it needs the scope %(scope)s.") % {"scope": scope},
                details={"permission": permission, "scope": scope},
            )
        if not self.may(permission):
            raise PermissionRefused(
                _("This needs the permission %(permission)s, which your roles do not carry.")
                % {"permission": permission},
                details={"permission": permission},
            )


def system(organization_id: uuid.UUID, task: str) -> Principal:
    """The principal of an unattended task, for example `system(id, "scan")`."""
    return Principal(
        organization_id=organization_id,
        account_id=None,
        pseudonym=uuid.uuid5(SYSTEM_ACTORS, task),
        label=task,
        is_system=True,
    )


@dataclass(frozen=True)
class Approval:
    """A decided change request, handed to the operation that it allows; only compliance/ builds one.

    The operation recomputes `payload_hash` from its own arguments and refuses on a difference.
    """

    request_id: uuid.UUID
    kind: str
    payload_hash: str
    requester: uuid.UUID
    approvers: tuple[uuid.UUID, ...] = field(default=())


def payload_digest(payload: Mapping[str, JsonValue]) -> str:
    """The hex SHA-256 of what is to be done: what was approved is compared with what is carried out."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
