"""`manage.py rotate_signing_key`: a new key signs certificates and answers; or one key is revoked."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.operations import trail
from identity.queries import chosen_organizations
from kernel.clock import DatabaseClock, moment
from kernel.errors import Refusal
from kernel.principal import system
from kernel.scope import scope
from kernel.trail import Trail
from licensing.models import SigningKey
from licensing.operations import revoke_signing_key, rotate_signing_key


class Command(BaseCommand):
    help = "Draws a new key that signs licence certificates and answers; with --revoke withdraws one, given its kid."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, help="short name, such as lumen-cad")
        parser.add_argument("--revoke", metavar="KID", default="", help="withdraw this key: it verifies nothing more")
        parser.add_argument("--reason", default="", help="why the key is withdrawn; needed with --revoke")

    def handle(self, *args: Any, **options: Any) -> None:
        [organization] = chosen_organizations(options["organization"])
        actor = system(organization.id, "bootstrap")
        try:
            with trail(organization_id=organization.id, actor=actor, clock=DatabaseClock()) as opened:
                _change(options["revoke"], options["reason"], opened)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        with scope(organization.id):
            for row in SigningKey.objects.order_by("created_at", "id"):
                since = row.revoked_at or row.retired_at or row.created_at
                self.stdout.write(f"{row.kid} {row.status} since {moment(since)}")


def _change(kid: str, reason: str, opened: Trail) -> None:
    if not kid:
        rotate_signing_key(trail=opened)
        return
    row = SigningKey.objects.filter(kid=kid).first()
    if row is None:
        raise CommandError(f"This organisation has no key {kid}.")
    revoke_signing_key(key_id=row.id, reason=reason, trail=opened)
