"""Permissions that reporting/ owns."""

PERMISSIONS: dict[str, str] = {
    "reporting.dashboard.it": "See how seats are used, what expires and what was found, on the IT overview.",
    "reporting.dashboard.finance": "See what software costs in a year and what of it nobody uses.",
    "reporting.dashboard.procurement": "See which agreements and rights have to be renewed or cancelled, and by when.",
    "reporting.dashboard.audit": "Enter the audit centre: the ledger, its checkpoints and the search in it.",
    "reporting.verification.run": "Have the whole ledger verified; the result stands in the ledger.",
    "reporting.package.view": "See audit packages and what became of them.",
    "reporting.package.build": "Order an audit package for a period and a scope.",
    "reporting.package.download": "Download audit packages; each download is recorded.",
}
