"""What can go wrong between an application and its licence server."""


class SeatledgerError(Exception):
    """Base of everything that this package raises on purpose."""


class TokenRefused(SeatledgerError):
    """A signed text is not what it should be: `reason` is one of malformed, algorithm, kind, key, signature, claim,
    expired, not_yet."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Unreachable(SeatledgerError):
    """The server did not answer, or said that it cannot answer now (5xx)."""


class Rejected(SeatledgerError):
    """The server refused the request itself (4xx): `code` is its stable error code, `status` the HTTP status."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}" if code else message)
        self.status, self.code = status, code


class StateUnreadable(SeatledgerError):
    """The file in which the client keeps its last answers cannot be read or written."""
