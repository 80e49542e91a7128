"""One write: its own trail, its line in the provisioning log, and the same for what is refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django_scim.exceptions import NotFoundError

from identity.operations.provisioning import Asked, log_done, log_refused
from identity.scim import resources
from identity.scim.authentication import Caller
from identity.scim.endpoints import Answer, Endpoint, Selection, Versions, Written
from identity.scim.errors import ANSWERED, MethodUnknown, problem_of
from kernel.trail import Trail, open_trail, run_in_trail

WRITE: Final = "identity.person.manage"
"""What access tokens need beside their scope; provisioning tokens are made for this and nothing else."""


@dataclass(frozen=True)
class Change:
    """A write as it was asked for, alone or as an operation of /Bulk."""

    verb: str
    endpoint: Endpoint
    resource_id: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    versions: Versions = None
    selection: Selection = None


def carry_out(change: Change, caller: Caller) -> Answer:
    """Carries a write out in a trail of its own. What is refused is rolled back, logged in another one and raised."""

    def work(trail: Trail) -> Written:
        with resources.PROVIDER:
            written = _work(change, trail)
        log_done(asked=_asked(change, caller, written), status=written.answer.status, trail=trail)
        return written

    try:
        caller.principal.require(WRITE)
        return run_in_trail(work, actor=caller.principal, request_id=caller.request_id).answer
    except ANSWERED as error:
        problem = problem_of(error)
        with open_trail(actor=caller.principal, request_id=caller.request_id) as trail:
            log_refused(
                asked=_asked(change, caller),
                status=problem.status,
                scim_type=problem.scim_type,
                detail=problem.detail,
                trail=trail,
            )
        raise


def _work(change: Change, trail: Trail) -> Written:
    endpoint, data = change.endpoint, dict(change.data)
    if change.verb == "POST" and not change.resource_id:
        return endpoint.create(data, change.selection, trail)
    if not change.resource_id or change.verb not in {"PUT", "PATCH", "DELETE"}:
        raise MethodUnknown("this address does not know the method")
    resource_id = known_id(change.resource_id)
    if change.verb == "DELETE":
        return endpoint.delete(resource_id, change.versions, trail)
    write: Callable[..., Written] = endpoint.replace if change.verb == "PUT" else endpoint.patch
    return write(resource_id, data, change.versions, change.selection, trail)


def known_id(text: str) -> UUID:
    """The id in an address; what cannot be one answers like one that does not exist."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError(text[:64]) from None


def _asked(change: Change, caller: Caller, written: Written | None = None) -> Asked:
    external = next((value for name, value in change.data.items() if name.lower() == "externalid"), "")
    return Asked(
        verb=change.verb,
        resource_type=change.endpoint.resource_type,
        token_id=caller.token_id,
        resource_id=written.resource_id if written is not None else change.resource_id,
        external_id=written.external_id if written is not None else str(external or "").replace("\0", ""),
        attributes=written.attributes if written is not None else (),
    )
