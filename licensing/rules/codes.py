"""Every answer that a validation can give, most severe first: the order of these lists is the order of severity.

The names are a contract with shipped clients (docs/validation-codes.md); a code is never renamed or reused.
"""

from enum import StrEnum


class Code(StrEnum):
    """Why a licence is not valid here and now; VALID when there is no reason."""

    NOT_FOUND = "NOT_FOUND"
    REVOKED = "REVOKED"
    BANNED = "BANNED"
    SUSPENDED = "SUSPENDED"
    PAUSED = "PAUSED"
    CLOCK_TAMPERED = "CLOCK_TAMPERED"
    NOT_YET_EFFECTIVE = "NOT_YET_EFFECTIVE"
    EXPIRED = "EXPIRED"
    OVERDUE = "OVERDUE"
    PRODUCT_MISMATCH = "PRODUCT_MISMATCH"
    USER_MISMATCH = "USER_MISMATCH"
    FINGERPRINT_REQUIRED = "FINGERPRINT_REQUIRED"
    FINGERPRINT_EMPTY = "FINGERPRINT_EMPTY"
    FINGERPRINT_MISMATCH = "FINGERPRINT_MISMATCH"
    COMPONENTS_MISMATCH = "COMPONENTS_MISMATCH"
    NOT_ACTIVATED = "NOT_ACTIVATED"
    HEARTBEAT_NOT_STARTED = "HEARTBEAT_NOT_STARTED"
    HEARTBEAT_DEAD = "HEARTBEAT_DEAD"
    COUNTRY_DENIED = "COUNTRY_DENIED"
    DOMAIN_DENIED = "DOMAIN_DENIED"
    VM_DENIED = "VM_DENIED"
    DEPARTMENT_DENIED = "DEPARTMENT_DENIED"
    FEATURE_MISSING = "FEATURE_MISSING"
    VERSION_OUT_OF_RANGE = "VERSION_OUT_OF_RANGE"
    MAINTENANCE_LAPSED = "MAINTENANCE_LAPSED"
    RELEASE_YANKED = "RELEASE_YANKED"
    CHECKOUT_REQUIRED = "CHECKOUT_REQUIRED"
    TOO_MANY_ACTIVATIONS = "TOO_MANY_ACTIVATIONS"
    TOO_MANY_USERS = "TOO_MANY_USERS"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    THROTTLED = "THROTTLED"
    VALID = "VALID"


class WarningCode(StrEnum):
    """What the holder should know although it does not make the licence invalid."""

    IN_GRACE = "IN_GRACE"
    OVERAGE_ALLOWED = "OVERAGE_ALLOWED"
    EXPIRES_SOON = "EXPIRES_SOON"
    QUOTA_NEAR = "QUOTA_NEAR"
    MAINTENANCE_ENDS_SOON = "MAINTENANCE_ENDS_SOON"
    OFFLINE_OUTSTANDING = "OFFLINE_OUTSTANDING"


class ObligationCode(StrEnum):
    """What must be done with a valid answer: START_TERM by the server, the others by the client."""

    START_TERM = "START_TERM"
    CHECK_RELEASE_DATE = "CHECK_RELEASE_DATE"


_SEVERITY = {code: position for position, code in enumerate(Code)}


def severity(code: Code) -> int:
    """The place of a code in the list: 0 is the most severe, VALID the last."""
    return _SEVERITY[code]
