"""How often somebody may try a product."""

from enum import StrEnum


class TrialOnce(StrEnum):
    """Who may try a product only once: nobody in particular, each machine, or each e-mail domain."""

    NONE = "none"
    FINGERPRINT = "fingerprint"
    EMAIL_DOMAIN = "email_domain"


def email_domain(address: str) -> str:
    """The part after the last @ in lower case, without a final dot; "" where there is none."""
    _name, sign, domain = address.strip().rpartition("@")
    return domain.lower().rstrip(".") if sign and _name else ""
