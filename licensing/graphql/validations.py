"""GraphQL of recorded validations, to read."""

from datetime import UTC, datetime
from typing import Any

import strawberry
from django.utils.translation import gettext as _

from kernel.errors import InvalidInput
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
    row_key,
    single,
    tenant_type,
)
from kernel.graphql.limits import USUAL_ROWS
from licensing.models import ValidationEvent

VIEW = "licensing.validation.view"


@tenant_type(ValidationEvent, name="Validation", permission=VIEW)
class ValidationEventNode(Node):
    """One question about a licence with its answer; users, devices and keys stand there as keyed digests."""

    id: strawberry.ID = column("The key of the row.")
    at: datetime = column("When it was answered, by the server's clock.")
    code: str = column("The answer.")
    refusal: str = column("Why an activation was refused although the licence may be valid.")
    version: str = column("The version that asked.")
    user: str = column("Keyed digest of the user, empty where none was named.")
    device: str = column("Keyed digest of the machine, empty where none was named.")
    client_at: datetime | None = column("What the client's clock said.")
    domain: str = column("The domain that was named.")
    country: str = column("The country of the address, or the one that was named.")
    network: str = column("The network of the address: /24 (IPv4) or /48 (IPv6).")
    sdk: str = column("The client software.")
    origin: str = column("Which call asked: online, activation or heartbeat.")

    @computed("The licence; null for a key that nobody issued.")
    def license_id(root: Any) -> strawberry.ID | None:  # noqa: N805  # the library gives the row
        return None if root.license_id is None else strawberry.ID(str(root.license_id))

    @computed("The features that were asked for.")
    def features(root: Any) -> list[str]:  # noqa: N805  # the library gives the row
        return [str(one) for one in root.features]


@strawberry.input(description="Which validations; what is null asks for nothing.")
class ValidationFilter:
    license: strawberry.ID | None = strawberry.field(default=None, description="Of this licence.")
    code: str | None = strawberry.field(default=None, description="With this answer.")
    origin: str | None = strawberry.field(default=None, description="Of this call.")
    since: datetime | None = strawberry.field(default=None, description="Not before this moment.")
    until: datetime | None = strawberry.field(default=None, description="Before this moment.")


def _moment(stated: datetime, member: str) -> datetime:
    """In UTC, where the first and the last hours of the calendar do not exist."""
    try:
        return stated.astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise InvalidInput(_("This moment is outside the calendar."), pointer=f"/filter/{member}") from error


@strawberry.type
class ValidationQuery:
    @root("The recorded validations, newest first.", needs=VIEW)
    def validations(
        self,
        info: GraphInfo,
        filter: ValidationFilter | None = None,
        first: First = USUAL_ROWS,
        after: After = None,
    ) -> Connection[ValidationEventNode] | None:
        rows = narrowed(ValidationEventNode.rows(), filter, code="code", origin="origin")
        if filter is not None and filter.license is not None:
            # A plain id, no key: a licence of another organisation has no rows here.
            rows = rows.filter(license_id=row_key(filter.license, pointer="/filter/license"))
        if filter is not None and filter.since is not None:
            rows = rows.filter(at__gte=_moment(filter.since, "since"))
        if filter is not None and filter.until is not None:
            rows = rows.filter(at__lt=_moment(filter.until, "until"))
        return connection(ValidationEventNode, info, first=first, after=after, rows=rows)

    @root("One recorded validation.", needs=VIEW)
    def validation(self, info: GraphInfo, id: strawberry.ID) -> ValidationEventNode | None:
        return single(ValidationEventNode, info, id=id)
