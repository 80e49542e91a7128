"""GraphQL of releases, bundles and use rights; which releases a licence may run; two mutations of releases."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import strawberry
from django.utils.translation import gettext as _

from kernel.clock import DatabaseClock
from kernel.errors import NotFound
from kernel.graphql import (
    After,
    Connection,
    First,
    GraphInfo,
    Node,
    column,
    connection,
    existing,
    loaded,
    narrowed,
    root,
    row_key,
    single,
    tenant_type,
    to_one,
)
from kernel.graphql.limits import USUAL_ROWS
from kernel.trail import Trail
from licensing.graphql.catalogue import EditionNode, ProductNode
from licensing.graphql.rights import EntitlementNode
from licensing.models import BundleItem, License, Release, UseRight
from licensing.operations.releases import publish_release, yank_release
from licensing.queries.license_facts import RELATED
from licensing.queries.releases import releases_for

CATALOGUE = "licensing.catalogue.view"
MANAGE = "licensing.catalogue.manage"
RIGHTS = "licensing.entitlement.view"
LICENSES = "licensing.license.view"


@tenant_type(Release, name="Release", permission=CATALOGUE)
class ReleaseNode(Node):
    """One version of a product. Its date decides which maintenance covers it."""

    id: strawberry.ID = column("The key of the release.")
    version: str = column("The version, as Semantic Versioning writes it.")
    channel: str = column("Whom it is for: stable, rc, beta or alpha.")
    status: str = column("What was decided: draft, published or yanked.")
    required_features: list[str] = column("Codes of the features that licences need to run it.")
    released_at: datetime | None = column("When it was published; null for a draft.")
    yanked_at: datetime | None = column("When it was taken back; null while it is not.")
    yanked_reason: str = column("Why it was taken back; empty while it is not.")
    created_at: datetime = column("When it was prepared.")
    product: ProductNode | None = to_one(lambda: ProductNode, "product_id", "The product.")


@tenant_type(BundleItem, name="BundleItem", permission=CATALOGUE)
class BundleItemNode(Node):
    """A product is a component of another: licences of the parent cover it."""

    id: strawberry.ID = column("The key of the row.")
    since: datetime = column("Since when.")
    ended_at: datetime | None = column("Until when; null while it is a component.")
    parent: ProductNode | None = to_one(lambda: ProductNode, "parent_id", "The bundle.")
    component: ProductNode | None = to_one(lambda: ProductNode, "component_id", "What belongs to it.")


@tenant_type(UseRight, name="UseRight", permission=RIGHTS)
class UseRightNode(Node):
    """What else may be done with the units of an entitlement."""

    id: strawberry.ID = column("The key of the use right.")
    kind: str = column("What: downgrade, upgrade, second_use, maintenance_version, virtualisation and others.")
    ratio: Decimal = column("How many units of the target one unit covers.")
    since: datetime = column("Since when.")
    ended_at: datetime | None = column("Until when; null while it holds.")
    entitlement: EntitlementNode | None = to_one(lambda: EntitlementNode, "entitlement_id", "What is widened.")
    target_product: ProductNode | None = to_one(lambda: ProductNode, "target_product_id", "What may be used instead.")
    target_edition: EditionNode | None = to_one(lambda: EditionNode, "target_edition_id", "Which edition of it.")


@strawberry.type(description="A release, and whether a licence may run it now.")
class JudgedRelease:
    version: str = strawberry.field(description="The version.")
    channel: str = strawberry.field(description="Whom it is for: stable, rc, beta or alpha.")
    released_at: datetime = strawberry.field(description="When it was published.")
    eligible: bool = strawberry.field(description="Whether the licence may run it.")
    codes: list[str] = strawberry.field(description="What keeps the licence from it, as validation codes.")


@strawberry.type(description="The published releases of a licence's product, newest first.")
class LicenseReleases:
    eligible_until: datetime | None = strawberry.field(description="Releases until then are covered; null: all are.")
    releases: list[JudgedRelease] = strawberry.field(description="At most the latest 200.")


@strawberry.input(description="Which releases; what is null asks for nothing.")
class ReleaseFilter:
    product: strawberry.ID | None = strawberry.field(default=None, description="Of this product.")
    status: str | None = strawberry.field(default=None, description="With this status.")
    channel: str | None = strawberry.field(default=None, description="Of this channel.")


@strawberry.input(description="Which components; what is null asks for nothing.")
class BundleItemFilter:
    parent: strawberry.ID | None = strawberry.field(default=None, description="Of this bundle.")


@strawberry.input(description="Which use rights; what is null asks for nothing.")
class UseRightFilter:
    entitlement: strawberry.ID | None = strawberry.field(default=None, description="Of this entitlement.")
    kind: str | None = strawberry.field(default=None, description="Of this kind.")


@strawberry.type
class ReleaseQuery:
    @root("The releases of products, newest first.", needs=CATALOGUE)
    def releases(
        self, info: GraphInfo, filter: ReleaseFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[ReleaseNode] | None:
        rows = narrowed(ReleaseNode.rows(), filter, product="product_id", status="status", channel="channel")
        return connection(ReleaseNode, info, first=first, after=after, rows=rows)

    @root("One release.", needs=CATALOGUE)
    def release(self, info: GraphInfo, id: strawberry.ID) -> ReleaseNode | None:
        return single(ReleaseNode, info, id=id)

    @root("What products consist of, newest first.", needs=CATALOGUE)
    def bundle_items(
        self, info: GraphInfo, filter: BundleItemFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[BundleItemNode] | None:
        rows = narrowed(BundleItemNode.rows(), filter, parent="parent_id")
        return connection(BundleItemNode, info, first=first, after=after, rows=rows)

    @root("One component of a bundle.", needs=CATALOGUE)
    def bundle_item(self, info: GraphInfo, id: strawberry.ID) -> BundleItemNode | None:
        return single(BundleItemNode, info, id=id)

    @root("What else may be done with rights of use, newest first.", needs=RIGHTS)
    def use_rights(
        self, info: GraphInfo, filter: UseRightFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[UseRightNode] | None:
        rows = narrowed(UseRightNode.rows(), filter, entitlement="entitlement_id", kind="kind")
        return connection(UseRightNode, info, first=first, after=after, rows=rows)

    @root("One use right.", needs=RIGHTS)
    def use_right(self, info: GraphInfo, id: strawberry.ID) -> UseRightNode | None:
        return single(UseRightNode, info, id=id)

    @root("Which releases a licence may run now; null and NOT_FOUND for a licence that is not there.", needs=LICENSES)
    def license_releases(self, info: GraphInfo, id: strawberry.ID) -> LicenseReleases | None:
        key = row_key(id, pointer="/id")
        row = License.objects.select_related(*RELATED).filter(id=key).first()
        if row is None:
            raise NotFound(_("There is no such row in your organisation."), pointer="/id")
        found = releases_for(license=row, at=DatabaseClock().now())
        return LicenseReleases(
            eligible_until=found.until,
            releases=[
                JudgedRelease(
                    version=one.row.version,
                    channel=one.row.channel,
                    released_at=one.verdict.release.released_at,
                    eligible=one.verdict.is_eligible,
                    codes=[code.value for code in one.verdict.codes],
                )
                for one in found.releases
            ],
        )


@strawberry.input(description="Which release is published.")
class PublishReleaseInput:
    id: strawberry.ID = strawberry.field(description="The release, a draft.")


@strawberry.input(description="Which release is taken back, and why.")
class YankReleaseInput:
    id: strawberry.ID = strawberry.field(description="The release.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.type
class ReleaseMutation:
    @root("Publishes a draft as of now.", needs=MANAGE)
    def publish_release(self, info: GraphInfo, input: PublishReleaseInput) -> ReleaseNode | None:
        key = row_key(input.id, pointer="/input/id")

        def work(trail: Trail) -> UUID:
            existing(ReleaseNode, key, pointer="/input/id")
            return publish_release(release_id=key, trail=trail).id

        return loaded(ReleaseNode, info, key=info.context.write(info, work))

    @root("Takes a published release back; validation refuses it.", needs=MANAGE)
    def yank_release(self, info: GraphInfo, input: YankReleaseInput) -> ReleaseNode | None:
        key = row_key(input.id, pointer="/input/id")

        def work(trail: Trail) -> UUID:
            existing(ReleaseNode, key, pointer="/input/id")
            return yank_release(release_id=key, reason=input.reason, trail=trail).id

        return loaded(ReleaseNode, info, key=info.context.write(info, work))
