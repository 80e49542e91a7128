"""GraphQL of the catalogue and of business partners."""

from datetime import datetime

import strawberry

from kernel.graphql import (
    After,
    Connection,
    First,
    GraphInfo,
    Node,
    column,
    connection,
    narrowed,
    root,
    single,
    tenant_type,
    to_many,
    to_one,
)
from kernel.graphql.limits import USUAL_ROWS
from licensing.models import Edition, Feature, Metric, Party, Product, Publisher

VIEW = "licensing.catalogue.view"


@tenant_type(Publisher, name="Publisher", permission=VIEW)
class PublisherNode(Node):
    """Whose software it is, under the canonical name."""

    id: strawberry.ID = column("The key of the publisher.")
    name: str = column("The canonical name.")
    created_at: datetime = column("When it was added.")
    products: "Connection[ProductNode] | None" = to_many(lambda: ProductNode, "publisher_id", "Its products.")


@tenant_type(Product, name="Product", permission=VIEW)
class ProductNode(Node):
    """A piece of software under its canonical name."""

    id: strawberry.ID = column("The key of the product.")
    name: str = column("The canonical name.")
    code: str = column("What clients of validation ask for; empty for products that are only bought.")
    unspsc: str = column("The eight-digit class of the UNSPSC; empty where unknown.")
    swid_tag_id: str = column("The tagId of ISO/IEC 19770-2; empty where unknown.")
    created_at: datetime = column("When it was added.")
    publisher: PublisherNode | None = to_one(lambda: PublisherNode, "publisher_id", "Whose software it is.")
    editions: "Connection[EditionNode] | None" = to_many(
        lambda: EditionNode, "product_id", "The variants that are licensed on their own."
    )


@tenant_type(Edition, name="Edition", permission=VIEW)
class EditionNode(Node):
    """A variant of a product that is licensed on its own."""

    id: strawberry.ID = column("The key of the edition.")
    name: str = column("The name.")
    created_at: datetime = column("When it was added.")
    product: ProductNode | None = to_one(lambda: ProductNode, "product_id", "The product.")


@tenant_type(Feature, name="ProductFeature", permission=VIEW)
class ProductFeatureNode(Node):
    """Something that licences of a product switch on."""

    id: strawberry.ID = column("The key of the feature.")
    code: str = column("The code that clients ask for.")
    name: str = column("The name.")
    description: str = column("What it is, for people; may be empty.")
    kind: str = column("What a grant of it carries: boolean (nothing), quantity (a quota) or choice.")
    choices: list[str] = column("The values of a choice, in rising order; otherwise empty.")
    created_at: datetime = column("When it was described.")
    product: ProductNode | None = to_one(lambda: ProductNode, "product_id", "The product.")


@tenant_type(Metric, name="Metric", permission=VIEW)
class MetricNode(Node):
    """How rights are counted: one version of a definition, which is never edited after use."""

    id: strawberry.ID = column("The key of the version.")
    code: str = column("The code, the same for all versions.")
    version: int = column("The number of the version.")
    name: str = column("The name.")
    subject: str = column("What is counted: person, device, session, core, unit or site.")
    function: str = column("The way of counting: count, distinct, peak, sum, per_core or tiered.")
    rounding: str = column("How parts of a unit are rounded: up or nearest.")
    superseded_at: datetime | None = column("Since when a later version is in force; null for the one in force.")


@tenant_type(Party, name="Party", permission=VIEW)
class PartyNode(Node):
    """A company or person that the organisation deals with; never an organisation of this installation itself."""

    id: strawberry.ID = column("The key of the party.")
    kind: str = column("What it does: licensor, licensee, reseller or affiliate.")
    name: str = column("The name.")
    email: str = column("The e-mail address; empty where unknown.")
    territory: str = column("ISO 3166-1 alpha-2 code of where it is; empty where unknown.")
    barred_at: datetime | None = column("Since when its licences validate no more; null while they do.")
    created_at: datetime = column("When it was added.")
    parent: "PartyNode | None" = to_one(lambda: PartyNode, "parent_id", "The party that it belongs to.")
    children: "Connection[PartyNode] | None" = to_many(lambda: PartyNode, "parent_id", "The parties that belong to it.")


