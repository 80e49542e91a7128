"""`manage.py demo`: Halden Energy, a buyer, and Lumen CAD, a vendor, with a year of history each."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.progress import Progress

from audit.operations import trail
from config.demo import access, approvals, provisioning
from config.demo.buyer import Buyer
from config.demo.story import Story
from config.demo.vendor import Vendor, let_see_the_group, partner_who_signs_in
from identity.models import Account, Organization
from identity.operations import create_account, create_organization, grant_membership
from kernel.clock import FixedClock, SystemClock
from kernel.principal import system
from kernel.trail import Trail

# People in the buyer's directory, customers of the vendor.
SCALES = {"small": (240, 24), "medium": (2400, 300), "large": (12_000, 1_500)}
PASSWORD = "a year of software"  # noqa: S105  # printed on the terminal, for the demo organisations alone
ACCOUNTS = (
    ("halden", "owner", "owner@halden.example", "Astrid Moen"),
    ("halden", "it_admin", "it@halden.example", "Lars Nyström"),
    ("halden", "finance", "finance@halden.example", "Klara Holm"),
    ("halden", "procurement", "procurement@halden.example", "Emil Bakke"),
    ("halden", "compliance_officer", "compliance@halden.example", "Freja Lund"),
    ("halden", "auditor", "auditor@halden.example", "Oskar Falk"),
    ("halden", "licence_owner", "products@halden.example", "Tuva Strand"),
    ("halden", "approver", "approver@halden.example", "Henrik Aas"),
    ("halden", "legal", "legal@halden.example", "Ida Krogh"),
    ("halden", "member", "member@halden.example", "Jonas Lie"),
    ("lumen", "vendor_ops", "ops@lumen.example", "Maja Vik"),
    ("lumen", "owner", "owner@lumen.example", "Nils Ekström"),
    ("lumen", "customer", "licences@aarhus.example", "Lone Dam"),
    ("platform", "platform_operator", "operator@seatledger.example", "Signe Dahl"),
)


class Command(BaseCommand):
    help = "Adds the demo organisations with a year of history. Refused when one of them exists already."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scale", choices=sorted(SCALES), default="medium")

    def handle(self, *args: Any, **options: Any) -> None:
        if Organization.objects.filter(slug__in=["halden", "lumen"]).exists():
            raise CommandError("The demo organisations are here already; `make reset` starts over.")
        people, customers = SCALES[options["scale"]]
        # No secret is drawn from it: the same demo every time.
        random = Random(2026)  # noqa: S311
        now = SystemClock().now()
        with Progress(disable=not sys.stdout.isatty()) as bar:
            self._platform()
            halden = self._story("halden", "Halden Energy", "buyer", "NO")
            Buyer(halden, people, random).build(_shown(bar, "Halden Energy"))
            lumen = self._story("lumen", "Lumen CAD", "vendor", "DE")
            Vendor(lumen, customers, random).build(_shown(bar, "Lumen CAD"))
        self._sign_ins()
        access.furnish(halden.organization)
        provisioning.furnish(halden.organization)
        approvals.furnish(lumen.organization)
        seconds = (SystemClock().now() - now).total_seconds()
        self.stdout.write(f"The demo is ready after {seconds:.0f} seconds: {people} people, {customers} customers.")

    def _platform(self) -> None:
        if not Organization.objects.filter(kind="platform").exists():
            create_organization(slug="platform", name="Seatledger", kind="platform", clock=SystemClock())

    def _story(self, slug: str, name: str, kind: str, territory: str) -> Story:
        today = SystemClock().now()
        clock = FixedClock(today - timedelta(days=367))
        organization = create_organization(slug=slug, name=name, kind=kind, territory=territory, clock=clock)
        return Story(organization, clock, today)

    def _sign_ins(self) -> None:
        """Accounts with the printed password, and the file from which the start prints them."""
        rows = []
        for slug, role, email, name in ACCOUNTS:
            organization = (
                Organization.objects.get(kind="platform") if slug == "platform" else Organization.objects.get(slug=slug)
            )
            account = create_account(email=email, password=PASSWORD, display_name=name, clock=SystemClock())
            with trail(organization_id=organization.id, actor=system(organization.id, "demo")) as opened:
                self._member(account, role, opened)
            rows.append({"organization": organization.name, "role": role, "email": email, "password": PASSWORD})
        path = Path(settings.DATA_DIR) / "demo-sign-ins.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def _member(self, account: Account, role: str, opened: Trail) -> None:
        if role != "customer":
            grant_membership(account=account, roles=[role], trail=opened)
            return
        partner = partner_who_signs_in()
        row = grant_membership(account=account, roles=[role], party_id=partner.id, trail=opened)
        let_see_the_group(row, opened)


def _shown(bar: Progress, name: str) -> Callable[[int, int], None]:
    task = bar.add_task(name, total=None)
    return lambda done, all_: bar.update(task, completed=done, total=all_)
