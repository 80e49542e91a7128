"""`manage.py scan`: runs now what the schedule runs each night."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from compliance.schedules import scan_now
from identity.queries import chosen_organizations
from kernel.clock import DatabaseClock
from kernel.principal import system


class Command(BaseCommand):
    help = "Judges all pools of one organisation, or of every one, and opens, renews and closes violations."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", default="", help="short name; without it every organisation is scanned")

    def handle(self, *args: Any, **options: Any) -> None:
        for organization in chosen_organizations(options["organization"]):
            outcome = scan_now(actor=system(organization.id, "scan"), clock=DatabaseClock())
            run = outcome.run
            self.stdout.write(
                f"{organization.slug}: {run.pools} pools, {run.opened} opened, {run.still_open} still open, "
                f"{run.resolved} resolved"
            )
            for violation in outcome.opened:
                self.stdout.write(
                    f"  {violation.number} {violation.kind}: {violation.evidence['pool']} holds {violation.observed}, "
                    f"allowed {violation.allowed}"
                )
