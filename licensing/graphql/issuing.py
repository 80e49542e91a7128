"""GraphQL of what a vendor issues: licence types and licences. Keys and certificates are not shown here."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry

from kernel.graphql import (
    After,
    Connection,
    First,
    GraphInfo,
    Node,
    column,
    computed,
    connection,
    narrowed,
    root,
    single,
    tenant_type,
    to_many,
    to_one,
)
from kernel.graphql.limits import USUAL_ROWS
from licensing.graphql.catalogue import EditionNode, PartyNode, ProductNode
from licensing.graphql.granted import GrantedFeature, Limit, granted_features, limits_from
from licensing.graphql.rights import EntitlementNode
from licensing.models import Activation, AddOn, License, LicenseRenewal, LicenseType

VIEW = "licensing.license.view"
MONEY = "licensing.money.view"


@tenant_type(LicenseType, name="LicenseType", permission=VIEW)
class LicenseTypeNode(Node):
    """One version of a vendor's template. A licence keeps the version that it was issued with."""

    id: strawberry.ID = column("The key of the version.")
    code: str = column("The code, the same for all versions.")
    version: int = column("The number of the version.")
    name: str = column("The name.")
    model: str = column("How it is sold: perpetual, subscription, trial, floating, node_locked or site.")
    duration_months: int = column("Months of the term.")
    duration_days: int = column("Days of the term, after the months.")
    grace_days: int = column("Days after the end in which licences stay valid.")
    notice_days: int = column("Days before the end in which validations warn.")
    offline_hours: int = column("Hours that a certificate which is checked out may hold; 0: none is checked out.")
    expiry_strategy: str = column("What the end means: restrict, revoke, maintain or allow.")
    expiry_basis: str = column("From what the term counts: creation, first_validation or first_activation.")
    fingerprint_matching: str = column("How many components of a machine must match: any, two, most or all.")
    uniqueness_scope: str = column("Within what a machine counts once: license, type, product or organization.")
    heartbeat: str = column("Whether machines must be heard of: off, from_creation or from_first_ping.")
    heartbeat_seconds: int = column("The longest silence in seconds.")
    resurrection: str = column("For how long a silent machine may come back: never, 1_minute up to always.")
    virtual_machines: str = column("Whether virtual machines are allowed or denied.")
    connectivity_grace_hours: int | None = column("Hours that a client may run without connection; null: not said.")
    connectivity_fail_open: bool = column("Whether a client runs on without connection after that.")
    transfers_per_year: int | None = column("Moves to another machine in a calendar year; null: any number.")
    overage: str = column("What limits allow on top: none, absolute or percent.")
    overage_by: int = column("The number or percentage that is allowed on top.")
    overage_until: datetime | None = column("When the overage ends; null: never.")
    renewal_basis: str = column("From what a renewal counts: from_expiry, from_now or from_now_if_expired.")
    auto_renews: bool = column("Whether its licences renew by themselves.")
    trial_once: str = column("How often somebody may try: none (often), fingerprint or email_domain (once for each).")
    dunning_restrict_days: int = column("Days past due until the features of a licence end.")
    dunning_suspend_days: int = column("Days past due until a licence is suspended.")
    unit_price: Decimal | None = column(
        "What one unit costs for one billing period; null: there is no price.", needs=MONEY
    )
    currency: str = column("The currency of the price, ISO 4217; empty without one.")
    charge_period: str = column("The billing period of the price: month or year; empty without one.")
    territories: list[str] | None = column("ISO 3166-1 alpha-2 codes of where licences hold; null: everywhere.")
    domains: list[str] | None = column("Host names under which licences hold; null: all.")
    departments: list[str] | None = column("Departments in which licences hold; null: all.")
    version_range: str = column("The releases that are covered; empty: all.")
    created_at: datetime = column("When it was defined.")
    superseded_at: datetime | None = column("Since when a later version is in force; null for the one in force.")
    product: ProductNode | None = to_one(lambda: ProductNode, "product_id", "What is licensed.")
    edition: EditionNode | None = to_one(lambda: EditionNode, "edition_id", "The edition that is licensed.")
    converts_to: "LicenseTypeNode | None" = to_one(
        lambda: LicenseTypeNode, "converts_to_id", "What a trial becomes when it is bought."
    )
    licenses: "Connection[LicenseNode] | None" = to_many(
        lambda: LicenseNode, "license_type_id", "The licences of this version."
    )

    @computed("The features that licences of this version grant.")
    def features(root: Any) -> list[GrantedFeature]:  # noqa: N805  # the library gives the row
        return granted_features(root.features)

    @computed("How much licences of this version allow.")
    def limits(root: Any) -> list[Limit]:  # noqa: N805  # the library gives the row
        return limits_from(root.limits)


