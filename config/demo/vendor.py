"""Lumen CAD: customers with perpetual, subscription and trial licences; one is suspended, one was returned. Two belong
to a group, and somebody there signs in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random

from config.demo.story import Story
from identity.models import Membership
from kernel.trail import Trail
from licensing.models import License, LicenseType, Party, PartyKind
from licensing.operations import (
    Conditions,
    Named,
    NewLicense,
    NewLicenseType,
    PartyParticulars,
    create_license_type,
    create_party,
    ensure_party,
    ensure_product,
    ensure_signing_key,
    issue_certificate,
    issue_key,
    issue_license,
    move_party,
    revoke_license,
    suspend_license,
)
from licensing.operations.contacts import name_vendor_contact
from licensing.operations.party_access import grant_party_access
from licensing.rules.facts import FeatureGrant

Step = Callable[[Trail], None]
PUBLISHER = "Lumen CAD"
GROUP = "Aarhus Group"
COMPANIES = ("Aarhus Architects", "Aarhus Bridgeworks")
"""What belongs to the group; somebody of the first signs in and sees both."""
CITIES = (
    "Aarhus",
    "Bergen",
    "Bremen",
    "Ghent",
    "Graz",
    "Lyon",
    "Malmo",
    "Porto",
    "Riga",
    "Tampere",
    "Turin",
    "Utrecht",
)
TRADES = ("Architects", "Bridgeworks", "Engineering", "Interiors", "Shipyard", "Surveyors", "Timber", "Tunnelling")


@dataclass
class Vendor:
    """Builds the vendor's year: three licence types, then customers spread over the months."""

    story: Story
    customers: int
    random: Random
    steps: list[tuple[float, Step]] = field(default_factory=list)
    types: list[LicenseType] = field(default_factory=list)
    issued: list[License] = field(default_factory=list)

    def build(self, progress: Callable[[int, int], None]) -> None:
        """Plans, then does; `progress(done, all)` after each step."""
        self.steps.append((360, self._add_types))
        names = [f"{city} {trade}" for city in CITIES for trade in TRADES]
        for number in range(self.customers):
            name = names[number % len(names)] + (f" {number // len(names) + 1}" if number >= len(names) else "")
            self.steps.append((350 - 345 * number / self.customers, partial(self._sell, number, name)))
        self.steps.append((300, self._group))
        self.steps.append((4, self._trouble))
        self.steps.sort(key=lambda step: -step[0])
        for number, (days_ago, step) in enumerate(self.steps, start=1):
            with self.story.on(days_ago) as trail:
                step(trail)
            progress(number, len(self.steps))
        self.story.checkpoint()

    def _add_types(self, trail: Trail) -> None:
        ensure_signing_key(trail=trail)
        named = Named(PUBLISHER, "Lumen CAD Studio", code="lumen-cad-studio")
        product, _edition = ensure_product(named=named, trail=trail)
        full = tuple(FeatureGrant(code) for code in ("drafting", "rendering", "bim-export"))
        subscription = NewLicenseType(
            code="studio-subscription",
            name="Studio subscription",
            product=product,
            model="subscription",
            duration_months=12,
            grace_days=14,
            conditions=Conditions(features=full, limits={"activations": 3}),
        )
        perpetual = NewLicenseType(
            code="studio-perpetual",
            name="Studio perpetual",
            product=product,
            model="perpetual",
            conditions=Conditions(features=full[:2], limits={"activations": 2}),
        )
        paid = create_license_type(license_type=subscription, trail=trail)
        trial = NewLicenseType(
            code="studio-trial",
            name="Studio trial",
            product=product,
            model="trial",
            duration_days=30,
            expiry_basis="first_validation",
            converts_to=paid,
            conditions=Conditions(features=full[:1], limits={"activations": 1}),
        )
        self.types = [
            paid,
            create_license_type(license_type=perpetual, trail=trail),
            create_license_type(license_type=trial, trail=trail),
        ]

    def _sell(self, number: int, name: str, trail: Trail) -> None:
        customer = ensure_party(
            kind=PartyKind.LICENSEE, name=name, territory=("DE", "NO", "FR")[number % 3], trail=trail
        )
        kind = self.types[(0, 0, 1, 0, 2)[number % 5]]
        licence = issue_license(
            license=NewLicense(license_type=kind, licensee=customer, quantity=1 + number % 12), trail=trail
        )
        issue_key(license_id=licence.id, trail=trail)
        if kind.model != "trial":
            issue_certificate(license_id=licence.id, trail=trail)
        self.issued.append(licence)

    def _group(self, trail: Trail) -> None:
        group = create_party(
            particulars=PartyParticulars(kind=PartyKind.AFFILIATE, name=GROUP, territory="DE"), trail=trail
        )
        for row in Party.objects.filter(name__in=COMPANIES):
            move_party(party_id=row.id, parent_id=group.id, trail=trail)
        name_vendor_contact(
            name="Maja Vik",
            email="ops@lumen.example",
            phone="+49 40 5550 142",
            hours="Monday to Friday, 9 to 17 h",
            trail=trail,
        )

    def _trouble(self, trail: Trail) -> None:
        suspend_license(license_id=self.issued[1].id, reason="Invoice overdue for 60 days", trail=trail)
        revoke_license(license_id=self.issued[3].id, reason="Returned under warranty", trail=trail)


def partner_who_signs_in() -> Party:
    """The company whose person has an account."""
    return Party.objects.get(kind=PartyKind.LICENSEE, name=COMPANIES[0])


def let_see_the_group(membership: Membership, trail: Trail) -> None:
    """The person sees the group, with the companies that belong to it."""
    group = Party.objects.get(kind=PartyKind.AFFILIATE, name=GROUP)
    grant_party_access(membership=membership, party=group, with_children=True, trail=trail)
