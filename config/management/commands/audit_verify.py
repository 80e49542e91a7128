"""`manage.py audit_verify`: verifies ledgers, checkpoints and protection; exit 0 ok, 1 tampered, 2 incomplete."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.progress import Progress

from audit import verifier
from audit.verification import Verification, verify
from identity.queries import chosen_organizations
from kernel.clock import DatabaseClock
from kernel.scope import scope
from licensing.validations.operations.closing import telemetry_sources


class Command(BaseCommand):
    help = "Verifies the ledger of one organisation, or of every one, and names the first break."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", default="", help="short name; without it every ledger is verified")
        parser.add_argument(
            "--checkpoint", action="append", default=[], type=Path, help="signed checkpoint kept elsewhere; may repeat"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        notes = tuple(_read(path) for path in options["checkpoint"])
        codes = set()
        for organization in chosen_organizations(options["organization"]):
            with scope(organization.id):
                outcome = _verified(organization.slug, notes)
            self._print(organization.slug, outcome)
            codes.add(outcome.exit_code)
        if verifier.TAMPERED in codes:
            sys.exit(verifier.TAMPERED)
        if codes - {verifier.OK}:
            sys.exit(verifier.INCOMPLETE)

    def _print(self, slug: str, outcome: Verification) -> None:
        self.stdout.write(
            f"{slug}: {outcome.size:,} entries hold, {outcome.checkpoints} checkpoints, the newest at "
            f"{outcome.newest_checkpoint:,}, head {outcome.chain_hash.hex()[:16]}"
        )
        for problem in outcome.tampered:
            self.stdout.write(f"  TAMPERED {problem.code}{_at(problem.sequence)}: {problem.message}")
        for problem in outcome.incomplete:
            self.stdout.write(f"  INCOMPLETE {problem.code}{_at(problem.sequence)}: {problem.message}")


def _verified(slug: str, notes: tuple[str, ...]) -> Verification:
    at, telemetry = DatabaseClock().now(), telemetry_sources()
    if not sys.stdout.isatty():
        return verify(at=at, notes=notes, telemetry=telemetry)
    with Progress() as bar:
        task = bar.add_task(slug, total=None)
        return verify(
            at=at,
            notes=notes,
            telemetry=telemetry,
            progress=lambda done, size: bar.update(task, completed=done, total=size),
        )


def _at(sequence: int | None) -> str:
    return f" at entry {sequence:,}" if sequence is not None else ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
