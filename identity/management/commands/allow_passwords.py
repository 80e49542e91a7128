"""`manage.py allow_passwords`: when the company's sign-in fails and the emergency accounts are lost as well."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from identity.operations.sso_policy import set_sso_policy
from identity.queries import chosen_organizations
from identity.queries.single_sign_on import policy
from kernel.errors import Refusal
from kernel.principal import system
from kernel.trail import Trail, run_in_trail


class Command(BaseCommand):
    help = (
        "Lets the members of an organisation that accepts the company's sign-in alone use their passwords again. Its "
        "emergency accounts are no longer named; an owner names them anew with the sign-in policy."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, help="short name, such as halden")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            [organization] = chosen_organizations(options["organization"])
        except Refusal as refusal:
            raise CommandError(f"{refusal.code}: {refusal.message}") from refusal
        changed = run_in_trail(_allowed, actor=system(organization.id, "operator"))
        outcome = "may sign in with their passwords again" if changed else "may use their passwords already"
        self.stdout.write(f"The members of {organization.name} {outcome}.")


def _allowed(trail: Trail) -> bool:
    present = policy()
    if present is None or not present.sso_only:
        return False
    set_sso_policy(sso_only=False, first_account=None, second_account=None, trail=trail)
    return True
