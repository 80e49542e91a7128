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
        "Seals stored secrets again, those in unsent e-mails too, under the newest key of SEATLEDGER_VAULT_KEYS. May "
        "be interrupted and repeated; when it says so, the older keys can be taken out of the keyring."
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
        self._conclude(done)

    def _conclude(self, done: int) -> None:
        """Counts anew: a process that still runs with the old keyring may have sealed something in the meantime."""
        newest, left = vault().newest, self._left()
        self.stdout.write(f"{done:,} secrets sealed again.")
        if left:
            self.stdout.write(
                f"{left:,} were sealed under an older key than {newest} meanwhile: start every process again with the "
                "new keyring, and repeat."
            )
            sys.exit(1)
        self.stdout.write(f"All, those in unsent e-mails too, rest under key {newest}. Older keys may go.")

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

    def _left(self) -> int:
        return sum(len(stale(place)) for place in places())

    def _check(self) -> None:
        total = self._left()
        self.stdout.write(f"{total:,} secrets rest under an older key than {vault().newest}.")
        if total:
            sys.exit(1)