@strawberry.input(description="Which publishers; what is null asks for nothing.")
class PublisherFilter:
    name: str | None = strawberry.field(default=None, description="With this name, in any case.")


@strawberry.input(description="Which products; what is null asks for nothing.")
class ProductFilter:
    name: str | None = strawberry.field(default=None, description="With this name, in any case.")
    code: str | None = strawberry.field(default=None, description="With exactly this code.")
    publisher: strawberry.ID | None = strawberry.field(default=None, description="Of this publisher.")


@strawberry.input(description="Which parties; what is null asks for nothing.")
class PartyFilter:
    kind: str | None = strawberry.field(default=None, description="Of this kind.")
    name: str | None = strawberry.field(default=None, description="With this name, in any case.")


@strawberry.input(description="Which features of products; what is null asks for nothing.")
class ProductFeatureFilter:
    code: str | None = strawberry.field(default=None, description="With exactly this code.")
    product: strawberry.ID | None = strawberry.field(default=None, description="Of this product.")


@strawberry.input(description="Which metrics; what is null asks for nothing.")
class MetricFilter:
    code: str | None = strawberry.field(default=None, description="All versions with this code.")


@strawberry.type
class CatalogueQuery:
    @root("The publishers of the catalogue, newest first.", needs=VIEW)
    def publishers(
        self, info: GraphInfo, filter: PublisherFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[PublisherNode] | None:
        rows = narrowed(PublisherNode.rows(), filter, name="name_lower")
        return connection(PublisherNode, info, first=first, after=after, rows=rows)

    @root("One publisher.", needs=VIEW)
    def publisher(self, info: GraphInfo, id: strawberry.ID) -> PublisherNode | None:
        return single(PublisherNode, info, id=id)

    @root("The products of the catalogue, newest first.", needs=VIEW)
    def products(
        self, info: GraphInfo, filter: ProductFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[ProductNode] | None:
        rows = narrowed(ProductNode.rows(), filter, name="name_lower", code="code", publisher="publisher_id")
        return connection(ProductNode, info, first=first, after=after, rows=rows)

    @root("One product.", needs=VIEW)
    def product(self, info: GraphInfo, id: strawberry.ID) -> ProductNode | None:
        return single(ProductNode, info, id=id)

    @root("One edition.", needs=VIEW)
    def edition(self, info: GraphInfo, id: strawberry.ID) -> EditionNode | None:
        return single(EditionNode, info, id=id)

    @root("The features that products have, newest first.", needs=VIEW)
    def product_features(
        self,
        info: GraphInfo,
        filter: ProductFeatureFilter | None = None,
        first: First = USUAL_ROWS,
        after: After = None,
    ) -> Connection[ProductFeatureNode] | None:
        rows = narrowed(ProductFeatureNode.rows(), filter, code="code", product="product_id")
        return connection(ProductFeatureNode, info, first=first, after=after, rows=rows)

    @root("One feature of a product.", needs=VIEW)
    def product_feature(self, info: GraphInfo, id: strawberry.ID) -> ProductFeatureNode | None:
        return single(ProductFeatureNode, info, id=id)

    @root("The metrics, newest first.", needs=VIEW)
    def metrics(
        self, info: GraphInfo, filter: MetricFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[MetricNode] | None:
        return connection(
            MetricNode, info, first=first, after=after, rows=narrowed(MetricNode.rows(), filter, code="code")
        )

    @root("One version of a metric.", needs=VIEW)
    def metric(self, info: GraphInfo, id: strawberry.ID) -> MetricNode | None:
        return single(MetricNode, info, id=id)

    @root("The business partners, newest first.", needs=VIEW)
    def parties(
        self, info: GraphInfo, filter: PartyFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[PartyNode] | None:
        rows = narrowed(PartyNode.rows(), filter, kind="kind", name="name_lower")
        return connection(PartyNode, info, first=first, after=after, rows=rows)

    @root("One business partner.", needs=VIEW)
    def party(self, info: GraphInfo, id: strawberry.ID) -> PartyNode | None:
        return single(PartyNode, info, id=id)
