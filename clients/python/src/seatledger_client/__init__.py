"""A client for licence keys of Seatledger: online answers, offline certificates, and what lies between.

Nothing that comes over the network or out of a file is believed before its Ed25519 signature was verified with keys
that the application ships. README.md shows it in use.
"""

from seatledger_client.activation import Activation, Machine, Rules
from seatledger_client.certificates import Certificate, read_certificate
from seatledger_client.client import Client
from seatledger_client.clock import Clock
from seatledger_client.decision import Decision, Obligation, Question, Warned
from seatledger_client.errors import (
    Rejected,
    SeatledgerError,
    StateUnreadable,
    TokenRefused,
    Unreachable,
)
from seatledger_client.keys import KeySet
from seatledger_client.leases import Holder, Lease, NoSeat, Seat
from seatledger_client.machine import fingerprint

__all__ = [
    "Activation",
    "Certificate",
    "Client",
    "Clock",
    "Decision",
    "Holder",
    "KeySet",
    "Lease",
    "Machine",
    "NoSeat",
    "Obligation",
    "Question",
    "Rejected",
    "Rules",
    "Seat",
    "SeatledgerError",
    "StateUnreadable",
    "TokenRefused",
    "Unreachable",
    "Warned",
    "fingerprint",
    "read_certificate",
]
