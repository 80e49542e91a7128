"""Permissions that audit/ owns."""

PERMISSIONS: dict[str, str] = {
    "audit.ledger.view": "Read the ledger, its checkpoints and the result of its verification.",
    "audit.access_event.view": "See who read whose personal data.",
}
