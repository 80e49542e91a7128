"""What the customer that signs in has beside a licence that was returned: one that works, on machines and with use, one
whose term is over and that grace keeps alive, and a trial that has begun."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from config.demo.machines import ask_from
from kernel.trail import Trail
from licensing.models import License, LicenseType, Party, PartyKind
from licensing.operations import (
    Conditions,
    NewAddOn,
    NewLicense,
    NewLicenseType,
    activate,
    attach_add_on,
    create_license_type,
    issue_certificate,
    issue_key,
    issue_license,
)
from licensing.rules.facts import FeatureGrant
from licensing.usage.operations import NewUsage, record_usage

Step = Callable[[Trail], None]
COUNTRY = "DK"
WORKSTATIONS = ("ARK-01", "ARK-02")
LAPTOP = "ARK-NB-7"
BOUGHT = 226
"""Days ago: seven months and some days, so that the month that a quota counts is well under way."""
HALF_A_YEAR = 188
"""Days ago on which a term of six months began that ended within the last two weeks."""


@dataclass
class Customer:
    """The licences of one customer; `types` are the vendor's, by their models."""

    name: str
    types: Callable[[], dict[str, LicenseType]]
    held: dict[str, tuple[License, str]] = field(default_factory=dict)

    def steps(self) -> list[tuple[float, Step]]:
        """Days ago and what happened then."""
        return [
            (BOUGHT, self._buy),
            (HALF_A_YEAR, self._buy_for_a_season),
            (150, self._extend),
            (9, self._try),
            (6, self._begin),
            (0.01, self._use),
        ]

    def _buy(self, trail: Trail) -> None:
        self._issue("subscription", 12, trail)
        license, _key = self.held["subscription"]
        issue_certificate(license_id=license.id, trail=trail)
        self._activate("subscription", WORKSTATIONS[0], trail)

    def _buy_for_a_season(self, trail: Trail) -> None:
        """A type for half a year: its first term has just ended."""
        year = self.types()["subscription"]
        season = NewLicenseType(
            code="studio-half-year",
            name="Studio half-year",
            product=year.product,
            model="subscription",
            duration_months=6,
            grace_days=14,
            unit_price=Decimal("290"),
            currency="EUR",
            charge_period="year",
            conditions=Conditions(features=(FeatureGrant("drafting"),), limits={"activations": 2}),
        )
        create_license_type(license_type=season, trail=trail)
        self._issue("season", 4, trail)

    def _extend(self, trail: Trail) -> None:
        license, _key = self.held["subscription"]
        cloud = NewAddOn(license_id=license.id, name="Cloud rendering", features=(FeatureGrant("cloud-rendering"),))
        attach_add_on(add_on=cloud, trail=trail)
        self._activate("subscription", WORKSTATIONS[1], trail)

    def _try(self, trail: Trail) -> None:
        self._issue("trial", 1, trail)

    def _begin(self, trail: Trail) -> None:
        """The first use: from here on its thirty days count."""
        self._activate("trial", LAPTOP, trail)

    def _use(self, trail: Trail) -> None:
        """Some of it today: the month that a quota counts may have begun this morning."""
        license, _key = self.held["subscription"]
        now = trail.clock.now()
        events = [
            NewUsage(
                key=f"sheet-{number}",
                license_id=license.id,
                feature="bim-export",
                value=Decimal(2 + number % 5),
                at=now - timedelta(hours=8 * number),
            )
            for number in range(60)
        ]
        record_usage(source="studio-farm", events=events, trail=trail)

    def _issue(self, what: str, quantity: int, trail: Trail) -> None:
        partner = Party.objects.get(kind=PartyKind.LICENSEE, name=self.name)
        license = issue_license(
            license=NewLicense(license_type=self._type(what), licensee=partner, quantity=quantity), trail=trail
        )
        self.held[what] = license, issue_key(license_id=license.id, trail=trail).key

    def _type(self, what: str) -> LicenseType:
        return LicenseType.objects.get(code="studio-half-year") if what == "season" else self.types()[what]

    def _activate(self, what: str, machine: str, trail: Trail) -> None:
        license, key = self.held[what]
        ask_from(machine, activate, license=license, key=key, country=COUNTRY, trail=trail)
