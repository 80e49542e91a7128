"""The walk of management commands: run for one house, each leaves another alone, whatever it is given."""

import io
from argparse import Action
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.core.management.base import BaseCommand

from identity.models import Account
from kernel.errors import Refusal
from tests.architecture.source import APPS
from tests.isolation.canaries import owned
from tests.isolation.houses import House, is_uuid
from tests.isolation.visitor import UUID as WRITTEN
from tests.robustness.nasty import NOBODY

FOR_ALL = {
    "create_organization": "makes an organisation and reads no row of another",
    "demo": "adds organisations of its own",
    "doctor": "asks how the installation is set up, and counts",
    "launch": "starts the processes of the installation",
    "migrate": "changes tables, as their owner",
    "plan": "stores a certificate that names its organisation; tests/licensing/test_plans.py brings another's",
    "reset_second_factor": "of an account, which belongs to no organisation; each ledger where it works says so",
    "rotate_keys": "seals the secrets of every organisation again, each in its own scope",
    "token_keys": "keys of the installation, in the platform organisation alone",
}
"""Command → why it works for no single organisation."""
NAMES_ROW = {
    "api_client --client": "identity.ApiClient.client_id",
    "rotate_signing_key --revoke": "licensing.SigningKey.kid",
    "audit_package --rebuild": "reporting.AuditPackage.number",
    "scim_token --rotate": "identity.ScimToken.name",
}
"""Option → the column by which its text names a row."""
PLAIN = set(
    "--name --days --overlap --source --from --to --language --output --format --checkpoint --commit --kind --roles "
    "--scopes --redirect-uris --public --rotate --overlap-hours --owner --reason --beside-others file".split()
)
"""Options that name no row of an organisation; accounts, which `--owner` names, belong to none."""
USUAL = {
    "add_owner": ["--owner", "{member}", "--reason", "Walking", "--beside-others"],
    "allow_passwords": [],
    "api_client": ["--name", "Walking", "--scopes", "people:read"],
    "audit_export": [],
    "audit_package": ["--output", "{folder}", "--from", "2026-01-01", "--to", "2026-01-31"],
    "audit_verify": [],
    "furnish_organizations": [],
    "import_licenses": ["{file}", "--kind", "assignments", "--commit"],
    "rotate_signing_key": [],
    "scan": [],
    "scim_token": ["--name", "Walking again"],
}
"""Command → what it is called with beside the organisation."""
WITHOUT = {
    ("api_client", "--client"): "--name --scopes",
    ("audit_package", "--rebuild"): "--from --to",
    ("scim_token", "--rotate"): "--name",
}
"""(command, option) → the usual options in whose place it stands."""
BESIDE = {
    ("api_client", "--client"): ["--rotate"],
    ("rotate_signing_key", "--revoke"): ["--reason", "Walking"],
}
"""(command, option) → what else must then be said."""
SLOW = {"audit_package": "builds a package for minutes; as a task it is run in tests/isolation/test_tasks.py"}


@dataclass
class Commands:
    home: House
    hidden: House
    folder: Path
    findings: list[str] = field(default_factory=list)
    ran: int = 0
    options: int = 0

    def walk(self) -> None:
        for name, app in sorted(get_commands().items()):
            if str(app).split(".")[0] in APPS and name not in FOR_ALL:
                self._command(name, load_command_class(str(app), name))

    def _command(self, name: str, command: BaseCommand) -> None:
        stated = list(_options(command, name))
        if "--organization" not in {_written(one) for one in stated} or name not in USUAL:
            self.findings.append(
                f"{name}: say in tests/isolation/commands.py what it is called with beside --organization (USUAL), or "
                "why it works for no single organisation (FOR_ALL)"
            )
            return
        if name not in SLOW and (refused := self._said(name, [])):
            self.findings.append(f"{name}: refused for the own house, so that nothing is proved: {refused}")
        for one in stated:
            option = _written(one)
            if one.type is UUID:
                rows = (key for keys in self.hidden.rows.values() for key in keys[:1] if is_uuid(key))
                self._refused(name, option, rows, NOBODY)
            elif place := NAMES_ROW.get(f"{name} {option}"):
                self._refused(name, option, self._texts(place), "nothing is called so")
            elif option not in PLAIN | {"--organization"}:
                self.findings.append(f"{name} {option}: does it name a row? NAMES_ROW or PLAIN of commands.py")

    def _texts(self, place: str) -> list[str]:
        """What the hidden house's rows are called."""
        label, column = place.rsplit(".", 1)
        model = next(one for one in owned() if one._meta.label == label)
        with self.hidden.tenant.reading():
            return list(model.objects.values_list(column, flat=True))

    def _refused(self, name: str, option: str, foreign: Any, nobody: str) -> None:
        """Each of the hidden house's rows is refused in the words that one of nobody is."""
        self.options += 1
        words = self._said(name, [option, nobody], sent=nobody)
        for one in dict.fromkeys(foreign):
            found = self._said(name, [option, one], sent=one)
            if not found or found != words:
                self.findings.append(f"{name} {option}: {found or 'done'} for another's row, {words or 'done'} else")

    def _said(self, name: str, more: list[str], sent: str = "") -> str:
        """Runs the command for the looking house. Returns how it refused, "" when it did its work."""
        self.ran += 1
        left_out = WITHOUT.get((name, more[0]), "").split() if more else []
        usual = list(USUAL[name])
        for option in left_out:
            at = usual.index(option)
            del usual[at : at + 2]
        slug = self.home.tenant.organization.slug
        usual += BESIDE.get((name, more[0]), []) if more else []
        given = [one.format(folder=self.folder, file=self._file(), member=self._member()) for one in usual]
        said, refused = io.StringIO(), ""
        try:
            with redirect_stdout(said), redirect_stderr(said):
                call_command(name, *given, "--organization", slug, *more, stdout=said, stderr=said)
        except (CommandError, Refusal) as error:
            refused = str(error) or type(error).__name__
        except SystemExit as ended:
            refused = "" if ended.code in (None, 0, 1, 2) and not more else f"exit {ended.code}"
        text = f"{said.getvalue()} {refused}"
        for one in (sent or "\0", *self.hidden.names.values()):
            text = text.replace(one, "SENT")
        if self.hidden.mark in text or self.hidden.ids & set(WRITTEN.findall(text)):
            self.findings.append(f"{name} {' '.join(more)}: says something of the other house")
        return refused.replace(sent or "\0", "SENT")

    def _member(self) -> str:
        return Account.objects.get(id=self.home.rows["identity.account"][0]).email

    def _file(self) -> Path:
        """Seats for the hidden house's person, of an own product and of a hidden one: no row of it can be committed."""
        file, person = self.folder / "seats.csv", self.hidden.names["user_name"]
        if not file.exists():
            products = [house.names["product_name"] for house in (self.home, self.hidden)]
            file.write_text("\n".join(["Product,User name", *(f"{one},{person}" for one in products)]))
        return file


def _options(command: BaseCommand, name: str) -> Iterator[Action]:
    """What the command declares beside what every command of Django has."""
    common = {one.dest for one in BaseCommand().create_parser("manage.py", name)._actions}
    yield from (one for one in command.create_parser("manage.py", name)._actions if one.dest not in common)


def _written(one: Action) -> str:
    return one.option_strings[-1] if one.option_strings else one.dest
