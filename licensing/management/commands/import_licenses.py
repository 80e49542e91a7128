"""`manage.py import_licenses`: the same importer as the page; a dry run unless `--commit` is given."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.progress import Progress as Bar

from audit.operations import trail
from identity.queries import chosen_organizations
from jobs.ports import Progress
from kernel.principal import Principal, system
from kernel.scope import scope_of
from licensing.importing.findings import finding_from
from licensing.importing.sheets import read_limited
from licensing.models import ImportBatch, ImportRow
from licensing.operations.imports import COUNTED, claim_commit, commit, examine
from licensing.ports import bindings

SHOWN = 50


class Command(BaseCommand):
    help = "Examines a CSV or XLSX file of rights, assignments or last uses; with --commit writes what it contains."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--organization", required=True, help="short name, such as halden")
        parser.add_argument("--kind", required=True, choices=sorted(bindings.import_kinds))
        parser.add_argument("--source", default="", help="name of the system that the file comes from")
        parser.add_argument("--commit", action="store_true", help="write what the dry run shows")

    def handle(self, *args: Any, **options: Any) -> None:
        [organization] = chosen_organizations(options["organization"])
        actor = system(organization.id, "import")
        try:
            with options["file"].open("rb") as file:
                data = read_limited(file)
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        with trail(organization_id=organization.id, actor=actor) as opened:
            batch = examine(
                kind_name=options["kind"],
                file_name=options["file"].name,
                data=data,
                source=options["source"],
                trail=opened,
            )
        self._print(batch, actor)
        if options["commit"]:
            self._commit(batch, actor)

    def _print(self, batch: ImportBatch, actor: Principal) -> None:
        counts = ", ".join(f"{status} {getattr(batch, column)}" for status, column in COUNTED.items())
        self.stdout.write(f"{batch.number}: {counts}")
        with scope_of(actor):
            rows = ImportRow.objects.filter(batch=batch).exclude(findings=[]).order_by("line")[: SHOWN + 1]
            for row in rows[:SHOWN]:
                for stored in row.findings:
                    finding = finding_from(row.line, stored)
                    self.stdout.write(
                        f"  line {row.line} {finding.column or finding.field}: {finding.code} {finding.words}"
                    )
            if len(rows) > SHOWN:
                self.stdout.write("  … more on the page of the import")

    def _commit(self, batch: ImportBatch, actor: Principal) -> None:
        with trail(organization_id=actor.organization_id, actor=actor) as opened:
            claim_commit(batch_id=batch.id, job_run_id=None, trail=opened)
        if sys.stdout.isatty():
            with Bar() as bar:
                task = bar.add_task("Committing", total=100)
                outcome = commit(batch_id=batch.id, actor=actor, progress=_on(bar, task))
        else:
            outcome = commit(batch_id=batch.id, actor=actor, progress=lambda percent, stage: None)
        self.stdout.write("committed: " + ", ".join(f"{name} {outcome[name]}" for name in COUNTED))


def _on(bar: Bar, task: Any) -> Progress:
    return lambda percent, stage: bar.update(task, completed=percent)
