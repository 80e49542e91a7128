"""GraphQL of the buyer's book: agreements, entitlements, and what they cost for whoever may see money."""

from datetime import date, datetime
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
from licensing.graphql.catalogue import EditionNode, MetricNode, PartyNode, ProductNode
from licensing.models import Agreement, Amendment, Entitlement, Purchase, PurchaseLine

RIGHTS = "licensing.entitlement.view"
MONEY = "licensing.money.view"


@tenant_type(Agreement, name="Agreement", permission=RIGHTS)
class AgreementNode(Node):
    """A contract, from `startsAt` up to, not at, `endsAt`."""

    id: strawberry.ID = column("The key of the agreement.")
    number: str = column("The contract's own number.")
    title: str = column("The title; empty where it has none.")
    type: str = column("What it is: enterprise, subscription, perpetual, maintenance or other.")
    state: str = column("What was decided: draft, active or terminated.")
    starts_at: datetime = column("When it begins.")
    ends_at: datetime | None = column("When it ends; null until it is terminated.")
    notice_days: int = column("How many days before the end notice must be given.")
    auto_renew: bool = column("Whether it goes on unless somebody gives notice.")
    affiliate_scope: str = column("For whom it is: the organisation, or its affiliates too.")
    true_up_on: date | None = column("The day on which more use is reported and paid for.")
    co_terminates_on: date | None = column("The day on which whatever is added ends with it.")
    amended: int = column("The number of its last amendment; 0 while there is none.")
    terminated_at: datetime | None = column("When it was terminated before its end.")
    created_at: datetime = column("When it was recorded.")
    licensor: PartyNode | None = to_one(lambda: PartyNode, "licensor_id", "Who grants.")
    licensee: PartyNode | None = to_one(lambda: PartyNode, "licensee_id", "Who receives.")
    amendments: "Connection[AmendmentNode] | None" = to_many(
        lambda: AmendmentNode, "agreement_id", "What changed since it came into force."
    )
    entitlements: "Connection[EntitlementNode] | None" = to_many(
        lambda: EntitlementNode, "agreement_id", "The rights under it."
    )


@strawberry.type(description="One term that an amendment changed.")
class ChangedTerm:
    term: str = strawberry.field(description="Which term.")
    before: str | None = strawberry.field(description="Its text before; null: none.")
    after: str | None = strawberry.field(description="Its text after; null: none.")


@tenant_type(Amendment, name="Amendment", permission=RIGHTS)
class AmendmentNode(Node):
    """What changed in a contract in force: numbered by agreement, never edited."""

    id: strawberry.ID = column("The key of the amendment.")
    number: int = column("Its number, counted from one in each agreement.")
    effective_at: datetime = column("From when it holds.")
    reason: str = column("Why.")
    document: str = column("Where the signed amendment is; empty where unknown.")
    amended_at: datetime = column("When it was recorded.")
    agreement: AgreementNode | None = to_one(lambda: AgreementNode, "agreement_id", "The contract.")

    @computed("The terms that it changed.")
    def changes(root: Any) -> list[ChangedTerm]:  # noqa: N805  # the library gives the row
        return [
            ChangedTerm(term=name, before=_said(pair[0]), after=_said(pair[1])) for name, pair in root.changes.items()
        ]


def _said(value: Any) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@tenant_type(Purchase, name="Purchase", permission=MONEY)
class PurchaseNode(Node):
    """An order or invoice. All of it is money."""

    id: strawberry.ID = column("The key of the purchase.")
    order_number: str = column("The number of the order; empty where unknown.")
    invoice_number: str = column("The number of the invoice; empty where unknown.")
    currency: str = column("ISO 4217 code of the currency of its lines.")
    created_at: datetime = column("When it was recorded.")
    supplier: PartyNode | None = to_one(lambda: PartyNode, "supplier_id", "Who was paid.")
    lines: "Connection[PurchaseLineNode] | None" = to_many(lambda: PurchaseLineNode, "purchase_id", "The lines.")


@tenant_type(PurchaseLine, name="PurchaseLine", permission=MONEY)
class PurchaseLineNode(Node):
    """A line of an order or invoice. Its total is what the invoice says for one billing period."""

    id: strawberry.ID = column("The key of the line.")
    position: int = column("Its place on the invoice.")
    sku: str = column("The supplier's number of the article; empty where unknown.")
    description: str = column("What the invoice calls it.")
    quantity: int = column("How many units were bought.")
    rights_per_unit: int = column("How many rights a unit brings.")
    unit_price: Decimal = column("The price of a unit for one billing period.")
    line_total: Decimal = column("The total for one billing period, as the invoice has it.")
    billing_period: str = column("How often it is charged.")
    product: ProductNode | None = to_one(lambda: ProductNode, "product_id", "What was bought.")
    purchase: PurchaseNode | None = to_one(lambda: PurchaseNode, "purchase_id", "The order or invoice.")


