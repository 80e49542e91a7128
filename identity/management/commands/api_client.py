"""`manage.py api_client`: clients without the page, for installations that are set up and looked after by a script."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from audit.operations import trail
from identity.models import ApiClient, ClientKind, GrantKind
from identity.operations import (
    IssuedClient,
    NewApiClient,
    change_client_scopes,
    create_api_client,
    rotate_client_secret,
)
from identity.operations.api_clients import MOST_OVERLAP, OVERLAP
from identity.queries import chosen_organizations
from identity.rules.roles import ROLES
from identity.rules.scopes import SCOPES
from kernel.clock import DatabaseClock
from kernel.errors import Refusal
from kernel.principal import system
from kernel.scope import scope
from kernel.trail import Trail

HOUR = timedelta(hours=1)
USUAL_ROLES = ["it_admin"]


class Command(BaseCommand):
    help = (
        "Makes an API client and prints its id and secret once. With --client: gives one that exists other --scopes, "
        "or with --rotate a new secret."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, help="short name, such as halden")
        parser.add_argument("--name", help="of a new client: what the ledger calls it, such as 'HR sync'")
        parser.add_argument(
            "--scopes", nargs="+", choices=sorted(SCOPES), metavar="SCOPE", help="all that it shall have"
        )
        parser.add_argument(
            "--roles",
            nargs="+",
            choices=sorted(ROLES),
            metavar="ROLE",
            help="of a client that acts in its own name; it_admin unless others are named, and the scopes narrow them",
        )
        parser.add_argument(
            "--redirect-uris",
            nargs="+",
            default=[],
            metavar="ADDRESS",
            help="makes a client that acts for accounts: https addresses, with --public also http://127.0.0.1/...",
        )
        parser.add_argument("--public", action="store_true", help="a program that cannot keep a secret and gets none")
        parser.add_argument("--days", type=int, help="ends after so many days; without it when it is revoked")
        parser.add_argument("--client", metavar="CLIENT_ID", help="the id of a client that exists")
        parser.add_argument("--rotate", action="store_true", help="with --client: draws a new secret")
        parser.add_argument(
            "--overlap-hours",
            type=int,
            default=OVERLAP // HOUR,
            help=f"with --rotate: how long the old secret works on, at most {MOST_OVERLAP // HOUR}; 0 ends it at once",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["client"] and not options["rotate"] and not options["scopes"]:
            raise CommandError("Say what to do with the client: --scopes, or --rotate.")
        if not options["client"] and not (options["name"] and options["scopes"]):
            raise CommandError("A new client needs --name and --scopes; --client names one that exists.")
        try:
            [organization] = chosen_organizations(options["organization"])
            known = self._known(organization.id, options["client"]) if options["client"] else None
            clock = DatabaseClock()
            actor = system(organization.id, "bootstrap")
            with trail(organization_id=organization.id, actor=actor, clock=clock) as opened:
                issued = self._changed(known, options, opened) if known else self._made(options, opened)
        except Refusal as refusal:
            raise CommandError(f"{refusal.code}: {refusal.message}") from refusal
        if issued is not None:
            self._print(issued)

    def _known(self, organization_id: UUID, client_id: str) -> UUID:
        with scope(organization_id):
            found = ApiClient.objects.filter(client_id=client_id).values_list("id", flat=True).first()
        if found is None:
            raise CommandError("API_CLIENT_NOT_FOUND: the organisation has no client with this id.")
        return found

    def _made(self, options: dict[str, Any], opened: Trail) -> IssuedClient:
        for_accounts = bool(options["redirect_uris"])
        days = options["days"]
        wanted = NewApiClient(
            name=options["name"],
            scopes=options["scopes"],
            roles=options["roles"] or ([] if for_accounts else USUAL_ROLES),
            grant=GrantKind.FOR_ACCOUNTS if for_accounts else GrantKind.OWN_NAME,
            client_type=ClientKind.PUBLIC if options["public"] else ClientKind.CONFIDENTIAL,
            redirect_uris=options["redirect_uris"],
            expires_at=opened.clock.now() + timedelta(days=days) if days is not None else None,
        )
        return create_api_client(client=wanted, trail=opened)

    def _changed(self, known: UUID, options: dict[str, Any], opened: Trail) -> IssuedClient | None:
        if options["scopes"]:
            change = change_client_scopes(client_id=known, scopes=options["scopes"], trail=opened)
            self.stdout.write(f"scopes={' '.join(change.row.scopes)}")
            if change.removed:
                self.stderr.write(f"Tokens that carried more have ended: {change.ended}.")
        if not options["rotate"]:
            return None
        overlap = options["overlap_hours"] * HOUR
        return rotate_client_secret(client_id=known, overlap=overlap, trail=opened)

    def _print(self, issued: IssuedClient) -> None:
        self.stdout.write(f"client_id={issued.row.client_id}")
        if not issued.secret:
            self.stderr.write("This program keeps no secret: it proves itself by PKCE.")
            return
        self.stderr.write("The secret is shown this once.")
        self.stdout.write(f"client_secret={issued.secret}")
        if issued.row.former_secret_until is not None:
            self.stderr.write(f"The old secret works until {issued.row.former_secret_until.isoformat()}.")
