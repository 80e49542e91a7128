"""`manage.py audit_export`: streams one organisation's ledger to standard output."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from audit.export import ledger_lines
from identity.queries import chosen_organizations
from kernel.scope import scope


class Command(BaseCommand):
    help = "Writes the ledger as JSON lines (docs/ledger-format.md), which audit/verifier.py checks anywhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, help="short name, such as halden")
        parser.add_argument("--format", choices=["jsonl"], default="jsonl")

    def handle(self, *args: Any, **options: Any) -> None:
        [organization] = chosen_organizations(options["organization"])
        with scope(organization.id):
            for line in ledger_lines():
                self.stdout.write(line, ending="")