@tenant_type(Entitlement, name="Entitlement", permission=RIGHTS)
class EntitlementNode(Node):
    """A right to use software, from `startsAt` up to, not at, `endsAt`. A renewal is a new one that names its
    `previous`."""

    id: strawberry.ID = column("The key of the entitlement.")
    number: str = column("The number that people read out.")
    model: str = column("How it is sold: perpetual, subscription, trial, floating, node_locked or site.")
    unlimited: bool = column("Whether any number may be used.")
    quantity: int | None = column("How many units were granted; null when unlimited.")
    rights_per_unit: int = column("How many rights a unit brings.")
    rights: int | None = column("How many units of the metric may be used; null when unlimited.")
    overdraft: int = column("How many more may be handed on than were granted.")
    starts_at: datetime = column("When the right begins.")
    ends_at: datetime | None = column("When it ends; null: never.")
    maintenance_until: datetime | None = column("Until when new releases are included.")
    territory: str = column("ISO 3166-1 alpha-2 code of where it may be used; empty: everywhere.")
    state: str = column("What was decided: draft, active or revoked. That it ended is nobody's decision.")
    document: str = column("The document that proves it; empty where something else does.")
    created_at: datetime = column("When it was recorded.")
    product: ProductNode | None = to_one(lambda: ProductNode, "product_id", "What may be used.")
    edition: EditionNode | None = to_one(lambda: EditionNode, "edition_id", "The edition that may be used.")
    metric: MetricNode | None = to_one(lambda: MetricNode, "metric_id", "How use is counted.")
    agreement: AgreementNode | None = to_one(lambda: AgreementNode, "agreement_id", "The contract behind it.")
    licensor: PartyNode | None = to_one(lambda: PartyNode, "licensor_id", "Who grants it.")
    issued: int = column("How many were issued as licences.")
    sublicensed: int = column("How many were given on as sublicences.")
    licensee: PartyNode | None = to_one(lambda: PartyNode, "licensee_id", "Who receives it.")
    parent: "EntitlementNode | None" = to_one(lambda: EntitlementNode, "parent_id", "The right that it is a part of.")
    sublicences: "Connection[EntitlementNode] | None" = to_many(
        lambda: EntitlementNode, "parent_id", "The rights that are a part of it."
    )
    previous: "EntitlementNode | None" = to_one(lambda: EntitlementNode, "previous_id", "What it renews.")
    purchase_line: PurchaseLineNode | None = to_one(
        lambda: PurchaseLineNode, "purchase_line_id", "What was paid for it."
    )


@strawberry.input(description="Which entitlements; what is null asks for nothing.")
class EntitlementFilter:
    product: strawberry.ID | None = strawberry.field(default=None, description="For this product.")
    edition: strawberry.ID | None = strawberry.field(default=None, description="For this edition.")
    agreement: strawberry.ID | None = strawberry.field(default=None, description="Under this contract.")
    state: str | None = strawberry.field(default=None, description="In this state.")


@strawberry.input(description="Which agreements; what is null asks for nothing.")
class AgreementFilter:
    number: str | None = strawberry.field(default=None, description="With exactly this number.")
    state: str | None = strawberry.field(default=None, description="In this state.")


@strawberry.type
class RightsQuery:
    @root("The rights of use, newest first.", needs=RIGHTS)
    def entitlements(
        self, info: GraphInfo, filter: EntitlementFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[EntitlementNode] | None:
        rows = narrowed(
            EntitlementNode.rows(),
            filter,
            product="product_id",
            edition="edition_id",
            agreement="agreement_id",
            state="state",
        )
        return connection(EntitlementNode, info, first=first, after=after, rows=rows)

    @root("One right of use.", needs=RIGHTS)
    def entitlement(self, info: GraphInfo, id: strawberry.ID) -> EntitlementNode | None:
        return single(EntitlementNode, info, id=id)

    @root("The contracts, newest first.", needs=RIGHTS)
    def agreements(
        self, info: GraphInfo, filter: AgreementFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[AgreementNode] | None:
        rows = narrowed(AgreementNode.rows(), filter, number="number", state="state")
        return connection(AgreementNode, info, first=first, after=after, rows=rows)

    @root("One contract.", needs=RIGHTS)
    def agreement(self, info: GraphInfo, id: strawberry.ID) -> AgreementNode | None:
        return single(AgreementNode, info, id=id)

    @root("Orders and invoices, newest first.", needs=MONEY)
    def purchases(
        self, info: GraphInfo, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[PurchaseNode] | None:
        return connection(PurchaseNode, info, first=first, after=after)

    @root("One order or invoice.", needs=MONEY)
    def purchase(self, info: GraphInfo, id: strawberry.ID) -> PurchaseNode | None:
        return single(PurchaseNode, info, id=id)
