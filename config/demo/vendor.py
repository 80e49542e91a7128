"""Lumen CAD: customers with perpetual, subscription, trial and node-locked licences; one is suspended. Two belong to a
group, and somebody there signs in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from random import Random

from config.demo.customer import Customer
from config.demo.machines import ask_from
from config.demo.story import Story
from identity.models import Membership
from kernel.trail import Trail
from licensing.models import License, LicenseType, Party, PartyKind, Product
from licensing.operations import (
    ActivationAnswer,
    Conditions,
    MachineRules,
    Named,
    NewAddOn,
    NewFeature,
    NewLicense,
    NewLicenseType,
    PartyParticulars,
    activate,
    attach_add_on,
    create_feature,
    create_license_type,
    create_party,
    deactivate,
    ensure_party,
    ensure_product,
    ensure_signing_key,
    issue_certificate,
    issue_key,
    issue_license,
    move_party,
    suspend_license,
)
from licensing.operations.bundles import add_component
from licensing.operations.contacts import name_vendor_contact
from licensing.operations.party_access import grant_party_access
from licensing.operations.releases import NewRelease, draft_release, publish_release, yank_release
from licensing.rules.allowances import Overage, OverageKind
from licensing.rules.facts import FeatureGrant
from licensing.rules.feature_values import QuotaPeriod, QuotaTerms
from licensing.usage.operations import NewUsage, record_usage

Step = Callable[[Trail], None]
PUBLISHER = "Lumen CAD"
GROUP = "Aarhus Group"
COMPANIES = ("Aarhus Architects", "Aarhus Bridgeworks")
"""What belongs to the group; somebody of the first signs in and sees both."""
FEATURES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("drafting", "Drafting", "boolean", ()),
    ("rendering", "Rendering", "boolean", ()),
    ("cloud-rendering", "Cloud rendering", "boolean", ()),
    ("bim-export", "BIM export", "quantity", ()),
    ("support", "Support", "choice", ("silver", "gold")),
)
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
OFFICE = "Stavanger Drawing Office"
MACHINES = ((120, "CAD-01"), (110, "CAD-02"), (60, "CAD-03"), (12, "VM-04"))
"""Days ago and machine."""
TRADES = ("Architects", "Bridgeworks", "Engineering", "Interiors", "Shipyard", "Surveyors", "Timber", "Tunnelling")


@dataclass
class Vendor:
    """Builds the vendor's year: four licence types, then customers spread over the months."""

    story: Story
    customers: int
    random: Random
    steps: list[tuple[float, Step]] = field(default_factory=list)
    types: list[LicenseType] = field(default_factory=list)
    issued: list[License] = field(default_factory=list)
    floor: LicenseType = field(init=False)
    office: License = field(init=False)
    key: str = field(init=False, repr=False)

    def build(self, progress: Callable[[int, int], None]) -> None:
        """Plans, then does; `progress(done, all)` after each step."""
        self.steps.append((360, self._add_types))
        names = [f"{city} {trade}" for city in CITIES for trade in TRADES]
        for number in range(self.customers):
            name = names[number % len(names)] + (f" {number // len(names) + 1}" if number >= len(names) else "")
            self.steps.append((350 - 345 * number / self.customers, partial(self._sell, number, name)))
        self.steps.append((300, self._group))
        self.steps.append((4, self._trouble))
        for number, (started, machine) in enumerate(MACHINES):
            self.steps.append((started, partial(self._run, number, machine)))
        portal = Customer(COMPANIES[0], lambda: {kind.model: kind for kind in self.types})
        self.steps += portal.steps()
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
        self._describe(product, trail)
        quota = QuotaTerms(limit=500, period=QuotaPeriod.MONTH, overage=Overage(kind=OverageKind.PERCENT, amount=10))
        full = (
            FeatureGrant("drafting"),
            FeatureGrant("rendering"),
            FeatureGrant("bim-export", value=quota),
            FeatureGrant("support", value="gold"),
        )
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
        self.floor = create_license_type(license_type=_on_machines(product, full), trail=trail)
        self.types = [
            paid,
            create_license_type(license_type=perpetual, trail=trail),
            create_license_type(license_type=trial, trail=trail),
        ]

    def _describe(self, product: Product, trail: Trail) -> None:
        """The catalogue's features, a viewer that belongs to the product, and its releases."""
        for code, name, kind, choices in FEATURES:
            feature = NewFeature(product=product, code=code, name=name, kind=kind, choices=choices)
            create_feature(feature=feature, trail=trail)
        viewer, _edition = ensure_product(
            named=Named(PUBLISHER, "Lumen CAD Viewer", code="lumen-cad-viewer"), trail=trail
        )
        add_component(parent=product, component=viewer, trail=trail)
        for version in ("11.0.0", "11.1.0"):
            row = draft_release(release=NewRelease(product=product, version=version), trail=trail)
            publish_release(release_id=row.id, trail=trail)

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

    def _run(self, number: int, machine: str, trail: Trail) -> None:
        """A drawing office with a licence for three machines: the first is replaced, the last one is virtual."""
        if number == 0:
            customer = ensure_party(kind=PartyKind.LICENSEE, name=OFFICE, territory="NO", trail=trail)
            license = issue_license(license=NewLicense(license_type=self.floor, licensee=customer), trail=trail)
            self.office, self.key = license, issue_key(license_id=license.id, trail=trail).key
        if number == len(MACHINES) - 1:
            self._machine(deactivate, MACHINES[0][1], trail)
        self._machine(activate, machine, trail)

    def _machine(self, step: Callable[..., ActivationAnswer], machine: str, trail: Trail) -> None:
        ask_from(machine, step, license=self.office, key=self.key, country="NO", trail=trail)

    def _trouble(self, trail: Trail) -> None:
        suspend_license(license_id=self.issued[1].id, reason="Invoice overdue for 60 days", trail=trail)
        self._later(trail)

    def _later(self, trail: Trail) -> None:
        """A module that one customer bought in addition, what it consumed, and a release that did harm."""
        customer = self.issued[0]
        cloud = NewAddOn(license_id=customer.id, name="Cloud rendering", features=(FeatureGrant("cloud-rendering"),))
        attach_add_on(add_on=cloud, trail=trail)
        now = trail.clock.now()
        events = [
            NewUsage(
                key=f"job-{number}",
                license_id=customer.id,
                feature="bim-export",
                value=Decimal(1 + number % 4),
                at=now - timedelta(hours=number),
            )
            for number in range(48)
        ]
        record_usage(source="studio-farm", events=events, trail=trail)
        harmful = draft_release(release=NewRelease(product=customer.product, version="11.2.0"), trail=trail)
        publish_release(release_id=harmful.id, trail=trail)
        yank_release(release_id=harmful.id, reason="Loses layers when saving", trail=trail)


def _on_machines(product: Product, features: tuple[FeatureGrant, ...]) -> NewLicenseType:
    return NewLicenseType(
        code="studio-node-locked",
        name="Studio node-locked",
        product=product,
        model="node_locked",
        duration_months=12,
        machines=MachineRules(fingerprint_matching="most", transfers_per_year=2, connectivity_grace_hours=72),
        conditions=Conditions(features=features, limits={"activations": 3}),
    )


def partner_who_signs_in() -> Party:
    """The company whose person has an account."""
    return Party.objects.get(kind=PartyKind.LICENSEE, name=COMPANIES[0])


def let_see_the_group(membership: Membership, trail: Trail) -> None:
    """The person sees the group, with the companies that belong to it."""
    group = Party.objects.get(kind=PartyKind.AFFILIATE, name=GROUP)
    grant_party_access(membership=membership, party=group, with_children=True, trail=trail)
