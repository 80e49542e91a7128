"""Home: what is left to set up, the figures and places of the signed-in person's roles, and what waits for them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from kernel.clock import DatabaseClock
from kernel.pages import PageRequest, page
from kernel.principal import Principal
from reporting.navigation import Item, places
from reporting.queries.ledger import signed
from reporting.queries.rights import expiring
from reporting.queries.setup import House, house
from reporting.queries.spending import bought_lines
from reporting.queries.use import SeatUse, seat_use
from reporting.queries.violations import pressing
from reporting.rules.spending import annual_by_currency
from reporting.tiles import Tile
from reporting.views.it import use_chart
from reporting.views.strips import annual_tiles, expiring_tile, ledger_tiles, seats_tiles, violations_tile

MOST_TILES = 6
MOST_VIOLATIONS = 5
BARS = 5


@dataclass(frozen=True)
class Step:
    """One step of setting up; `url` is empty for those who may not take it."""

    title: str
    text: str
    action: str
    url: str
    done: bool


@require_GET
@page("identity.organization.view")
def home(request: PageRequest) -> HttpResponseBase:
    """Where everybody lands after signing in; a customer goes on to the portal."""
    if request.principal.parties is not None:
        return redirect("licensing:portal")
    at, principal = DatabaseClock().now(), request.principal
    found = house(principal.organization_id)
    sees_violations = principal.may("compliance.violation.view")
    waiting = pressing(principal.account_id, most=MOST_VIOLATIONS) if sees_violations else None
    steps = _steps(found, principal) if not found.setup.is_done else []
    use = seat_use(at=at) if principal.may("reporting.dashboard.it") else None
    tiles = _tiles(principal, use, at)
    if waiting is not None:
        tiles.insert(0, violations_tile(waiting.total, scanned_at=found.last_scan_at))
    context = {
        "at": at,
        "setup": found.setup,
        "steps": steps if any(step.url for step in steps) else [],
        "tiles": tiles[:MOST_TILES],
        "chart": use_chart(use, most=BARS) if use is not None and use.products else None,
        "waiting": waiting,
        "scan": found.last_scan_at,
        "places": [(item, WHAT_FOR.get(item.route, "")) for item in _others(request)],
    }
    return render(request, "reporting/home.html", context)


def _others(request: PageRequest) -> list[Item]:
    """Every place that the person may go to, except this one."""
    return [item for section in places(request) for item in section.items if item.route != "reporting:home"]


def _tiles(principal: Principal, use: SeatUse | None, at: datetime) -> list[Tile]:
    """The figures that the person may see; who may see all gets the first six."""
    makers: list[tuple[str, Callable[[], list[Tile]]]] = [
        ("reporting.dashboard.finance", lambda: _cost_tiles(principal, at)),
        ("reporting.dashboard.procurement", lambda: _ending_tiles(at)),
        ("audit.ledger.view", lambda: ledger_tiles(signed())),
    ]
    seats = seats_tiles(use, page=reverse("reporting:it")) if use is not None and use.products else []
    return [*seats, *(tile for permission, make in makers if principal.may(permission) for tile in make())]


def _cost_tiles(principal: Principal, at: datetime) -> list[Tile]:
    if not principal.may("licensing.money.view"):
        return []
    return annual_tiles(annual_by_currency(bought_lines(at=at)), at=at, page=reverse("reporting:finance"))


def _ending_tiles(at: datetime) -> list[Tile]:
    return [expiring_tile(expiring(at=at, most=1).total, at=at, page=reverse("reporting:procurement"))]


def _steps(found: House, principal: Principal) -> list[Step]:
    setup = found.setup

    def url(route: str, permission: str) -> str:
        return reverse(route) if principal.may(permission) else ""

    return [
        Step(
            _("Describe what is licensed"),
            _("Publishers, products and their editions. An import of entitlements brings them along."),
            _("Open the catalogue"),
            url("admin:licensing_product_changelist", "licensing.catalogue.manage"),
            setup.catalogue,
        ),
        Step(
            _("Import your entitlements"),
            _("A sheet of what you may use, from when until when. You see every row before anything is written."),
            _("Import a sheet"),
            url("licensing:imports", "licensing.import.run"),
            setup.rights,
        ),
        Step(
            _("Let the rules look"),
            _("A scan compares seats with rights and opens a violation where they do not fit."),
            _("Go to the first scan"),
            url("compliance:violations", "compliance.scan.run"),
            setup.scanned,
        ),
        Step(
            _("Bring in colleagues"),
            _("Finance, procurement and audit each have pages of their own."),
            _("See who may sign in"),
            url("admin:identity_membership_changelist", "identity.membership.view"),
            setup.colleagues,
        ),
        Step(
            _("Scan every night"),
            _("A schedule looks again while everybody sleeps, and tells IT by e-mail about what is new."),
            _("Open the schedules"),
            url("admin:jobs_schedule_changelist", "jobs.schedule.manage"),
            setup.scheduled,
        ),
    ]


WHAT_FOR: dict[str, Any] = {
    "licensing:portal": gettext_lazy("Your licences, and what needs attention."),
    "reporting:it": gettext_lazy("Seats by product, what was found, what ends soon."),
    "reporting:finance": gettext_lazy("What rights cost in a year, and what of it nobody uses."),
    "reporting:procurement": gettext_lazy("What has to be renewed or cancelled, and by when."),
    "reporting:audit": gettext_lazy("The ledger, its checkpoints, and every entry in it."),
    "seats:pools": gettext_lazy("Who holds which seats; assign and release."),
    "compliance:my": gettext_lazy("What you hold and wait for; give back, or ask for a seat."),
    "seats:own-products": gettext_lazy("Seats of the products that you answer for."),
    "seats:group-rules": gettext_lazy("Which groups of the directory bring which seats."),
    "seats:leavers": gettext_lazy("Who left while holding seats, and what becomes of these."),
    "seats:reclamation": gettext_lazy("Seats that nobody uses, asked back and saved."),
    "compliance:violations": gettext_lazy("Seats that no right covers, and who takes care of them."),
    "compliance:changes": gettext_lazy("What was asked for and waits for a second person."),
    "reporting:packages": gettext_lazy("Reports with their evidence and the ledger, for auditors to take away."),
    "licensing:imports": gettext_lazy("Upload a sheet, look at every row, commit it."),
    "admin:index": gettext_lazy("Catalogue, contracts, people and everything else on record."),
    "licensing:product-owners": gettext_lazy("Who answers for which product."),
    "organization:reads": gettext_lazy("Who looked at which personal data, and when."),
    "organization:people": gettext_lazy("Who is in the directory, and what each holds."),
    "organization:members": gettext_lazy("Who may sign in here, and with which roles."),
    "organization:roles": gettext_lazy("What each role is for and what it may do."),
    "organization:access-reviews": gettext_lazy("Ask regularly who still needs which access."),
    "organization:access-review-mine": gettext_lazy("Whose access you are asked about."),
    "organization:sign-in": gettext_lazy("Who needs a second factor, and how long sign-ins last."),
    "organization:sso": gettext_lazy("Sign in with the identity provider of the company."),
    "organization:provisioning": gettext_lazy("People and groups that a directory service keeps up to date."),
    "organization:api-clients": gettext_lazy("Programs with access: what each may do, and when it last did."),
    "graphql": gettext_lazy("Write queries over all records and try them."),
}
