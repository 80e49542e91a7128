"""`manage.py audit_package`: builds an audit package here and now, without a worker, and copies it to a folder."""

import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from rich.progress import Progress as Bar

from audit.operations import trail
from identity.models import Organization
from identity.queries import chosen_organizations
from jobs.ports import Progress
from kernel.clock import DatabaseClock
from kernel.errors import Refusal
from kernel.principal import Principal, system
from kernel.scope import scope_of
from reporting.models import AuditPackage
from reporting.operations import PackageScope, build, create_package, fail, hand_out, rebuild
from reporting.packages.snapshot import Scope


class Command(BaseCommand):
    help = "Builds the audit package of a period, or builds a stored one again, and copies the ZIP to a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, help="short name, such as halden")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, help="first day, YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, help="last day, YYYY-MM-DD")
        parser.add_argument("--publisher", type=UUID, help="id: cover this publisher alone")
        parser.add_argument("--product", type=UUID, help="id: cover this product alone")
        parser.add_argument("--language", default=settings.LANGUAGE_CODE, choices=sorted(dict(settings.LANGUAGES)))
        parser.add_argument("--rebuild", default="", metavar="NUMBER", help="build this package again from its facts")
        parser.add_argument("--output", required=True, type=Path, metavar="DIR", help="folder for the ZIP")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["rebuild"]) == bool(options["first"] and options["last"]):
            raise CommandError("Give --from and --to, or --rebuild with the number of a package.")
        if not options["output"].is_dir():
            raise CommandError(f"{options['output']}: there is no such folder")
        [organization] = chosen_organizations(options["organization"])
        actor = system(organization.id, "audit_package")
        try:
            package = self._rebuilt(actor, options) if options["rebuild"] else self._built(organization, actor, options)
            with trail(organization_id=organization.id, actor=actor) as opened:
                handed = hand_out(package_id=package.id, trail=opened)
        except Refusal as refusal:
            raise CommandError(f"{refusal.code}: {refusal.message}") from refusal
        target = options["output"] / handed.path.name
        shutil.copyfile(handed.path, target)
        self.stdout.write(f"{target}\nSHA-256 {handed.package.archive_sha256}\n")
        self.stdout.write(f"manifest {handed.package.manifest_sha256}, ledger up to {handed.package.ledger_size:,}")

    def _built(self, organization: Organization, actor: Principal, options: dict[str, Any]) -> AuditPackage:
        with trail(organization_id=organization.id, actor=actor) as opened:
            package = create_package(
                first=options["first"],
                last=options["last"],
                scope=_scope(options),
                language=options["language"],
                role=_("Administrator of the installation"),
                trail=opened,
            )
        clock = DatabaseClock()
        try:
            with _shown(package.number) as progress:
                build(package_id=package.id, actor=actor, progress=progress, clock=clock)
        except Refusal as refusal:
            fail(package_id=package.id, actor=actor, code=refusal.code, message=refusal.message, clock=clock)
            raise
        except BaseException as error:
            fail(package_id=package.id, actor=actor, code="INTERNAL", message=type(error).__name__, clock=clock)
            raise
        return package

    def _rebuilt(self, actor: Principal, options: dict[str, Any]) -> AuditPackage:
        with scope_of(actor):
            package = AuditPackage.objects.filter(number=options["rebuild"]).first()
        if package is None:
            raise CommandError(f"No package of this organisation has the number {options['rebuild']}.")
        with _shown(package.number) as progress:
            built = rebuild(package_id=package.id, actor=actor, progress=progress)
        self.stdout.write(f"Built again: the manifest is the same, {built.manifest_sha256}")
        return package


def _scope(options: dict[str, Any]) -> PackageScope:
    if options["publisher"] and options["product"]:
        raise CommandError("Give --publisher or --product, not both.")
    if options["publisher"]:
        return PackageScope(Scope.PUBLISHER, options["publisher"])
    return PackageScope(Scope.PRODUCT, options["product"]) if options["product"] else PackageScope()


@contextmanager
def _shown(number: str) -> Iterator[Progress]:
    """A bar on a terminal, nothing elsewhere."""
    with Bar(disable=not sys.stdout.isatty()) as bar:
        task = bar.add_task(number, total=100)
        yield lambda percent, stage: bar.update(task, completed=percent, description=f"{number} {stage}")
