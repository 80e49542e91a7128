"""How often the token endpoint may be asked: per client, and per network for those that try clients out."""

from identity.queries.credentials import credential_digest
from kernel.rest.counting import counted

WINDOW = 60
"""Seconds. Counted from the first request of a window: simple, and exact enough for a limit of fairness."""
PER_CLIENT = 120
PER_NETWORK = 600


def seconds_to_wait(*, client_id: str, network: str) -> int:
    """0 when the request may go on; it counts either way. Otherwise how long until it may."""
    over_client = _counted("client", credential_digest(client_id).hex()) > PER_CLIENT
    over_network = _counted("network", network) > PER_NETWORK
    return WINDOW if over_client or over_network else 0


def _counted(what: str, whose: str) -> int:
    return counted(f"oauth:{what}:{whose}", seconds=WINDOW)
