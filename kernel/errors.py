"""Refusals: every "no" of Seatledger is an exception with a stable code.

One mapper per surface turns them into problem+json (kernel.rest), a page with a message (kernel.pages)
or an admin message (kernel.admin). Apps subclass these beside the function that raises.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

JsonValue = str | int | bool | None | list[Any] | dict[str, Any]


class FieldError(NamedTuple):
    """One mistake in one input: `pointer` is a JSON pointer (RFC 6901) such as "/quantity"."""

    pointer: str
    message: str


class Refusal(Exception):
    """A request was understood and is not carried out; nothing was written.

    `code` never changes once released (docs/error-codes.md lists all), `status` is the HTTP status of the answer,
    `message` is a translated sentence for people, `details` are facts for programs.
    A refusal with `event` is written to the ledger in its own transaction after the rollback.
    """

    code: ClassVar[str] = "REFUSED"
    status: ClassVar[int] = 409
    event: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        pointer: str = "",
        details: Mapping[str, JsonValue] | None = None,
        subject: object | None = None,
        errors: tuple[FieldError, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = dict(details or {})
        self.subject = subject
        self.errors = errors or ((FieldError(pointer, message),) if pointer else ())


class InvalidInput(Refusal):
    """The input cannot be read as what it should be."""

    code = "INVALID_INPUT"
    status = 400


class PermissionRefused(Refusal):
    """The account is known but its roles do not allow this."""

    code = "PERMISSION_DENIED"
    status = 403


class NotFound(Refusal):
    """There is no such row in this organisation; another organisation's rows answer the same."""

    code = "NOT_FOUND"
    status = 404


class Conflict(Refusal):
    """The request contradicts the present state."""

    code = "CONFLICT"
    status = 409


class Busy(Refusal):
    """Somebody else holds the row; the same request may succeed in a moment."""

    code = "BUSY"
    status = 503


class Misconfigured(Exception):
    """A setting is wrong; the sentence names the variable and what it expects."""