@tenant_type(License, name="License", permission=VIEW)
class LicenseNode(Node):
    """A licence granted to a party, valid from `validFrom` up to, not at, `expiresAt`. Its keys are not shown here."""

    id: strawberry.ID = column("The key of the licence.")
    number: str = column("The number that people read out.")
    model: str = column("How it is sold: perpetual, subscription, trial, floating, node_locked or site.")
    quantity: int = column("How many units it covers.")
    status: str = column("What was decided: draft, active, suspended or revoked.")
    valid_from: datetime | None = column("When it begins; null: when it was created.")
    expires_at: datetime | None = column("When it ends; null: never, or not yet known.")
    grace_until: datetime | None = column("Until when it stays valid after its end.")
    maintenance_until: datetime | None = column("Until when new releases are included.")
    version_range: str = column("The releases that are covered; empty: those of the type.")
    territories: list[str] | None = column("Where it holds; null: where the type says.")
    domains: list[str] | None = column("Under which host names it holds; null: as the type says.")
    departments: list[str] | None = column("In which departments it holds; null: as the type says.")
    sequence: int = column("Rises with every certificate after the first.")
    first_activated_at: datetime | None = column("When it was first activated on a machine.")
    created_at: datetime = column("When it was issued.")
    first_validated_at: datetime | None = column("When a client first validated it.")
    suspended_at: datetime | None = column("Since when it is suspended.")
    paused_at: datetime | None = column("Since when its clock stands still.")
    cancel_at: datetime | None = column("When it ends with its term because it was cancelled.")
    past_due_since: datetime | None = column("Since when payment is past due.")
    dunning_stage: str = column("How far dunning has come: warned, restricted or suspended; empty without.")
    converted_at: datetime | None = column("When the trial was bought that it was.")
    revoked_at: datetime | None = column("When it was revoked.")
    license_type: LicenseTypeNode | None = to_one(
        lambda: LicenseTypeNode, "license_type_id", "The version of the type that it was issued with."
    )
    licensee: PartyNode | None = to_one(lambda: PartyNode, "licensee_id", "Who received it.")
    product: ProductNode | None = to_one(lambda: ProductNode, "product_id", "What is licensed.")
    edition: EditionNode | None = to_one(lambda: EditionNode, "edition_id", "The edition that is licensed.")
    entitlement: EntitlementNode | None = to_one(
        lambda: EntitlementNode, "entitlement_id", "The right from which it was handed on."
    )
    activations: "Connection[ActivationNode] | None" = to_many(
        lambda: ActivationNode, "license_id", "The machines on which it is or was activated."
    )

    renewals: "Connection[LicenseRenewalNode] | None" = to_many(
        lambda: LicenseRenewalNode, "license_id", "Its further terms, newest first."
    )

    add_ons: "Connection[AddOnNode] | None" = to_many(
        lambda: AddOnNode, "license_id", "What was added to it, also what was removed again."
    )

    @computed("The features that it grants beside those of its type.")
    def features(root: Any) -> list[GrantedFeature]:  # noqa: N805  # the library gives the row
        return granted_features(root.features)

    @computed("How much it allows where this differs from its type.")
    def limits(root: Any) -> list[Limit]:  # noqa: N805  # the library gives the row
        return limits_from(root.limits)


@tenant_type(AddOn, name="AddOn", permission=VIEW)
class AddOnNode(Node):
    """A module that was added to a licence. Without an end of its own it ends with the licence."""

    id: strawberry.ID = column("The key of the add-on.")
    name: str = column("The name.")
    starts_at: datetime | None = column("When it begins; null: when it was added.")
    ends_at: datetime | None = column("When it ends; null: with the licence.")
    created_at: datetime = column("When it was added.")
    removed_at: datetime | None = column("When it was removed; null while it is attached.")
    license: LicenseNode | None = to_one(lambda: LicenseNode, "license_id", "The licence that it belongs to.")

    @computed("The features that it grants.")
    def features(root: Any) -> list[GrantedFeature]:  # noqa: N805  # the library gives the row
        return granted_features(root.features)


@strawberry.input(description="Which add-ons; what is null asks for nothing.")
class AddOnFilter:
    license: strawberry.ID | None = strawberry.field(default=None, description="Of this licence.")


@tenant_type(Activation, name="Activation", permission=VIEW)
class ActivationNode(Node):
    """A machine on which a licence is activated; it holds a place until `releasedAt`. Its fingerprint is not shown."""

    id: strawberry.ID = column("The key of the activation.")
    label: str = column("What its client calls the machine.")
    platform: str = column("The platform that its client states.")
    country: str = column("ISO 3166-1 alpha-2 code of where it was last heard of; empty: unknown.")
    virtual_machine: bool | None = column("Whether it is a virtual machine; null: its client did not say.")
    first_seen_at: datetime = column("When it was activated.")
    last_seen_at: datetime = column("When it was last heard of.")
    first_ping_at: datetime | None = column("When its first heartbeat came.")
    last_ping_at: datetime | None = column("When its last heartbeat came.")
    lost_at: datetime | None = column("From when on its silence ends it; null: never.")
    released_at: datetime | None = column("When it ended; null while it holds a place.")
    end_reason: str = column("Why it ended: deactivated, released, heartbeat_lost, license_revoked; empty: it has not.")
    is_transfer: bool = column("Whether it took over the place of another machine.")
    license: LicenseNode | None = to_one(lambda: LicenseNode, "license_id", "The licence.")


