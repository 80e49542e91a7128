"""`manage.py plan`: offers the plans of Seatledger, or stores the plan that an organisation bought."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from identity.queries import chosen_organizations
from kernel.errors import Refusal
from kernel.principal import system
from kernel.trail import open_trail
from licensing.operations.plans import offer_plans, store_plan
from licensing.plan import plan_keys


class Command(BaseCommand):
    help = (
        "With --offer, adds the licence types of Seatledger's plans to the platform's own organisation; with a file, "
        "stores the certificate in it as the plan of an organisation."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, help="short name, such as halden")
        parser.add_argument("--offer", action="store_true", help="the organisation sells the plans")
        parser.add_argument("file", nargs="?", default="", help="certificate (.lic file)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["offer"] == bool(options["file"]):
            raise CommandError("Give --offer, or the file of a certificate.")
        try:
            [organization] = chosen_organizations(options["organization"])
            with open_trail(actor=system(organization.id, "bootstrap")) as trail:
                if options["offer"]:
                    said = ", ".join(row.code for row in offer_plans(trail=trail))
                else:
                    text = Path(options["file"]).read_text(encoding="utf-8")
                    said = str(store_plan(text=text, keys=plan_keys(), trail=trail))
        except Refusal as refusal:
            raise CommandError(f"{refusal.code}: {refusal.message}") from refusal
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']} cannot be read: {error}") from error
        self.stdout.write(said)
