"""`manage.py create_organization`: the bootstrap of a production installation."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from identity.management import asking
from identity.models.organizations import OrganizationKind
from identity.operations import FirstMember, check_organization, create_organization
from kernel.clock import DatabaseClock
from kernel.errors import Refusal


class Command(BaseCommand):
    help = (
        "Creates an organisation and the account of its owner. The password is asked for, or read from standard input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--slug", required=True, help="short name in addresses, such as halden")
        parser.add_argument("--name", required=True)
        parser.add_argument("--owner", required=True, help="e-mail address of the first owner")
        parser.add_argument("--kind", default="buyer", choices=OrganizationKind.values)
        parser.add_argument("--region", default="")
        parser.add_argument("--time-zone", default="UTC")
        parser.add_argument("--currency", default="EUR")

    def handle(self, *args: Any, **options: Any) -> None:
        clock = DatabaseClock()
        role = "platform_operator" if options["kind"] == "platform" else "owner"
        try:
            # Nobody types a password for what is refused anyway.
            check_organization(
                slug=options["slug"], kind=options["kind"], time_zone=options["time_zone"], owner=options["owner"]
            )
            password = asking.password("Password of the owner: ")
            organization = create_organization(
                slug=options["slug"],
                name=options["name"],
                kind=options["kind"],
                region=options["region"],
                time_zone=options["time_zone"],
                currency=options["currency"],
                clock=clock,
                first_member=FirstMember(options["owner"], password, "", role),
            )
        except Refusal as refusal:
            raise CommandError(f"{refusal.code}: {refusal.message}") from refusal
        self.stdout.write(f"{organization.name} is ready; {options['owner']} may sign in as {role}.")
