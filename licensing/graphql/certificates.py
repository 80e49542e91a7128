"""GraphQL of certificates that left the house. Their tokens were handed out once and are shown nowhere."""

from datetime import datetime
from typing import Any

import strawberry

from kernel.clock import SystemClock
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
    to_one,
)
from kernel.graphql.limits import USUAL_ROWS
from licensing.graphql.issuing import VIEW, LicenseNode
from licensing.models import Certificate
from licensing.queries.certificates import checked_out


@tenant_type(Certificate, name="Certificate", permission=VIEW)
class CertificateNode(Node):
    """A signed certificate: it holds up to, not at, `expiresAt`, or until it is returned."""

    id: strawberry.ID = column("The key of the row.")
    jti: strawberry.ID = column("The certificate's own id, as it stands in the token.")
    kind: str = column("What it certifies: license.")
    sequence: int = column("Counts the certificates of the licence.")
    issued_at: datetime = column("When it was signed.")
    expires_at: datetime | None = column("When it ends; null: with a licence that never does.")
    returned_at: datetime | None = column("When its holder returned it, or somebody recalled it.")
    license: LicenseNode | None = to_one(lambda: LicenseNode, "license_id", "The licence that it certifies.")

    @computed("Whether it was checked out: it takes a seat of the licence until it ends or is returned.")
    def checked_out(root: Any) -> bool:  # noqa: N805  # the library gives the row
        return bool(root.holder is not None)

    @computed("Whether somebody recalled it.")
    def recalled(root: Any) -> bool:  # noqa: N805  # the library gives the row
        return bool(root.return_reason)


@strawberry.input(description="Which certificates; what is null asks for nothing.")
class CertificateFilter:
    license: strawberry.ID | None = strawberry.field(default=None, description="Of this licence.")
    kind: str | None = strawberry.field(default=None, description="Of this kind.")
    out: bool | None = strawberry.field(default=None, description="Whether they take a seat now.")


@strawberry.type
class CertificateQuery:
    @root("The certificates, newest first.", needs=VIEW)
    def certificates(
        self,
        info: GraphInfo,
        filter: CertificateFilter | None = None,
        first: First = USUAL_ROWS,
        after: After = None,
    ) -> Connection[CertificateNode] | None:
        rows = CertificateNode.rows()
        if filter is not None and filter.out is not None:
            taking = checked_out(at=SystemClock().now()).values("id")
            rows = rows.filter(id__in=taking) if filter.out else rows.exclude(id__in=taking)
        return connection(
            CertificateNode,
            info,
            first=first,
            after=after,
            rows=narrowed(rows, filter, license="license_id", kind="kind"),
        )

    @root("One certificate.", needs=VIEW)
    def certificate(self, info: GraphInfo, id: strawberry.ID) -> CertificateNode | None:
        return single(CertificateNode, info, id=id)
