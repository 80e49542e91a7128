"""`manage.py doctor`: what is misconfigured or unhealthy, with the cure; exit 0 healthy, 1 something must be mended."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config.doctor import Finding, Level, examine

MARKS = {Level.OK: "ok", Level.NOTE: "note", Level.WARNING: "warning", Level.ERROR: "ERROR"}


class Command(BaseCommand):
    help = "Looks at settings, database, fences, keys, workers and folders, and says what to do. Changes nothing."
    # It must also speak where the checks of Django would stop every command.
    requires_system_checks: list[str] = []  # Django's own declaration

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--strict", action="store_true", help="exit 1 on warnings too")
        parser.add_argument("--json", action="store_true", help="one JSON object a line, for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        worst = Level.OK
        for finding in examine():
            worst = max(worst, finding.level)
            self.stdout.write(_as_json(finding) if options["json"] else _as_text(finding))
        if not options["json"]:
            self.stdout.write("Nothing must be mended." if worst < Level.ERROR else "Mend what is marked ERROR first.")
        if worst >= (Level.WARNING if options["strict"] else Level.ERROR):
            sys.exit(1)


def _as_text(finding: Finding) -> str:
    line = f"{MARKS[finding.level]:<8}{finding.says}"
    return f"{line}\n{'':<8}→ {finding.cure}" if finding.cure else line


def _as_json(finding: Finding) -> str:
    return json.dumps({"level": finding.level.name.lower(), "says": finding.says, "cure": finding.cure})
