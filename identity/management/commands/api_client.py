"""`manage.py api_client`: a client without the page, for installations that are set up by a script."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.operations import trail
from identity.operations import NewApiClient, create_api_client
from identity.queries import chosen_organizations
from identity.rules.roles import ROLES
from identity.rules.scopes import SCOPES
from kernel.clock import DatabaseClock
from kernel.errors import Refusal
from kernel.principal import system


class Command(BaseCommand):
    help = "Makes an API client that acts in its own name, and prints its id and secret once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, help="short name, such as halden")
        parser.add_argument("--name", required=True, help="what the ledger calls it, such as 'HR sync'")
        parser.add_argument("--scopes", required=True, nargs="+", choices=sorted(SCOPES), metavar="SCOPE")
        parser.add_argument(
            "--roles",
            nargs="+",
            default=["it_admin"],
            choices=sorted(ROLES),
            metavar="ROLE",
            help="it_admin unless others are named; the scopes narrow them",
        )
        parser.add_argument("--days", type=int, help="ends after so many days; without it when it is revoked")

    def handle(self, *args: Any, **options: Any) -> None:
        clock = DatabaseClock()
        ends = clock.now() + timedelta(days=options["days"]) if options["days"] is not None else None
        wanted = NewApiClient(name=options["name"], scopes=options["scopes"], roles=options["roles"], expires_at=ends)
        try:
            [organization] = chosen_organizations(options["organization"])
            actor = system(organization.id, "bootstrap")
            with trail(organization_id=organization.id, actor=actor, clock=clock) as opened:
                issued = create_api_client(client=wanted, trail=opened)
        except Refusal as refusal:
            raise CommandError(f"{refusal.code}: {refusal.message}") from refusal
        self.stderr.write("The secret is shown this once.")
        self.stdout.write(f"client_id={issued.row.client_id}")
        self.stdout.write(f"client_secret={issued.secret}")
