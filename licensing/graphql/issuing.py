"""GraphQL of what a vendor issues: licence types and licences. Keys and certificates are not shown here."""

from datetime import datetime
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
from licensing.models import AddOn, License, LicenseType

VIEW = "licensing.license.view"


@tenant_type(LicenseType, name="LicenseType", permission=VIEW)
class LicenseTypeNode(Node):
    """One version of a vendor's template. A licence keeps the version that it was issued with."""

    id: strawberry.ID = column("The key of the version.")
    code: str = column("The code, the same for all versions.")
    version: int = column("The number of the version.")
    name: str = column("The name.")
    model: str = column("How it is sold: perpetual, subscription or trial.")
    duration_months: int = column("Months of the term.")
    duration_days: int = column("Days of the term, after the months.")
    grace_days: int = column("Days after the end in which licences stay valid.")
    notice_days: int = column("Days before the end in which validations warn.")
    expiry_strategy: str = column("What the end means: restrict, revoke, maintain or allow.")
    expiry_basis: str = column("From what the term counts: creation, first_validation or first_activation.")
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
    model: str = column("How it is sold: perpetual, subscription or trial.")
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
    created_at: datetime = column("When it was issued.")
    first_validated_at: datetime | None = column("When a client first validated it.")
    suspended_at: datetime | None = column("Since when it is suspended.")
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

    @root("The add-ons of licences, newest first.", needs=VIEW)
    def add_ons(
        self, info: GraphInfo, filter: AddOnFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[AddOnNode] | None:
        rows = narrowed(AddOnNode.rows(), filter, license="license_id")
        return connection(AddOnNode, info, first=first, after=after, rows=rows)

    @root("One add-on.", needs=VIEW)
    def add_on(self, info: GraphInfo, id: strawberry.ID) -> AddOnNode | None:
        return single(AddOnNode, info, id=id)
