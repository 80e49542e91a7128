"""GraphQL of what happens to a licence: each mutation is one operation in a trail of its own."""

from collections.abc import Callable
from uuid import UUID

import strawberry

from kernel.graphql import GraphInfo, existing, loaded, root, row_key
from kernel.trail import Trail
from licensing.graphql.issuing import ActivationNode, LicenseNode
from licensing.models import License
from licensing.operations import reinstate_license, release_activation, suspend_license

SUSPEND = "licensing.license.suspend"
RELEASE = "licensing.activation.release"


@strawberry.input(description="Which licence is suspended, and why.")
class SuspendLicenseInput:
    id: strawberry.ID = strawberry.field(description="The licence.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="Which licence is valid again, and why.")
class ReinstateLicenseInput:
    id: strawberry.ID = strawberry.field(description="The licence.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="Which activation ends, and why.")
class ReleaseActivationInput:
    id: strawberry.ID = strawberry.field(description="The activation.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.type
class LicensingMutation:
    @root("Lets validation refuse an active licence until it is reinstated.", needs=SUSPEND)
    def suspend_license(self, info: GraphInfo, input: SuspendLicenseInput) -> LicenseNode | None:
        def work(key: UUID, trail: Trail) -> License:
            return suspend_license(license_id=key, reason=input.reason, trail=trail)

        return _changed(info, input.id, work)

    @root("Ends the suspension of a licence; its term has run on meanwhile.", needs=SUSPEND)
    def reinstate_license(self, info: GraphInfo, input: ReinstateLicenseInput) -> LicenseNode | None:
        def work(key: UUID, trail: Trail) -> License:
            return reinstate_license(license_id=key, reason=input.reason, trail=trail)

        return _changed(info, input.id, work)

    @root("Ends an activation: its machine loses the place at once.", needs=RELEASE)
    def release_activation(self, info: GraphInfo, input: ReleaseActivationInput) -> ActivationNode | None:
        key = row_key(input.id, pointer="/input/id")

        def work(trail: Trail) -> UUID:
            existing(ActivationNode, key, pointer="/input/id")
            return release_activation(activation_id=key, reason=input.reason, trail=trail).id

        return loaded(ActivationNode, info, key=info.context.write(info, work))


def _changed(info: GraphInfo, id: str, change: Callable[[UUID, Trail], License]) -> LicenseNode:
    key = row_key(id, pointer="/input/id")

    def work(trail: Trail) -> UUID:
        existing(LicenseNode, key, pointer="/input/id")
        return change(key, trail).id

    return loaded(LicenseNode, info, key=info.context.write(info, work))