@tenant_type(LicenseRenewal, name="LicenseRenewal", permission=VIEW)
class LicenseRenewalNode(Node):
    """A further term of a licence, from `startsAt` up to, not at, `endsAt`. It counts from when it is confirmed."""

    id: strawberry.ID = column("The key of the renewal.")
    starts_at: datetime = column("When the term begins.")
    ends_at: datetime = column("When it ends.")
    grace_until: datetime | None = column("Until when the licence stays valid after that.")
    is_automatic: bool = column("Whether the licence renewed by itself.")
    recorded_at: datetime = column("When it was recorded.")
    confirmed_at: datetime | None = column("When it was confirmed; null while it waits.")
    withdrawn_at: datetime | None = column("When it was taken back.")
    license: LicenseNode | None = to_one(lambda: LicenseNode, "license_id", "The licence.")


@strawberry.input(description="Which licence types; what is null asks for nothing.")
class LicenseTypeFilter:
    code: str | None = strawberry.field(default=None, description="All versions with this code.")
    product: strawberry.ID | None = strawberry.field(default=None, description="For this product.")


@strawberry.input(description="Which licences; what is null asks for nothing.")
class LicenseFilter:
    number: str | None = strawberry.field(default=None, description="With exactly this number.")
    status: str | None = strawberry.field(default=None, description="With this status.")
    model: str | None = strawberry.field(default=None, description="Of this model.")
    product: strawberry.ID | None = strawberry.field(default=None, description="For this product.")
    licensee: strawberry.ID | None = strawberry.field(default=None, description="Of this party.")
    license_type: strawberry.ID | None = strawberry.field(default=None, description="Of this version of a type.")
    entitlement: strawberry.ID | None = strawberry.field(default=None, description="Handed on from this right.")


@strawberry.input(description="Which activations; what is null asks for nothing.")
class ActivationFilter:
    license: strawberry.ID | None = strawberry.field(default=None, description="Of this licence.")
    country: str | None = strawberry.field(default=None, description="Last heard of in this country.")
    end_reason: str | None = strawberry.field(default=None, description="Ended for this reason; empty: not ended.")


@strawberry.type
class IssuingQuery:
    @root("The licence types, newest first.", needs=VIEW)
    def license_types(
        self, info: GraphInfo, filter: LicenseTypeFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[LicenseTypeNode] | None:
        rows = narrowed(LicenseTypeNode.rows(), filter, code="code", product="product_id")
        return connection(LicenseTypeNode, info, first=first, after=after, rows=rows)

    @root("One version of a licence type.", needs=VIEW)
    def license_type(self, info: GraphInfo, id: strawberry.ID) -> LicenseTypeNode | None:
        return single(LicenseTypeNode, info, id=id)

    @root("The licences, newest first.", needs=VIEW)
    def licenses(
        self, info: GraphInfo, filter: LicenseFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[LicenseNode] | None:
        rows = narrowed(
            LicenseNode.rows(),
            filter,
            number="number",
            status="status",
            model="model",
            product="product_id",
            licensee="licensee_id",
            license_type="license_type_id",
            entitlement="entitlement_id",
        )
        return connection(LicenseNode, info, first=first, after=after, rows=rows)

    @root("One licence.", needs=VIEW)
    def license(self, info: GraphInfo, id: strawberry.ID) -> LicenseNode | None:
        return single(LicenseNode, info, id=id)

    @root("The machines on which licences are or were activated, newest first.", needs=VIEW)
    def activations(
        self, info: GraphInfo, filter: ActivationFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[ActivationNode] | None:
        rows = narrowed(ActivationNode.rows(), filter, license="license_id", country="country", end_reason="end_reason")
        return connection(ActivationNode, info, first=first, after=after, rows=rows)

    @root("One activation.", needs=VIEW)
    def activation(self, info: GraphInfo, id: strawberry.ID) -> ActivationNode | None:
        return single(ActivationNode, info, id=id)

    @root("The add-ons of licences, newest first.", needs=VIEW)
    def add_ons(
        self, info: GraphInfo, filter: AddOnFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[AddOnNode] | None:
        rows = narrowed(AddOnNode.rows(), filter, license="license_id")
        return connection(AddOnNode, info, first=first, after=after, rows=rows)

    @root("One add-on.", needs=VIEW)
    def add_on(self, info: GraphInfo, id: strawberry.ID) -> AddOnNode | None:
        return single(AddOnNode, info, id=id)
