"""TXT records of the public DNS: how a domain is proved."""

from collections.abc import Sequence

import dns.exception
import dns.resolver

PATIENCE = 4.0
"""Seconds for an answer."""


class NoAnswer(OSError):
    """No name server said whether there is such a record: none answered in time, or all of them failed."""


def txt_records(name: str) -> Sequence[str]:
    """The texts at a name; none where the DNS says that the name, or a text at it, does not exist. Raises NoAnswer."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=PATIENCE, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except (dns.exception.DNSException, OSError) as error:
        raise NoAnswer(str(error)) from error
    return [b"".join(record.strings).decode("ascii", errors="replace") for record in answer]
