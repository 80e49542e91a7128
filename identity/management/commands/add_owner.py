"""`manage.py add_owner`: an owner for an organisation whose owners are all gone."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from identity.management import asking
from identity.models import Account
from identity.operations import add_owner, create_account
from identity.operations.owners import check_new_owner
from identity.queries import chosen_organizations
from kernel.errors import Refusal
from kernel.principal import system
from kernel.scope import scope
from kernel.trail import Trail, run_in_trail


class Command(BaseCommand):
    help = (
        "Makes an account answer for an existing organisation: as owner, in the platform organisation as operator. An "
        "account that does not exist yet is created; its password is asked for, or read from standard input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, help="short name, such as halden")
        parser.add_argument("--owner", required=True, metavar="E-MAIL", help="address by which the account signs in")
        parser.add_argument("--reason", required=True, help="stays on record in the organisation's ledger")
        parser.add_argument(
            "--beside-others", action="store_true", help="although somebody else answers for the organisation already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email: str = options["owner"]
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is no e-mail address.") from error
        wanted = {"reason": options["reason"], "beside_others": options["beside_others"]}
        account = Account.objects.filter(email_lower=email.lower()).first()
        try:
            [organization] = chosen_organizations(options["organization"])
            with scope(organization.id):
                check_new_owner(organization=organization, account=account, **wanted)
            # Asked only now: nobody chooses a password for what is refused all the same.
            password = "" if account is not None else asking.password(f"Password for {email}: ")

            def work(trail: Trail) -> None:
                owner = account or create_account(email=email, password=password, display_name="", clock=trail.clock)
                add_owner(account=owner, **wanted, trail=trail)

            run_in_trail(work, actor=system(organization.id, "operator"))
        except Refusal as refusal:
            raise CommandError(f"{refusal.code}: {refusal.message}") from refusal
        self.stdout.write(f"{email} answers for {organization.name}, and sets up a second factor at the next sign-in.")
