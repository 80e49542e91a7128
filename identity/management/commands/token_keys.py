"""`manage.py token_keys`: the keys that sign access tokens, and a new one in place of the present one."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.operations import trail
from identity.models import TokenSigningKey
from identity.operations import ensure_token_key, rotate_token_key
from identity.queries import platform_organization
from kernel.clock import DatabaseClock, moment
from kernel.principal import system


class Command(BaseCommand):
    help = "Lists the keys that sign access tokens; draws the first one where there is none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rotate", action="store_true", help="draw a new key; the present one signs no more")

    def handle(self, *args: Any, **options: Any) -> None:
        platform = platform_organization()
        if platform is None:
            raise CommandError(
                "These keys belong to the platform organisation, in whose ledger each change of them stands. "
                "There is none; make it with create_organization --kind platform."
            )
        change = rotate_token_key if options["rotate"] else ensure_token_key
        with trail(
            organization_id=platform.id, actor=system(platform.id, "bootstrap"), clock=DatabaseClock()
        ) as opened:
            change(trail=opened)
        for row in TokenSigningKey.objects.order_by("created_at"):
            state = f"retired {moment(row.retired_at)}" if row.retired_at else "signs"
            self.stdout.write(f"{row.id} {row.algorithm} {state}")
