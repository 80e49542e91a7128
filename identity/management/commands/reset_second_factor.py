"""`manage.py reset_second_factor`: lets somebody in again who lost the authenticator app and the recovery codes."""

from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from identity.models import Account
from identity.operations import note_factor_reset, reset_second_factor
from identity.queries import LiveMembership, memberships_of
from identity.queries.members import members
from kernel.clock import DatabaseClock
from kernel.errors import Refusal
from kernel.principal import system
from kernel.trail import Trail, run_in_trail


class Command(BaseCommand):
    help = (
        "Removes second factor, recovery codes and sessions of an account that lost them, and tells it by e-mail. For "
        "whoever runs the installation; owners do it for their members on the page of the member."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", required=True, metavar="E-MAIL", help="address by which the account signs in")
        parser.add_argument("--reason", required=True, help="stays on record in every organisation of the account")

    def handle(self, *args: Any, **options: Any) -> None:
        email: str = options["account"]
        account = Account.objects.filter(email_lower=email.lower()).first()
        if account is None:
            raise CommandError(f"No account signs in with {email}.")
        where = memberships_of(account.id, at=DatabaseClock().now())
        if not where:
            raise CommandError(f"{email} works in no organisation; an owner has to invite the account first.")
        try:
            for membership in where:
                work = partial(_reset if membership is where[0] else _note, account, membership, options["reason"])
                run_in_trail(work, actor=system(membership.organization_id, "operator"))
        except Refusal as refusal:
            raise CommandError(f"{refusal.code}: {refusal.message}") from refusal
        self.stdout.write(f"{email} has no second factor any more and is signed out everywhere; an e-mail says so.")
        self.stdout.write(f"On record in {len(where)} ledgers." if len(where) > 1 else "On record in the ledger.")


def _reset(_account: Account, membership: LiveMembership, reason: str, trail: Trail) -> None:
    reset_second_factor(membership=members().get(id=membership.id), reason=reason, trail=trail)


def _note(account: Account, _membership: LiveMembership, reason: str, trail: Trail) -> None:
    note_factor_reset(account=account, reason=reason, trail=trail)
