"""`manage.py rotate_keys`: seals every stored secret again under the newest key of SEATLEDGER_VAULT_KEYS."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.progress import Progress

from config.sealed_columns import Place, places, rotate, stale
from kernel.vault import VaultError, vault


class Command(BaseCommand):
    help = (
        "Seals stored secrets again under the newest key of SEATLEDGER_VAULT_KEYS. May be interrupted and repeated; "
        "afterwards the older keys can be taken out of the keyring."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="count what is left and change nothing; exit 1 if any")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
            return
        found = places()
        with Progress(disable=not sys.stdout.isatty()) as bar:
            task = bar.add_task("Sealing again", total=len(found))
            done = 0
            for place in found:
                done += self._rotate(place)
                bar.advance(task)
        newest = vault().newest
        self.stdout.write(f"{done:,} secrets sealed again; all rest under key {newest}. Older keys may go.")

    def _rotate(self, place: Place) -> int:
        done = 0
        try:
            for count in rotate(place):
                done += count
        except VaultError as error:
            raise CommandError(
                f"{place.column.name}: {error}. Put the key that sealed it back into SEATLEDGER_VAULT_KEYS and repeat; "
                "what is done stays done."
            ) from error
        if done and not sys.stdout.isatty():
            self.stdout.write(f"{place.column.name} of {place.organization_id or 'the installation'}: {done:,}")
        return done

    def _check(self) -> None:
        total = sum(len(stale(place)) for place in places())
        self.stdout.write(f"{total:,} secrets rest under an older key than {vault().newest}.")
        if total:
            sys.exit(1)
