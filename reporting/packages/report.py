"""The report as a value: cover, summary and sections, ready to be placed on pages by a template."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from reporting.packages.csv_evidence import Listing
from reporting.packages.figures import figures
from reporting.packages.formatting import Formatter, printable
from reporting.packages.issues import Issue, issues
from reporting.packages.sections import Fact, Section, sections
from reporting.packages.snapshot import Scope, Snapshot
from reporting.packages.summary import Tile, sentences, tiles
from reporting.packages.wording import SCOPES

# The summary is one page: what does not fit is named by number and stands in its section.
ISSUES_PRINTED: Final = 12


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the template places."""

    title: str
    organization: str
    package: str
    as_of: str
    period: str
    language: str
    timestamp: str
    generator: str
    cover: tuple[Fact, ...]
    fingerprint: str
    key_address: str
    tiles: tuple[Tile, ...]
    sentences: tuple[str, ...]
    issues: tuple[Issue, ...]
    issues_left: int
    sections: tuple[Section, ...]


def report(snapshot: Snapshot, files: Sequence[Listing], facts: str) -> Report:
    """The report in the language that is active (`Parameters.language`); `facts` is the address of the snapshot."""
    parameters = snapshot.parameters
    form = Formatter(parameters.language)
    counted = figures(snapshot)
    found = issues(snapshot, counted, form)
    period = form.period(parameters.period_start, parameters.period_end)
    organization = printable(parameters.organization, limit=120)
    return Report(
        title=_("Software licence audit package: %(organisation)s, %(period)s")
        % {"organisation": organization, "period": period},
        organization=organization,
        package=printable(parameters.package_id, limit=40),
        as_of=form.time(parameters.as_of),
        period=period,
        language=parameters.language,
        timestamp=parameters.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        generator=f"Seatledger {parameters.software_version}",
        cover=_cover(snapshot, facts, form),
        fingerprint=snapshot.ledger.fingerprint,
        key_address=printable(snapshot.ledger.key_address, limit=300),
        tiles=tiles(snapshot, counted, form),
        sentences=sentences(snapshot, counted, form),
        issues=found[:ISSUES_PRINTED],
        issues_left=max(len(found) - ISSUES_PRINTED, 0),
        sections=sections(snapshot, counted, files, form),
    )


def _cover(snapshot: Snapshot, facts: str, form: Formatter) -> tuple[Fact, ...]:
    parameters = snapshot.parameters
    scope = str(SCOPES[parameters.scope])
    if parameters.scope is not Scope.ALL:
        scope = f"{scope}: {printable(parameters.scope_name, limit=80)}"
    return (
        Fact(_("Scope"), scope),
        Fact(_("As of"), _("%(time)s UTC") % {"time": form.time(parameters.as_of)}),
        Fact(_("Requested by"), printable(parameters.requested_by_role, limit=60)),
        Fact(_("Package"), printable(parameters.package_id, limit=40)),
        Fact(_("Software"), f"Seatledger {printable(parameters.software_version, limit=20)}"),
        Fact(_("Facts (SHA-256)"), facts, code=True),
    )
