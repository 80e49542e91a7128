"""`manage.py scim_token`: draws a provisioning token; the token alone stands on the last line."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from identity.models import ScimToken
from identity.operations.provisioning import IssuedToken, TokenUnknown, create_scim_token, rotate_scim_token
from identity.operations.provisioning.tokens import DAYS
from identity.queries import chosen_organizations
from identity.queries.provisioning import base_url
from kernel.errors import Refusal
from kernel.principal import system
from kernel.trail import Trail, open_trail


class Command(BaseCommand):
    help = "Creates a token for a directory service, or with --rotate the successor of one. It is printed once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, help="short name, such as halden")
        parser.add_argument("--name", default="", help="which directory service will use it")
        parser.add_argument("--days", type=int, default=DAYS, help=f"how long it lives (default: {DAYS})")
        parser.add_argument("--rotate", default="", metavar="NAME", help="replace the token of this name")
        parser.add_argument("--overlap", type=int, default=24, help="hours for which the replaced token works on")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["name"]) == bool(options["rotate"]):
            raise CommandError("Give --name for a new token, or --rotate with the name of the one to replace.")
        try:
            [organization] = chosen_organizations(options["organization"])
            with open_trail(actor=system(organization.id, "bootstrap")) as trail:
                issued = _rotated(options, trail) if options["rotate"] else _created(options, trail)
        except Refusal as refusal:
            raise CommandError(f"{refusal.code}: {refusal.message}") from refusal
        self.stdout.write(f"Base URL: {base_url()}")
        self.stdout.write(f"{issued.row.name} expires {issued.row.expires_at:%Y-%m-%d %H:%M} UTC; shown once:")
        self.stdout.write(issued.token)


def _created(options: dict[str, Any], trail: Trail) -> IssuedToken:
    return create_scim_token(name=options["name"], days=options["days"], trail=trail)


def _rotated(options: dict[str, Any], trail: Trail) -> IssuedToken:
    row = ScimToken.objects.filter(name=options["rotate"], revoked_at__isnull=True, superseded_at__isnull=True).first()
    if row is None:
        raise TokenUnknown(_("There is no such provisioning token in your organisation."))
    overlap = timedelta(hours=options["overlap"])
    return rotate_scim_token(token_id=row.id, days=options["days"], overlap=overlap, trail=trail)
