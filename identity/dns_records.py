"""TXT records of the public DNS: how a domain is proved."""

from collections.abc import Sequence

import dns.exception
import dns.resolver

PATIENCE = 4.0
"""Seconds for an answer."""


def txt_records(name: str) -> Sequence[str]:
    """The texts at a name; none where the name does not exist or nobody answers in time."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=PATIENCE, search=False)
    except dns.exception.DNSException:
        return ()
    return [b"".join(record.strings).decode("ascii", errors="replace") for record in answer]
