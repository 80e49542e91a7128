"""README.txt of a package, for an auditor who has never seen Seatledger."""

from typing import Final

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reporting.packages.engine import filled
from reporting.packages.formatting import Formatter, printable
from reporting.packages.snapshot import Snapshot

CONTENTS: Final[tuple[tuple[str, str | Promise], ...]] = (
    ("report.pdf", _("The report for reading and filing (PDF/A-3); the listings are attached to it as well.")),
    ("evidence/inventory.csv", _("What is owned, in force, assigned and free, line by line.")),
    ("evidence/positions.csv", _("The effective licence position: owned, used, needed, available.")),
    ("evidence/position-explanations.csv", _("The records from which each number of the position comes.")),
    ("evidence/violations.csv", _("Violations that were open in the period.")),
    ("evidence/violation-timelines.csv", _("What happened to each violation, with the numbers of ledger entries.")),
    ("evidence/seat-history.csv", _("Assignments and releases of the period, with the numbers of ledger entries.")),
    ("evidence/entitlements.csv", _("Each recorded right with its papers, and which papers are missing.")),
    ("evidence/access-reviews.csv", _("Reviews of access: who was asked about, and what was decided.")),
    ("evidence/imports.csv", _("Files from which rows were imported, with their SHA-256.")),
    ("evidence/ledger-findings.csv", _("What the verification of the ledger objected to; only a header if nothing.")),
    ("ledger.jsonl", _("The ledger up to the cut-off, one entry a line, each with its hashes.")),
    ("checkpoint.txt", _("Signed statement of the length and the end of the ledger.")),
    ("audit-key.txt", _("The audit key that signed. Do not trust it only because it lies here.")),
    ("manifest.json", _("SHA-256 and size of every other file, the parameters and the cut-off of the ledger.")),
    ("manifest.sig", _("Ed25519 signature over the bytes of manifest.json, in base64.")),
    ("verify.py", _("The script that checks all of it; it needs none of the software that wrote the ledger.")),
)


def readme(snapshot: Snapshot) -> str:
    """The text in the language of the snapshot."""
    parameters = snapshot.parameters
    form = Formatter(parameters.language)
    with translation.override(parameters.language):
        facts = {
            "organization": printable(parameters.organization, limit=120),
            "period": form.period(parameters.period_start, parameters.period_end),
            "package": printable(parameters.package_id, limit=40),
            "as_of": form.time(parameters.as_of),
            "fingerprint": snapshot.ledger.fingerprint,
            "key_address": printable(snapshot.ledger.key_address, limit=300),
        }
        return filled("packages/README.txt", {"report": facts, "contents": CONTENTS})
