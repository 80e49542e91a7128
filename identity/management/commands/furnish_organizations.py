"""`manage.py furnish_organizations`: what a new organisation begins with, for those made by an earlier release."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from identity.operations import furnish_organization
from identity.queries import chosen_organizations
from kernel.errors import Refusal
from kernel.principal import system
from kernel.trail import Trail, run_in_trail


class Command(BaseCommand):
    help = (
        "Gives organisations that an earlier release made what a new one begins with and they lack: signing key, "
        "metrics, nightly schedules. What they have stays as it is; may be repeated."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", default="", help="short name, such as halden; all without it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            chosen = chosen_organizations(options["organization"])
        except Refusal as refusal:
            raise CommandError(f"{refusal.code}: {refusal.message}") from refusal
        for organization in chosen:
            trail = run_in_trail(_furnished, actor=system(organization.id, "bootstrap"))
            outcome = "nothing was missing" if trail.last_sequence is None else "completed"
            self.stdout.write(f"{organization.slug}: {outcome}")


def _furnished(trail: Trail) -> Trail:
    furnish_organization(trail=trail)
    return trail
