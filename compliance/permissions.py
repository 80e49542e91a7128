"""Permissions that compliance/ owns."""

PERMISSIONS: dict[str, str] = {
    "compliance.violation.view": "See violations, their evidence and the scans that found them.",
    "compliance.violation.manage": "Take a violation over: name its owner and the day by which it is cured.",
    "compliance.change.view": "See which changes were asked for, and what was decided.",
    "compliance.change.decide": "Approve and reject changes that somebody else asked for.",
    "compliance.scan.run": "Start a scan now.",
}
